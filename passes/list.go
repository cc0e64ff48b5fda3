package passes

import (
	"mmc/ir"
	"mmc/passes/expand"
	"mmc/passes/fuse"
	"mmc/passes/grad"
	"mmc/passes/hoist"
	"mmc/passes/memplan"
	"mmc/passes/rewrite"
	"mmc/passes/simplify"
)

// Pipeline is the list of the passes that rewrite graphs, in order. Planning follows it.
var Pipeline = []Pass{
	{Name: "grad", Doc: "expands gradients, innermost first",
		Run: func(g *ir.Graph, _ rewrite.Weights) { grad.Expand(g) }},
	{Name: "expand", Doc: "writes operators without kernels of their own in simpler ones",
		After: map[string]string{"grad": "a composite operator has a gradient of its own, better than that of its parts"},
		Run:   func(g *ir.Graph, _ rewrite.Weights) { expand.Run(g) }},
	{Name: "simplify", Doc: "algebra, movement, constants, scales into weights, common subexpressions",
		After: map[string]string{
			"grad":   "gradients are taken of what the user wrote; rules may then drop what no gradient needs",
			"expand": "the parts of a composite operator meet the operators around it",
		},
		Run: func(g *ir.Graph, w rewrite.Weights) { simplify.Run(g, w) }},
}

// Planning is the rest of the list: the passes that turn graphs into programs, each graph of the module first, then that of what is
// prepared for them, then that of first values.
var Planning = []Pass{
	{Name: "hoist", Doc: "moves what depends on weights alone to a program that runs at load",
		After: map[string]string{"simplify": "scales folded into weights make more depend on weights alone"},
		plan: func(j *job) {
			if j.inference {
				j.graph = hoist.Run(j.graph, j.prepare, j.weights)
			}
		}},
	{Name: "fuse", Doc: "decides which values are stored; one nest for each group of others",
		After: map[string]string{"hoist": "what is computed at load is an operand like any other"},
		plan:  func(j *job) { j.groups = fuse.Run(j.graph) }},
	{Name: "layout", Doc: "order of axes, borders and slices of stored values; templates; copies where they are needed",
		After: map[string]string{"fuse": "an order of axes is chosen for what is stored"},
		plan:  func(j *job) { j.program = j.lay(j.graph, j.groups) }},
	{Name: "memplan", Doc: "puts all buffers into one arena, for any size",
		After: map[string]string{"layout": "borders, slices and copies are part of the memory"},
		plan:  func(j *job) { memplan.Run(j.program) }},
}

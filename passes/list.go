package passes

import (
	"mmc/ir"
	"mmc/passes/grad"
	"mmc/passes/simplify"
)

// Pipeline is the list of graph passes, in order. The passes that make a plan of a graph follow it in Plan:
//
//	hoist    after simplify: folding batch statistics into weights makes more of the graph depend on weights alone
//	fuse     before layout: an order of axes is chosen for values that are stored, and fuse decides which are
//	layout   before memplan: it knows borders, slices and scratch, which are part of the arena
//	memplan  last: everything that needs memory is known
var Pipeline = []Pass{
	{Name: "grad", Doc: "expands gradients, innermost first", Run: grad.Expand},
	{Name: "simplify", Doc: "algebra, movement, constants, scales into weights, common subexpressions",
		After: map[string]string{"grad": "gradients are taken of what the user wrote; rules may then drop what no gradient needs"},
		Run:   func(g *ir.Graph) { simplify.Run(g) }},
}

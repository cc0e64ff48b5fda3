package passes

import (
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/loop"
	"mmc/ir/plan"
	"mmc/passes/hoist"
	"mmc/passes/layout"
	"mmc/passes/rewrite"
)

// Plan makes a module ready for a target: it runs the passes of Pipeline, which change its graphs, and those of
// Planning.
func Plan(m *ir.Module, opt Options) (*plan.Package, error) {
	if err := Simplified(m, opt); err != nil {
		return nil, err
	}
	p := &planner{opt: opt, weights: rewrite.WeightsOf(m), prepare: hoist.New(), prepared: layout.NewPrepared()}
	pkg := &plan.Package{Module: m}
	for _, g := range m.Graphs {
		j := &job{planner: p, graph: g, inference: !g.Train, lay: layOut(nil)}
		if j.inference {
			j.lay = layOut(p.prepared)
		}
		pkg.Graphs = append(pkg.Graphs, p.run(j))
	}
	if len(p.prepared.Demands) > 0 {
		g := p.prepareGraph()
		pkg.Prepare = p.run(&job{planner: p, graph: g, lay: func(g *ir.Graph, groups []*plan.Group) *plan.Program {
			return layout.Fulfil(g, groups, p.prepared)
		}})
	}
	first, err := firstValues(m)
	if err != nil {
		return nil, &Error{"initial values", m.Name, err}
	}
	if first != nil {
		pkg.Init = p.run(&job{planner: p, graph: first, lay: layOut(nil)})
	}
	if p.err != nil {
		return nil, p.err
	}
	return pkg, nil
}

// planner is what the graphs of a module share on their way through Planning.
type planner struct {
	opt      Options
	weights  rewrite.Weights
	prepare  *hoist.Prepare
	prepared *layout.Prepared
	err      error
}

// job is one graph on its way: each pass of Planning takes what the one before it has left here.
type job struct {
	*planner
	inference bool // reads weights that nothing changes
	lay       func(*ir.Graph, []*plan.Group) *plan.Program

	graph   *ir.Graph
	groups  []*plan.Group
	program *plan.Program
}

// run takes a graph through Planning. The first pass after which a graph is broken is the error of the whole.
func (p *planner) run(j *job) *plan.Program {
	whole := j.graph
	for _, pass := range Planning {
		if p.err != nil {
			return nil
		}
		pass.plan(j)
		p.err = p.opt.observe(pass.Name, j.graph)
	}
	return figures(j.program, whole)
}

// layOut is layout.Run with the prepare program that a graph may demand weights of; nil for a graph that may not.
func layOut(from *layout.Prepared) func(*ir.Graph, []*plan.Group) *plan.Program {
	return func(g *ir.Graph, groups []*plan.Group) *plan.Program { return layout.Run(g, groups, from) }
}

// prepareGraph is the graph of what the others demand.
func (p *planner) prepareGraph() *ir.Graph {
	g := p.prepare.Graph
	for _, d := range p.prepared.Demands {
		g.Results = append(g.Results, &ir.Result{Name: d.View.Buf.Name, Role: ir.Prepared, Value: d.Value})
	}
	rewrite.Dead(g)
	return g
}

// figures states the figures of a program. NodesBefore counts the kernels that a node-by-node execution would run.
func figures(p *plan.Program, g *ir.Graph) *plan.Program {
	if p == nil {
		return nil
	}
	for _, n := range g.Nodes {
		if len(n.Args) > 0 && !n.Op.Has(ir.View) {
			p.Stats.NodesBefore++
		}
	}
	for _, s := range p.Steps {
		if _, ok := loop.MatchProduct(s.Nest); ok {
			p.Stats.FLOPs = p.Stats.FLOPs.Add(work(s.Nest))
		}
	}
	return p
}

// work counts two operations for each product that a nest sums.
func work(n *loop.Nest) dim.Expr {
	flops := dim.Int(2)
	for _, a := range n.Axes {
		flops = flops.Mul(a.Extent)
	}
	return flops
}

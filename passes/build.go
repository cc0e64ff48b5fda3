package passes

import (
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/loop"
	"mmc/ir/plan"
	"mmc/passes/fuse"
	"mmc/passes/hoist"
	"mmc/passes/layout"
	"mmc/passes/memplan"
	"mmc/passes/rewrite"
)

// Plan makes a module ready for a target: it runs the passes of Pipeline, which change its graphs, and those of
// Planning.
func Plan(m *ir.Module, opt Options) (*plan.Package, error) {
	if err := Simplified(m, opt); err != nil {
		return nil, err
	}
	pkg := &plan.Package{Module: m}
	weights, prepare, prepared := rewrite.WeightsOf(m), hoist.New(), layout.NewPrepared()
	for _, g := range m.Graphs {
		run, from := g, (*layout.Prepared)(nil)
		if !g.Train {
			run, from = hoist.Run(g, prepare, weights), prepared
			if err := opt.observe("hoist", run); err != nil {
				return nil, err
			}
		}
		pkg.Graphs = append(pkg.Graphs, finish(layout.Run(run, fuse.Run(run), from), g))
	}
	if len(prepared.Demands) > 0 {
		for _, d := range prepared.Demands {
			prepare.Graph.Results = append(prepare.Graph.Results, &ir.Result{Name: d.View.Buf.Name, Role: ir.Prepared, Value: d.Value})
		}
		rewrite.Dead(prepare.Graph)
		pkg.Prepare = finish(layout.Fulfil(prepare.Graph, fuse.Run(prepare.Graph), prepared), prepare.Graph)
	}
	if g, err := firstValues(m); err != nil || g != nil {
		if err != nil {
			return nil, &Error{"initial values", m.Name, err}
		}
		pkg.Init = finish(layout.Run(g, fuse.Run(g), nil), g)
	}
	return pkg, nil
}

// finish plans the memory of a laid-out graph and states its figures. NodesBefore counts the kernels that a node-by-node
// execution would run.
func finish(p *plan.Program, g *ir.Graph) *plan.Program {
	memplan.Run(p)
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

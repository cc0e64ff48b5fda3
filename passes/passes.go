// Package passes declares the pipeline from a lowered module to a plan: one list, in order, each entry with what it needs
// and why it stands where it stands. The passes themselves live in packages of their own and know nothing of each other
// beyond the types they share.
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
)

// Pass rewrites one graph in place. Before lists passes that must have run, with the reason.
type Pass struct {
	Name  string
	Doc   string
	After map[string]string
	Run   func(*ir.Graph)
}

// Options choose what a build does.
type Options struct {
	// Observe is called after each pass on a graph, with the pass's name: dumps and tests look here.
	Observe func(pass string, g *ir.Graph)
	// Verify is called after each pass and reports a broken graph; nil checks nothing.
	Verify func(*ir.Graph) error
}

// Error is a bug of the compiler found after a pass.
type Error struct {
	Pass, Graph string
	Err         error
}

func (e *Error) Error() string {
	return "after pass " + e.Pass + " on graph " + e.Graph + ": " + e.Err.Error()
}
func (e *Error) Unwrap() error { return e.Err }

// Simplified runs the graph passes on every graph of the module, in place.
func Simplified(m *ir.Module, opt Options) error {
	for _, g := range m.Graphs {
		if err := transform(g, opt); err != nil {
			return err
		}
	}
	for _, c := range m.Cells {
		if c.Init != nil && c.Init.Graph != nil {
			if err := transform(c.Init.Graph, opt); err != nil {
				return err
			}
		}
	}
	return nil
}

// Until runs the graph passes up to and including the named one on every graph, in place.
func Until(m *ir.Module, last string) error {
	for i, p := range Pipeline {
		if p.Name == last {
			for _, g := range m.Graphs {
				if err := sequence(Pipeline[:i+1], g, Options{}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func transform(g *ir.Graph, opt Options) error { return sequence(Pipeline, g, opt) }

func sequence(list []Pass, g *ir.Graph, opt Options) error {
	for _, p := range list {
		p.Run(g)
		if opt.Verify != nil {
			if err := opt.Verify(g); err != nil {
				return &Error{p.Name, g.Name, err}
			}
		}
		if opt.Observe != nil {
			opt.Observe(p.Name, g)
		}
	}
	return nil
}

// Plan makes a module ready for a target: it runs the graph passes, then hoist, fuse, layout and memplan.
func Plan(m *ir.Module, opt Options) (*plan.Package, error) {
	if err := Simplified(m, opt); err != nil {
		return nil, err
	}
	pkg := &plan.Package{Module: m}
	prepare, prepared := hoist.New(), layout.NewPrepared()
	for _, g := range m.Graphs {
		run, from := g, (*layout.Prepared)(nil)
		if !g.Train {
			run, from = hoist.Run(g, prepare), prepared
		}
		pkg.Graphs = append(pkg.Graphs, program(layout.Run(run, fuse.Run(run), from), g))
	}
	if len(prepared.Demands) > 0 {
		for _, d := range prepared.Demands {
			prepare.Graph.Results = append(prepare.Graph.Results, &ir.Result{Name: d.View.Buf.Name, Role: ir.Prepared, Value: d.Value})
		}
		pkg.Prepare = layout.Fulfil(prepare.Graph, fuse.Run(prepare.Graph), prepared)
		memplan.Run(pkg.Prepare)
	}
	return pkg, nil
}

// program finishes a laid-out graph. NodesBefore counts the kernels that a node-by-node execution would run.
func program(p *plan.Program, g *ir.Graph) *plan.Program {
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

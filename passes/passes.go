// Package passes declares the way from a lowered module to a plan: one list, in order, each entry with what it does, what must
// come before it and why. The passes themselves live in packages of their own and know nothing of each other beyond the
// types they share: graphs (ir), groups and programs (ir/plan).
//
//	grad, expand, simplify    graph -> graph, for each graph of the module and each graph of a first value
//	hoist                     graph -> graph + additions to the one prepare graph of the module
//	fuse                      graph -> groups
//	layout                    groups -> program, + demands for packed weights on the prepare graph
//	memplan                   program -> program with offsets
//
// A failure after lowering is a bug of the compiler. Passes panic with what they met; with Options.Verify the graph is
// checked after every pass.
package passes

import (
	"mmc/ir"
	"mmc/passes/rewrite"
)

// Pass is an entry of the list. After names passes that must have run before it, with the reason. A pass of Pipeline has Run, one of
// Planning has plan.
type Pass struct {
	Name  string
	Doc   string
	After map[string]string
	Run   func(*ir.Graph, rewrite.Weights)
	plan  func(*job)
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
func Simplified(m *ir.Module, opt Options) error { return sequence(m, Pipeline, opt) }

// Until runs the graph passes up to and including the named one on every graph, in place. An unknown name runs none.
func Until(m *ir.Module, last string) error {
	for i, p := range Pipeline {
		if p.Name == last {
			return sequence(m, Pipeline[:i+1], Options{})
		}
	}
	return nil
}

// sequence runs the graph passes of the list on every graph of the module, those of first values included.
func sequence(m *ir.Module, list []Pass, opt Options) error {
	weights := rewrite.WeightsOf(m)
	graphs := append([]*ir.Graph(nil), m.Graphs...)
	for _, c := range m.Cells {
		if c.Init != nil && c.Init.Graph != nil {
			graphs = append(graphs, c.Init.Graph)
		}
	}
	for _, g := range graphs {
		for _, p := range list {
			p.Run(g, weights)
			if err := opt.observe(p.Name, g); err != nil {
				return err
			}
		}
	}
	return nil
}

// observe lets the caller look at g after a pass.
func (o Options) observe(pass string, g *ir.Graph) error {
	if o.Verify != nil {
		if err := o.Verify(g); err != nil {
			return &Error{pass, g.Name, err}
		}
	}
	if o.Observe != nil {
		o.Observe(pass, g)
	}
	return nil
}

// Package hoist moves what depends on weights alone out of an inference graph. The moved nodes go to one prepare graph
// that all graphs of a package share; it runs once per loaded set of weights. What the graph still needs of it becomes
// arguments with the role Prepared. Index maps (broadcasts, transposes) stay behind, since they cost nothing where they
// are and would cost memory if stored.
//
// It needs a graph without markers. Graphs that train, and cells that inference writes, are left alone.
package hoist

import (
	"fmt"
	"slices"
	"strings"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/passes/fuse"
	"mmc/passes/rewrite"
)

// Prepare is the graph under construction.
type Prepare struct {
	Graph *ir.Graph
	known map[string]*ir.Value // structural key -> value
}

// New returns an empty prepare graph.
func New() *Prepare {
	return &Prepare{Graph: &ir.Graph{Name: "prepare", Facts: new(dim.Facts)}, known: map[string]*ir.Value{}}
}

// Run returns a copy of g that reads hoisted values as arguments.
func Run(g *ir.Graph, p *Prepare, weights rewrite.Weights) *ir.Graph {
	h := &hoister{g: g, prepare: p, moved: map[*ir.Value]*ir.Value{}, kept: map[*ir.Value]*ir.Value{}}
	out := *g
	out.Args, out.Nodes, out.Results = nil, nil, nil
	h.out = &out
	for _, a := range g.Args {
		if a.Role == ir.CellOf && weights[a.Cell] {
			h.moved[a.Value] = p.cell(a)
			continue
		}
		out.Args = append(out.Args, a)
		h.kept[a.Value] = a.Value
	}
	for _, n := range g.Nodes {
		h.move(n)
	}
	for _, r := range g.Results {
		c := *r
		c.Value = h.value(r.Value)
		out.Results = append(out.Results, &c)
	}
	out.Nodes = h.order // operands were copied before their users, so the order respects use-def
	return &out
}

type hoister struct {
	g, out  *ir.Graph
	prepare *Prepare
	moved   map[*ir.Value]*ir.Value // value of g -> its copy in the prepare graph
	kept    map[*ir.Value]*ir.Value // value of g -> its copy in the new graph
	order   []*ir.Node
}

// move puts n into the prepare graph if all it needs is there; otherwise it stays, to be copied when something asks for it.
func (h *hoister) move(n *ir.Node) {
	if len(n.Regions) > 0 || !h.constant(n) {
		h.stay(n)
		return
	}
	args := make([]*ir.Value, len(n.Args))
	for i, a := range n.Args {
		args[i] = h.moved[a]
		if args[i] == nil {
			h.stay(n)
			return
		}
	}
	for i, v := range h.prepare.node(n, args) {
		h.moved[n.Results[i]] = v
	}
}

// constant reports whether no size of a call has a part in n, neither in a result's shape nor in an attribute: the prepare program
// runs when no call has told its sizes yet.
func (h *hoister) constant(n *ir.Node) bool {
	for _, v := range n.Results {
		if !known(v.Type.Shape...) {
			return false
		}
	}
	for _, a := range n.Attrs {
		switch a := a.(type) {
		case dim.Expr:
			if !known(a) {
				return false
			}
		case []dim.Expr:
			if !known(a...) {
				return false
			}
		}
	}
	return true
}

// known reports whether all sizes are numbers.
func known(dims ...dim.Expr) bool {
	return !slices.ContainsFunc(dims, func(d dim.Expr) bool { _, ok := d.Const(); return !ok })
}

// stay copies n into the new graph.
func (h *hoister) stay(n *ir.Node) {
	c := *n
	c.Args = make([]*ir.Value, len(n.Args))
	for i, a := range n.Args {
		c.Args[i] = h.value(a)
	}
	c.Results = make([]*ir.Value, len(n.Results))
	for i, v := range n.Results {
		w := *v
		w.Node = &c
		c.Results[i] = &w
		h.kept[v] = &w
	}
	h.order = append(h.order, &c)
}

// value returns v in the new graph. A moved value becomes an argument, unless it is a leaf or an index map of one: those
// are copied instead.
func (h *hoister) value(v *ir.Value) *ir.Value {
	if w := h.kept[v]; w != nil {
		return w
	}
	if v.Node != nil && (len(v.Node.Args) == 0 || fuse.IsIndexMap(h.g, v.Node)) {
		h.stay(v.Node)
		return h.kept[v]
	}
	w := *v
	w.Node = nil
	if w.Name == "" && v.Node != nil {
		w.Name = strings.TrimPrefix(v.Node.Path+"."+v.Node.Op.Name, ".")
	} else if w.Name == "" {
		w.Name = h.moved[v].Name // the cell's
	}
	h.out.Args = append(h.out.Args, &ir.Arg{Name: w.Name, Role: ir.Prepared, Value: &w, Source: h.moved[v]})
	h.kept[v] = &w
	return &w
}

// cell returns the prepare graph's argument for the cell of a.
func (p *Prepare) cell(a *ir.Arg) *ir.Value {
	key := "cell " + a.Cell.Name
	if v := p.known[key]; v != nil {
		return v
	}
	v := &ir.Value{Type: a.Value.Type, Name: a.Cell.Name}
	p.Graph.Args = append(p.Graph.Args, &ir.Arg{Name: a.Name, Role: ir.CellOf, Value: v, Cell: a.Cell, Pos: a.Pos})
	p.known[key] = v
	return v
}

// node returns the results of n applied to args, adding it if no graph has asked for the same before.
func (p *Prepare) node(n *ir.Node, args []*ir.Value) []*ir.Value {
	key := n.Op.Name
	for _, a := range args {
		key += fmt.Sprintf(" %p", a)
	}
	for _, a := range n.Attrs {
		key += fmt.Sprintf("|%v", a)
	}
	if v := p.known[key]; v != nil {
		return v.Node.Results
	}
	c := *n
	c.Args = args
	c.Results = make([]*ir.Value, len(n.Results))
	for i, v := range n.Results {
		w := *v
		w.Node = &c
		c.Results[i] = &w
	}
	p.Graph.Nodes = append(p.Graph.Nodes, &c)
	p.known[key] = c.Results[0]
	return c.Results
}

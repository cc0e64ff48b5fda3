// Package grad expands gradients. A grad node says "the gradients of y with respect to xs"; this pass replaces it by the
// nodes that compute them: reverse accumulation over the nodes before it, where each operator's record (Op.Grad) builds
// the gradients of its operands.
//
// Nodes are visited in order, so an inner gradient is plain nodes when an outer one is taken, and derivatives of any order
// fall out. The pass runs before any rewriting: "with respect to x" means the value that the program named x, which a tap
// keeps apart. When no grad node is left, the taps and declared gradients have served and are removed.
//
// The pass knows the operators that are about differentiation itself, and no other.
package grad

import (
	"fmt"

	"mmc/ir"
	"mmc/ir/op"
)

// Expand expands the gradients of a graph in place.
func Expand(g *ir.Graph) {
	e := &expander{graph: g, subst: map[*ir.Value]*ir.Value{}}
	g.Nodes = e.block(g.Nodes, nil)
	e.results(g)

	e.subst = map[*ir.Value]*ir.Value{}
	g.Nodes = e.unmark(g.Nodes)
	e.results(g)
	g.Renumber()
}

// expander replaces values of one graph.
type expander struct {
	graph *ir.Graph
	subst map[*ir.Value]*ir.Value
}

func (e *expander) results(g *ir.Graph) {
	for _, r := range g.Results {
		r.Value = e.now(r.Value)
	}
}

// now is what has taken the place of v.
func (e *expander) now(v *ir.Value) *ir.Value {
	for {
		w, ok := e.subst[v]
		if !ok {
			return v
		}
		v = w
	}
}

func (e *expander) replace(vs []*ir.Value) {
	for i, v := range vs {
		vs[i] = e.now(v)
	}
}

// block expands a list of nodes. Outer are the nodes of enclosing blocks that come before: a gradient may lead through
// them, and its nodes then stand in the block of the grad node.
func (e *expander) block(nodes, outer []*ir.Node) []*ir.Node {
	visible := outer[:len(outer):len(outer)]
	var out []*ir.Node
	for _, n := range nodes {
		e.replace(n.Args)
		for _, r := range n.Regions {
			r.Nodes = e.block(r.Nodes, visible)
			e.replace(r.Results)
		}
		added := []*ir.Node{n}
		if n.Op == op.Grad {
			added = e.expand(n, visible)
		}
		out, visible = append(out, added...), append(visible, added...)
	}
	return out
}

// expand returns the nodes that compute the results of a grad node.
func (e *expander) expand(n *ir.Node, before []*ir.Node) []*ir.Node {
	t := newTape(e.graph, n)
	grads := t.differentiate(n.Args[0], n.Args[1:], before)
	for i, r := range n.Results {
		e.subst[r] = grads[i]
	}
	return alive(t.nodes, grads)
}

// unmark removes the nodes that only matter to gradients: their value is their first operand.
func (e *expander) unmark(nodes []*ir.Node) []*ir.Node {
	out := nodes[:0]
	for _, n := range nodes {
		e.replace(n.Args)
		for _, r := range n.Regions {
			r.Nodes = e.unmark(r.Nodes)
			e.replace(r.Results)
		}
		if n.Op.Has(ir.Marker) {
			e.subst[n.Result()] = n.Args[0]
			continue
		}
		out = append(out, n)
	}
	return out
}

// alive returns the nodes that the values need. Records build the gradients of all their operands, wanted or not.
func alive(nodes []*ir.Node, values []*ir.Value) []*ir.Node {
	needed := map[*ir.Value]bool{}
	for _, v := range values {
		needed[v] = true
	}
	keep := make([]bool, len(nodes))
	for i := len(nodes) - 1; i >= 0; i-- {
		for _, r := range nodes[i].Results {
			keep[i] = keep[i] || needed[r]
		}
		if keep[i] {
			nodes[i].EachUse(func(v *ir.Value) { needed[v] = true })
		}
	}
	var out []*ir.Node
	for i, n := range nodes {
		if keep[i] {
			out = append(out, n)
		}
	}
	return out
}

// tape accumulates the adjoints of one grad node.
type tape struct {
	builder *ir.Builder
	marker  *ir.Node
	nodes   []*ir.Node // what was built
	active  map[*ir.Value]bool
	adjoint map[*ir.Value]*ir.Value
}

func newTape(g *ir.Graph, marker *ir.Node) *tape {
	t := &tape{marker: marker, active: map[*ir.Value]bool{}, adjoint: map[*ir.Value]*ir.Value{}}
	t.builder = &ir.Builder{Facts: g.Facts, Emit: func(n *ir.Node) { t.nodes = append(t.nodes, n) }}
	t.builder.At(marker)
	return t
}

// differentiate returns the gradients of y with respect to xs.
func (t *tape) differentiate(y *ir.Value, xs []*ir.Value, before []*ir.Node) []*ir.Value {
	m := op.On(t.builder)
	t.activate(xs, before)
	t.adjoint[y] = m.Scalar(1, y.Type.DType)
	for i := len(before) - 1; i >= 0; i-- {
		t.node(before[i])
	}
	t.builder.At(t.marker)
	out := make([]*ir.Value, len(xs))
	for i, x := range xs {
		out[i] = t.adjoint[x]
		if out[i] == nil {
			out[i] = m.Zeros(x)
		}
	}
	return out
}

// activate marks the values that depend on xs differentiably: only their adjoints are wanted.
func (t *tape) activate(xs []*ir.Value, before []*ir.Node) {
	for _, x := range xs {
		t.active[x] = true
	}
	for _, n := range before {
		if n.Op.Has(ir.NoGradient) || !t.touches(n) {
			continue
		}
		for _, r := range n.Results {
			if r.Type.DType.IsFloat() {
				t.active[r] = true
			}
		}
	}
}

// touches reports whether a node, or a node in its regions, has an active operand.
func (t *tape) touches(n *ir.Node) bool {
	found := false
	n.EachUse(func(v *ir.Value) { found = found || t.active[v] })
	return found
}

// node passes the adjoints of a node's results on to its operands.
func (t *tape) node(n *ir.Node) {
	if n.Op.Has(ir.NoGradient) || !t.touches(n) {
		return
	}
	d, any := make([]*ir.Value, len(n.Results)), false
	for i, r := range n.Results {
		if t.active[r] && t.adjoint[r] != nil {
			d[i], any = t.adjoint[r], true
		}
	}
	if !any {
		return
	}
	if n.Op.Grad == nil {
		panic(fmt.Sprintf("grad: %s at %s (%s) has no gradient", n.Op.Name, n.Pos, n.Path))
	}
	for i, g := range n.Op.Grad(t.builder.At(n), n, d) {
		if g != nil {
			t.accumulate(n, n.Args[i], g)
		}
	}
}

// accumulate adds g to the adjoint of an operand of n.
func (t *tape) accumulate(n *ir.Node, v, g *ir.Value) {
	if !t.active[v] {
		return
	}
	if !g.Type.Equal(v.Type, t.builder.Facts) {
		panic(fmt.Sprintf("grad: %s gives a gradient of type %s for an operand of type %s", n.Op.Name, g.Type, v.Type))
	}
	if sum := t.adjoint[v]; sum != nil {
		g = op.On(t.builder).Add(sum, g)
	}
	t.adjoint[v] = g
}

package simplify

import (
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/loop"
	"mmc/ir/op"
	"mmc/passes/rewrite"
)

// scales lets weights absorb factors and offsets that are known at load, so that a normalisation with fixed statistics
// behind a convolution or a linear layer costs nothing. Only inference graphs have values known at load.
var scales = []*rewrite.Rule{
	{Name: "shift-as-add", Law: "y - b = y + (-b) for b known at load", On: []*ir.Op{op.Sub}, Apply: func(m *rewrite.Match) []*ir.Value {
		y, b := m.Node.Args[0], m.Node.Args[1]
		v, ok := vector(m, b)
		if m.Weight(y) || !ok {
			return nil
		}
		k := op.On(m.Builder)
		return []*ir.Value{k.Add(y, v.spread(m, k.Neg(v.value)))}
	}},
	{Name: "scale-after-shift", Law: "(y + b) * s = y * s + b * s for b, s known at load", On: []*ir.Op{op.Mul}, Apply: func(m *rewrite.Match) []*ir.Value {
		sum, s, ok := operands(m)
		if !ok || sum.Node == nil || sum.Node.Op != op.Add || m.Uses(sum) != 1 {
			return nil
		}
		y, b, ok := split(m, sum)
		if !ok || y.Node == nil || !absorbs(m, y) || s.axis != b.axis {
			return nil
		}
		k := op.On(m.Builder)
		return []*ir.Value{k.Add(k.Mul(y, s.spread(m, s.value)), b.spread(m, k.Mul(b.value, s.value)))}
	}},
	{Name: "shift-after-shift", Law: "(y + a) + b = y + (a + b) for a, b known at load", On: []*ir.Op{op.Add}, Apply: func(m *rewrite.Match) []*ir.Value {
		sum, b, ok := operands(m)
		if !ok || sum.Node == nil || sum.Node.Op != op.Add || m.Uses(sum) != 1 {
			return nil
		}
		y, a, ok := split(m, sum)
		if !ok || a.axis != b.axis {
			return nil
		}
		k := op.On(m.Builder)
		return []*ir.Value{k.Add(y, a.spread(m, k.Add(a.value, b.value)))}
	}},
	{Name: "scale-after-scale", Law: "(y * a) * b = y * (a * b) for a, b known at load", On: []*ir.Op{op.Mul}, Apply: func(m *rewrite.Match) []*ir.Value {
		product, b, ok := operands(m)
		if !ok || product.Node == nil || product.Node.Op != op.Mul || m.Uses(product) != 1 {
			return nil
		}
		y, a, ok := split(m, product)
		if !ok || a.axis != b.axis {
			return nil
		}
		k := op.On(m.Builder)
		return []*ir.Value{k.Mul(y, a.spread(m, k.Mul(a.value, b.value)))}
	}},
	{Name: "scale-into-weight", Law: "product(x, w) * s = product(x, w * s) for s known at load and constant along the sum", On: []*ir.Op{op.Mul},
		Apply: scaleIntoWeight},
}

// vec is a value known at load that varies along at most one axis of a result: value has that axis' length.
type vec struct {
	value *ir.Value
	axis  int
	shape []dim.Expr
}

// vector recognises broadcasts of vectors known at load.
func vector(m *rewrite.Match, v *ir.Value) (vec, bool) {
	if v.Node == nil || v.Node.Op != op.Broadcast || !m.Weight(v.Node.Args[0]) {
		return vec{}, false
	}
	x := v.Node.Args[0]
	lead := v.Type.Rank() - x.Type.Rank()
	axis := -1
	for i, d := range x.Type.Shape {
		if d.IsConst(1) {
			continue
		}
		if axis >= 0 {
			return vec{}, false
		}
		axis = lead + i
	}
	if axis < 0 {
		return vec{}, false
	}
	length := []dim.Expr{v.Type.Shape[axis]}
	return vec{op.On(m.Builder).Reshape(x, length), axis, v.Type.Shape}, true
}

// spread repeats a vector over the shape along the other axes.
func (v vec) spread(m *rewrite.Match, x *ir.Value) *ir.Value {
	return along(op.On(m.Builder), x, v.axis, v.shape)
}

func along(k op.Make, x *ir.Value, axis int, shape []dim.Expr) *ir.Value {
	ones := make([]dim.Expr, len(shape)-axis)
	for i := range ones {
		ones[i] = dim.Int(1)
	}
	ones[0] = shape[axis]
	return k.Broadcast(k.Reshape(x, ones), shape)
}

// operands splits a commutative node into a run-time operand and a vector known at load.
func operands(m *rewrite.Match) (*ir.Value, vec, bool) {
	for i := range 2 {
		x, y := m.Node.Args[i], m.Node.Args[1-i]
		if m.Weight(x) {
			continue
		}
		if v, ok := vector(m, y); ok {
			return x, v, true
		}
	}
	return nil, vec{}, false
}

// split is operands of another node.
func split(m *rewrite.Match, sum *ir.Value) (*ir.Value, vec, bool) {
	inner := *m
	inner.Node = sum.Node
	return operands(&inner)
}

// absorbs reports whether y is a product whose weight could take a scale, used nowhere else.
func absorbs(m *rewrite.Match, y *ir.Value) bool {
	return m.Uses(y) == 1 && (y.Node.Op.Kind == ir.Contraction || y.Node.Op == op.Mul) && !m.Weight(y)
}

// scaleIntoWeight finds the axis of the weight that runs along the scaled axis of the result in the product's own nest, so it
// needs to know no operator.
func scaleIntoWeight(m *rewrite.Match) []*ir.Value {
	y, s, ok := operands(m)
	if !ok || y.Node == nil || y.Node.Op.Kind != ir.Contraction || y.Node.Op.Lower == nil || m.Uses(y) != 1 || len(y.Node.Args) != 2 {
		return nil
	}
	nests := y.Node.Op.Lower(y.Node)
	if len(nests) != 1 {
		return nil
	}
	p, ok := loop.MatchProduct(nests[0])
	if !ok {
		return nil
	}
	at := nests[0].Stores[0].Index[s.axis]
	for _, r := range []loop.Reg{p.A, p.B} {
		access := nests[0].Body[r].Access
		w := y.Node.Args[access.Arg]
		if !m.Weight(w) {
			continue
		}
		for d, x := range access.Index {
			if sameForm(x, at) {
				k := op.On(m.Builder)
				args := append([]*ir.Value(nil), y.Node.Args...)
				args[access.Arg] = k.Mul(w, along(k, s.value, d, w.Type.Shape))
				return []*ir.Value{m.Op(y.Node.Op, attrs(y.Node), args...)}
			}
		}
	}
	return nil
}

func sameForm(x, y loop.Index) bool {
	if len(x.Terms) != len(y.Terms) || !x.Off.Equal(y.Off) || len(x.Terms) == 0 {
		return false
	}
	for i, t := range x.Terms {
		if t.Axis != y.Terms[i].Axis || !t.Coef.Equal(y.Terms[i].Coef) {
			return false
		}
	}
	return true
}

// attrs returns a node's attributes by name.
func attrs(n *ir.Node) ir.Attrs {
	out := ir.Attrs{}
	for i, p := range n.Op.Params {
		out[p.Name] = n.Attrs[i]
	}
	return out
}

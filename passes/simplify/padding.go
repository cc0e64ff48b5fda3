package simplify

import (
	"math"
	"slices"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/op"
	"mmc/passes/rewrite"
)

// padding lets windows do what pads and crops around them do.
var padding = []*rewrite.Rule{
	{Name: "pad-into-window", Law: "window(pad(x)) = window(x) with more padding, where both pad with the same",
		On: []*ir.Op{op.Conv, op.ConvWeightGrad, op.WindowSum, op.WindowMax}, Apply: padIntoWindow},
	{Name: "crop-of-gradient", Law: "slice(conv_input_grad(dy, w)) = conv_input_grad(dy, w) with more padding", On: []*ir.Op{op.Slice},
		Apply: cropOfGradient},
	{Name: "reduce-one", Law: "joining axes of one element each only changes the shape", On: []*ir.Op{op.Sum, op.Prod, op.AMax, op.AMin},
		Apply: func(m *rewrite.Match) []*ir.Value {
			x := m.Node.Args[0]
			if slices.ContainsFunc(m.Node.Ints("axes"), func(a int64) bool { return !x.Type.Shape[a].IsConst(1) }) {
				return nil
			}
			return []*ir.Value{op.On(m.Builder).Reshape(x, m.Node.Result().Type.Shape)}
		}},
}

// fills is what the operators take for elements outside of their first operand.
var fills = map[*ir.Op]float64{op.Conv: 0, op.ConvWeightGrad: 0, op.WindowSum: 0, op.WindowMax: math.Inf(-1)}

func padIntoWindow(m *rewrite.Match) []*ir.Value {
	pad := m.Node.Args[0].Node
	if pad == nil || pad.Op != op.Pad || pad.Float("value") != fills[m.Node.Op] {
		return nil
	}
	with, ok := widened(m, m.Node, pad.Dims("low"), pad.Dims("high"))
	if !ok {
		return nil
	}
	return attempt(m, m.Node.Op, with, slices.Concat(pad.Args, m.Node.Args[1:]))
}

func cropOfGradient(m *rewrite.Match) []*ir.Value {
	inner := m.Node.Args[0].Node
	if inner == nil || inner.Op != op.ConvInputGrad || m.Uses(m.Node.Args[0]) != 1 ||
		slices.ContainsFunc(m.Node.Ints("steps"), func(s int64) bool { return s != 1 }) {
		return nil
	}
	low, whole, size := m.Node.Dims("starts"), inner.Result().Type.Shape, m.Node.Dims("sizes")
	high := make([]dim.Expr, len(low))
	for i := range low {
		high[i] = m.Facts.Norm(whole[i].Sub(low[i]).Sub(size[i]))
	}
	with, ok := widened(m, inner, low, high)
	if !ok {
		return nil
	}
	with["sizes"] = size[2:]
	return attempt(m, inner.Op, with, inner.Args)
}

// widened are the attributes of a sliding operator with more padding on its spatial axes; false where other axes would be
// padded.
func widened(m *rewrite.Match, n *ir.Node, low, high []dim.Expr) (ir.Attrs, bool) {
	out := attrs(n)
	spatial := spatialAxes(n)
	lead := len(low) - spatial
	for i := range lead {
		if !m.Facts.Equal(low[i], dim.Int(0)) || !m.Facts.Equal(high[i], dim.Int(0)) {
			return nil, false
		}
	}
	out["pad_low"] = sums(n.Dims("pad_low"), low[lead:])
	out["pad_high"] = sums(n.Dims("pad_high"), high[lead:])
	return out, true
}

// spatialAxes is the number of axes that a sliding operator slides over.
func spatialAxes(n *ir.Node) int {
	for i, p := range n.Op.Params {
		if k, ok := n.Attrs[i].([]int64); ok && p.Name == "kernel" {
			return len(k)
		}
	}
	return n.Args[0].Type.Rank() - 2
}

// sums adds lists; an absent one counts as zeros.
func sums(a, b []dim.Expr) []dim.Expr {
	out := slices.Clone(b)
	for i := range a {
		out[i] = out[i].Add(a[i])
	}
	return out
}

// attempt builds a node, unless its types cannot be proven.
func attempt(m *rewrite.Match, o *ir.Op, with ir.Attrs, args []*ir.Value) []*ir.Value {
	out, err := m.Try(o, with, args...)
	if err != nil || !out[0].Type.Equal(m.Node.Result().Type, m.Facts) {
		return nil
	}
	return out
}

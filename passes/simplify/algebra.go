package simplify

import (
	"math"

	"mmc/ir"
	"mmc/ir/op"
	"mmc/passes/rewrite"
)

// algebra holds laws of single elementwise operators that are exact in floating point.
var algebra = []*rewrite.Rule{
	{Name: "add-zero", Law: "x + 0 = x", On: []*ir.Op{op.Add, op.Sub}, Apply: func(m *rewrite.Match) []*ir.Value {
		return unit(m, 0, m.Node.Op == op.Add)
	}},
	{Name: "mul-one", Law: "x * 1 = x, x / 1 = x", On: []*ir.Op{op.Mul, op.Div}, Apply: func(m *rewrite.Match) []*ir.Value {
		return unit(m, 1, m.Node.Op == op.Mul)
	}},
	{Name: "neg-neg", Law: "-(-x) = x", On: []*ir.Op{op.Neg}, Apply: func(m *rewrite.Match) []*ir.Value {
		if x := m.Node.Args[0]; x.Node != nil && x.Node.Op == op.Neg {
			return []*ir.Value{x.Node.Args[0]}
		}
		return nil
	}},
	{Name: "add-neg", Law: "x + (-y) = x - y", On: []*ir.Op{op.Add}, Apply: func(m *rewrite.Match) []*ir.Value {
		if y := m.Node.Args[1]; y.Node != nil && y.Node.Op == op.Neg {
			return []*ir.Value{op.On(m.Builder).Sub(m.Node.Args[0], y.Node.Args[0])}
		}
		return nil
	}},
	{Name: "power", Law: "x ** 2 = x * x, and the other small powers", On: []*ir.Op{op.Pow}, Apply: power},
	{Name: "compare-after-max", Law: "x > c = max(x, c) > c where the maximum is at hand and x serves nothing else", On: []*ir.Op{op.Gt},
		Apply: compareAfterMax},
	{Name: "cast-same", Law: "t(x) = x where x has type t", On: []*ir.Op{op.Cast}, Apply: func(m *rewrite.Match) []*ir.Value {
		if m.Node.Args[0].Type.DType == m.Node.Result().Type.DType {
			return []*ir.Value{m.Node.Args[0]}
		}
		return nil
	}},
	{Name: "gradient-stop", Law: "stop_gradient(x) = x once gradients are expanded", On: []*ir.Op{op.StopGradient},
		Apply: func(m *rewrite.Match) []*ir.Value { return []*ir.Value{m.Node.Args[0]} }},
}

// unit drops an operand that is the neutral element; the left one only where the operator commutes.
func unit(m *rewrite.Match, neutral float64, commutes bool) []*ir.Value {
	x, y := m.Node.Args[0], m.Node.Args[1]
	if c, ok := constant(y); ok && c == neutral {
		return []*ir.Value{x}
	}
	if c, ok := constant(x); ok && c == neutral && commutes {
		return []*ir.Value{y}
	}
	return nil
}

// power writes small constant exponents as products and roots.
func power(m *rewrite.Match) []*ir.Value {
	x, b := m.Node.Args[0], op.On(m.Builder)
	e, ok := constant(m.Node.Args[1])
	if !ok || !x.Type.DType.IsFloat() {
		return nil
	}
	switch e {
	case 1:
		return []*ir.Value{x}
	case 0.5:
		return []*ir.Value{b.Sqrt(x)}
	case -0.5:
		return []*ir.Value{m.Op(op.Rsqrt, nil, x)}
	}
	if e != math.Trunc(e) || math.Abs(e) > 8 || e == 0 {
		return nil
	}
	y := integerPower(b, x, int(math.Abs(e)))
	if e < 0 {
		y = b.Div(b.Like(1, x), y)
	}
	return []*ir.Value{y}
}

// compareAfterMax lets the gradient of a rectifier read its result, which is stored anyway, instead of its argument.
func compareAfterMax(m *rewrite.Match) []*ir.Value {
	x, c := m.Node.Args[0], m.Node.Args[1]
	if _, ok := constant(c); !ok || m.Uses(x) != 2 {
		return nil
	}
	for _, u := range m.Users(x) {
		if u.Op == op.Max && u.Args[0] == x && u.Args[1] == c {
			return []*ir.Value{op.On(m.Builder).Gt(u.Result(), c)}
		}
	}
	return nil
}

// integerPower squares and multiplies.
func integerPower(b op.Make, x *ir.Value, n int) *ir.Value {
	if n == 1 {
		return x
	}
	half := integerPower(b, x, n/2)
	y := b.Mul(half, half)
	if n%2 == 1 {
		y = b.Mul(y, x)
	}
	return y
}

// constant returns the number that v repeats everywhere, if it is one.
func constant(v *ir.Value) (float64, bool) {
	for v.Node != nil && (v.Node.Op == op.Broadcast || v.Node.Op == op.Reshape) {
		v = v.Node.Args[0]
	}
	if v.Node == nil || v.Node.Op != op.Const {
		return 0, false
	}
	return v.Node.Float("value"), true
}

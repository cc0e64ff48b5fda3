package op

import (
	"math"

	"mmc/ir"
	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// Elementwise operators of one operand.
var (
	Neg, Abs, Sign            = slot(), slot(), slot()
	Exp, Log, Sqrt, Rsqrt     = slot(), slot(), slot(), slot()
	Sin, Cos                  = slot(), slot()
	Tanh, Sigmoid, Erf, Erfc  = slot(), slot(), slot(), slot()
	Floor, Ceil, Round, Trunc = slot(), slot(), slot(), slot()
	Not                       = slot()
	Cast                      = slot()
)

// slope builds the gradient of x from that of y = f(x).
type slope func(m Make, x, y, d *ir.Value) *ir.Value

func init() {
	function(Neg, "neg", "-x.", numbers, loop.Neg, func(x float64) float64 { return -x }, -2, 2,
		func(m Make, _, _, d *ir.Value) *ir.Value { return m.Neg(d) })
	function(Abs, "abs", "|x|. The gradient at 0 is 0.", numbers, loop.Abs, math.Abs, 0.3, 2,
		func(m Make, x, _, d *ir.Value) *ir.Value { return m.Mul(d, m.Sign(x)) })
	function(Sign, "sign", "-1, 0 or 1.", numbers, loop.Sign, signOf, -2, 2, nil)

	function(Exp, "exp", "e to the power x.", floats, loop.Exp, math.Exp, -2, 2,
		func(m Make, _, y, d *ir.Value) *ir.Value { return m.Mul(d, y) })
	function(Log, "log", "Natural logarithm.", floats, loop.Log, math.Log, 0.5, 3,
		func(m Make, x, _, d *ir.Value) *ir.Value { return m.Div(d, x) })
	function(Sqrt, "sqrt", "Square root.", floats, loop.Sqrt, math.Sqrt, 0.5, 3,
		func(m Make, _, y, d *ir.Value) *ir.Value { return m.Div(m.Times(d, 0.5), y) })
	function(Rsqrt, "rsqrt", "1 / sqrt(x).", floats, loop.Rsqrt, func(x float64) float64 { return 1 / math.Sqrt(x) }, 0.5, 3,
		func(m Make, _, y, d *ir.Value) *ir.Value { return m.Mul(m.Times(d, -0.5), m.Mul(y, m.Square(y))) })
	function(Sin, "sin", "Sine of radians.", floats, loop.Sin, math.Sin, -4, 4,
		func(m Make, x, _, d *ir.Value) *ir.Value { return m.Mul(d, m.Cos(x)) })
	function(Cos, "cos", "Cosine of radians.", floats, loop.Cos, math.Cos, -4, 4,
		func(m Make, x, _, d *ir.Value) *ir.Value { return m.Neg(m.Mul(d, m.Sin(x))) })

	function(Tanh, "tanh", "Hyperbolic tangent.", floats, loop.Tanh, math.Tanh, -2, 2,
		func(m Make, _, y, d *ir.Value) *ir.Value { return m.Mul(d, m.Sub(m.Like(1, y), m.Square(y))) })
	function(Sigmoid, "sigmoid", "1 / (1 + exp(-x)).", floats, loop.Sigmoid, logistic, -3, 3,
		func(m Make, _, y, d *ir.Value) *ir.Value { return m.Mul(d, m.Mul(y, m.Sub(m.Like(1, y), y))) })
	function(Erf, "erf", "Error function: 2/sqrt(pi) times the integral of exp(-t*t) from 0 to x.", floats, loop.Erf, math.Erf, -2, 2,
		func(m Make, x, _, d *ir.Value) *ir.Value { return m.Mul(d, bell(m, x)) })
	function(Erfc, "erfc", "1 - erf(x), exact where erf(x) is near 1.", floats, loop.Erfc, math.Erfc, -2, 2,
		func(m Make, x, _, d *ir.Value) *ir.Value { return m.Neg(m.Mul(d, bell(m, x))) })

	function(Floor, "floor", "The largest integer not above x.", floats, loop.Floor, math.Floor, -3, 3, nil)
	function(Ceil, "ceil", "The smallest integer not below x.", floats, loop.Ceil, math.Ceil, -3, 3, nil)
	function(Round, "round", "The nearest integer, of two the even one.", floats, loop.Round, math.RoundToEven, -3, 3, nil)
	function(Trunc, "trunc", "The integer part.", floats, loop.Trunc, math.Trunc, -3, 3, nil)

	function(Not, "not", "Logical negation.", bools, loop.Not, func(x float64) float64 { return 1 - x }, 0, 1, nil)
	defineCast()
}

// function defines y = f(x). Its samples lie in low .. high.
func function(o *ir.Op, name, doc string, takes class, s *loop.Scalar, f func(float64) float64, low, high float64, g slope) {
	law := scalarLaw{name: name, doc: doc, operands: []string{"x"}, takes: takes,
		eval:    func(a []float64, _ dtype.DType) float64 { return f(a[0]) },
		lower:   direct(s),
		samples: elementSamples(1, takes, low, high),
	}
	if g != nil {
		law.grad = func(m Make, n *ir.Node, d *ir.Value) []*ir.Value {
			return []*ir.Value{g(m, n.Args[0], n.Result(), d)}
		}
	}
	elementwise(o, law)
}

// bell is the derivative of erf: 2/sqrt(pi) exp(-x*x).
func bell(m Make, x *ir.Value) *ir.Value {
	return m.Times(m.Exp(m.Neg(m.Square(x))), 2/math.Sqrt(math.Pi))
}

func logistic(x float64) float64 {
	if x < 0 {
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}

func signOf(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
}

// Cast differs from the others: its result type is an attribute.
func defineCast() {
	define(Cast, ir.Op{Name: "cast",
		Doc: "The same numbers in another element type. Floats become integers by truncation, and bool by x != 0. " +
			"Halves (f16, bf16) round to the nearest number that they hold. In .mm the type's name is the call: f32(x).",
		Operands: []string{"x"}, Params: []ir.ParamSpec{attr("dtype", ir.PDType, "the element type of the result")},
		Kind: ir.Elementwise,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			return single(ir.Type{DType: in.Attr("dtype").(dtype.DType), Shape: in.Args[0].Shape}), nil
		},
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			if t := n.Args[0].Type.DType; t.IsFloat() {
				return []*ir.Value{On(b).Cast(d[0], t)}
			}
			return []*ir.Value{nil}
		},
		Eval: func(c *ir.EvalCall) error {
			to := c.Out[0].DType
			return eachElement(c, func(a []float64, from dtype.DType) float64 { return converted(a[0], from, to) })
		},
		Lower: func(n *ir.Node) []*loop.Nest {
			from, to := n.Args[0].Type.DType, n.Result().Type.DType
			return pointwise(n, func(k *nest, _ dtype.DType, a []loop.Reg) loop.Reg {
				r := k.cast(k.cast(a[0], from), to)
				return k.cast(r, computed(to))
			})
		},
		Samples: func() []ir.Sample {
			return []ir.Sample{
				{Args: types(f32(3, 5)), Attrs: ir.Attrs{"dtype": dtype.F64}},
				{Args: types(f32(2, "N")), Sizes: sizes("N", 3), Attrs: ir.Attrs{"dtype": dtype.I32}, Low: []float64{-9}, High: []float64{9}, Orders: -1},
				{Args: types(typed(dtype.I32, 7)), Attrs: ir.Attrs{"dtype": dtype.F32}},
				{Args: types(typed(dtype.I32, 7)), Attrs: ir.Attrs{"dtype": dtype.Bool}},
				{Args: types(typed(dtype.Bool, 7)), Attrs: ir.Attrs{"dtype": dtype.F32}},
				{Args: types(f32(3, 5)), Attrs: ir.Attrs{"dtype": dtype.BF16}, Orders: -1},
				{Args: types(f32(3, 5)), Attrs: ir.Attrs{"dtype": dtype.F16}, Orders: -1},
				{Args: types(typed(dtype.BF16, 3, 5)), Attrs: ir.Attrs{"dtype": dtype.F16}, Orders: -1},
			}
		},
	})
}

// cast converts a value where it is of another type; a half rounds it.
func (k *nest) cast(r loop.Reg, to dtype.DType) loop.Reg {
	if k.Body[r].Type == to {
		return r
	}
	return k.do(loop.Cast, to, r)
}

// converted is the evaluator's cast. It computes in float64 and rounds to halves alone, at either side: what a half holds does not
// depend on whether it was ever stored.
func converted(x float64, from, to dtype.DType) float64 {
	x = to.Rounded(from.Rounded(x))
	switch {
	case to == dtype.Bool && x != 0:
		return 1
	case to.IsInt() && from.IsFloat():
		return math.Trunc(x)
	}
	return x
}

package op

import (
	"math"

	"mmc/ir"
	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// Elementwise operators of two operands, and select of three.
var (
	Add, Sub, Mul, Div     = slot(), slot(), slot(), slot()
	Pow, Mod               = slot(), slot()
	Max, Min               = slot(), slot()
	Eq, Ne, Lt, Le, Gt, Ge = slot(), slot(), slot(), slot(), slot(), slot()
	And, Or                = slot(), slot()
	Select                 = slot()
)

// slopes builds the gradients of a and b from that of y = f(a, b).
type slopes func(m Make, a, b, y, d *ir.Value) (da, db *ir.Value)

func init() {
	arithmetic(Add, "add", "a + b.", ir.Commutative, loop.Add, func(a, b float64) float64 { return a + b },
		func(_ Make, _, _, _, d *ir.Value) (da, db *ir.Value) { return d, d })
	arithmetic(Sub, "sub", "a - b.", 0, loop.Sub, func(a, b float64) float64 { return a - b },
		func(m Make, _, _, _, d *ir.Value) (da, db *ir.Value) { return d, m.Neg(d) })
	arithmetic(Mul, "mul", "a * b.", ir.Commutative, loop.Mul, func(a, b float64) float64 { return a * b },
		func(m Make, a, b, _, d *ir.Value) (da, db *ir.Value) { return m.Mul(d, b), m.Mul(d, a) })
	arithmetic(Max, "max", "The larger one; NaN if one is. The gradient goes to a where a > b, else to b.",
		ir.Commutative, loop.Max, largest, larger)
	arithmetic(Min, "min", "The smaller one; NaN if one is. The gradient goes to a where a < b, else to b.",
		ir.Commutative, loop.Min, func(a, b float64) float64 { return -largest(-a, -b) }, smaller)

	defineQuotients()

	comparison(Eq, "eq", "a == b.", loop.Eq, false, func(a, b float64) bool { return a == b })
	comparison(Ne, "ne", "a != b.", loop.Ne, false, func(a, b float64) bool { return a != b })
	comparison(Lt, "lt", "a < b.", loop.Lt, false, func(a, b float64) bool { return a < b })
	comparison(Le, "le", "a <= b.", loop.Le, false, func(a, b float64) bool { return a <= b })
	comparison(Gt, "gt", "a > b.", loop.Lt, true, func(a, b float64) bool { return a > b })
	comparison(Ge, "ge", "a >= b.", loop.Le, true, func(a, b float64) bool { return a >= b })

	logic(And, "and", "Both.", loop.And, func(a, b bool) bool { return a && b })
	logic(Or, "or", "One or both.", loop.Or, func(a, b bool) bool { return a || b })
	defineSelect()
}

func arithmetic(o *ir.Op, name, doc string, flags ir.Flags, s *loop.Scalar, f func(a, b float64) float64, g slopes) {
	binary(o, name, doc, numbers, flags, s, func(a []float64, _ dtype.DType) float64 { return f(a[0], a[1]) }, g,
		elementSamples(2, numbers, -2, 2))
}

func binary(o *ir.Op, name, doc string, takes class, flags ir.Flags, s *loop.Scalar,
	f func(a []float64, t dtype.DType) float64, g slopes, samples []ir.Sample) {
	elementwise(o, scalarLaw{name: name, doc: doc, operands: []string{"a", "b"}, takes: takes, flags: flags,
		eval: f, lower: direct(s), samples: samples,
		grad: func(m Make, n *ir.Node, d *ir.Value) []*ir.Value {
			da, db := g(m, n.Args[0], n.Args[1], n.Result(), d)
			return []*ir.Value{da, db}
		},
	})
}

// defineQuotients defines the operators whose meaning differs between floats and integers or near zero.
func defineQuotients() {
	binary(Div, "div", "a / b; of integers the quotient rounded down.", numbers, 0, loop.Div, quotient,
		func(m Make, _, b, y, d *ir.Value) (da, db *ir.Value) {
			return m.Div(d, b), m.Neg(m.Mul(d, m.Div(y, b)))
		},
		elementSamples(2, numbers, 0.5, 2))
	binary(Mod, "mod", "a - b * floor(a / b): has the sign of b.", numbers, 0, loop.Mod,
		func(a []float64, _ dtype.DType) float64 { return a[0] - a[1]*math.Floor(a[0]/a[1]) },
		func(m Make, a, b, _, d *ir.Value) (da, db *ir.Value) {
			return d, m.Neg(m.Mul(d, m.Floor(m.Div(a, b))))
		},
		elementSamples(2, numbers, 0.5, 2))
	binary(Pow, "pow", "a to the power b.", numbers, 0, loop.Pow,
		func(a []float64, _ dtype.DType) float64 { return math.Pow(a[0], a[1]) }, powerRule,
		elementSamples(2, numbers, 0.5, 2))
}

func quotient(a []float64, t dtype.DType) float64 {
	if t.IsFloat() {
		return a[0] / a[1]
	}
	return math.Floor(a[0] / a[1])
}

// powerRule: b a^(b-1) and a^b log(a). A constant exponent is folded here, because the general form is NaN at a <= 0.
func powerRule(m Make, a, b, y, d *ir.Value) (da, db *ir.Value) {
	if c, ok := constant(b); ok {
		return m.Mul(d, m.Times(power(m, a, c-1), c)), nil
	}
	one := m.Like(1, b)
	da = m.Mul(d, m.Mul(b, m.Pow(a, m.Sub(b, one))))
	safe := m.Select(m.Gt(a, m.Zeros(a)), a, m.Like(1, a))
	return da, m.Mul(d, m.Mul(y, m.Log(safe)))
}

// power is a^c in its simplest form.
func power(m Make, a *ir.Value, c float64) *ir.Value {
	switch c {
	case 0:
		return m.Like(1, a)
	case 1:
		return a
	}
	return m.Pow(a, m.Like(c, a))
}

// constant reports the number that every element of v is, where v is a repeated constant.
func constant(v *ir.Value) (float64, bool) {
	for n := v.Node; n != nil; n = n.Args[0].Node {
		switch n.Op {
		case Const:
			return n.Float("value"), true
		case Broadcast, Reshape, Cast, StopGradient:
		default:
			return 0, false
		}
	}
	return 0, false
}

func larger(m Make, a, b, _, d *ir.Value) (da, db *ir.Value) { return parted(m, m.Gt(a, b), d) }

func smaller(m Make, a, b, _, d *ir.Value) (da, db *ir.Value) { return parted(m, m.Lt(a, b), d) }

// parted sends d to one side where c holds and to the other elsewhere.
func parted(m Make, c, d *ir.Value) (yes, no *ir.Value) {
	return m.Select(c, d, m.Zeros(d)), m.Select(c, m.Zeros(d), d)
}

func largest(a, b float64) float64 {
	if math.IsNaN(a) || math.IsNaN(b) {
		return math.NaN()
	}
	return math.Max(a, b)
}

// comparison defines a relation. Kernels know four; swapped exchanges the operands to get the others.
func comparison(o *ir.Op, name, doc string, s *loop.Scalar, swapped bool, f func(a, b float64) bool) {
	takes := numbers
	if o == Eq || o == Ne {
		takes = anything
	}
	elementwise(o, scalarLaw{name: name, doc: doc, operands: []string{"a", "b"}, takes: takes, result: dtype.Bool,
		eval: func(a []float64, _ dtype.DType) float64 { return truth(f(a[0], a[1])) },
		lower: func(k *nest, _ dtype.DType, a []loop.Reg) loop.Reg {
			if swapped {
				return k.do(s, dtype.Bool, a[1], a[0])
			}
			return k.do(s, dtype.Bool, a[0], a[1])
		},
		samples: elementSamples(2, takes, -2, 2),
	})
}

func logic(o *ir.Op, name, doc string, s *loop.Scalar, f func(a, b bool) bool) {
	elementwise(o, scalarLaw{name: name, doc: doc, operands: []string{"a", "b"}, takes: bools, flags: ir.Commutative,
		eval:    func(a []float64, _ dtype.DType) float64 { return truth(f(a[0] != 0, a[1] != 0)) },
		lower:   direct(s),
		samples: elementSamples(2, bools, 0, 1),
	})
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func defineSelect() {
	define(Select, ir.Op{Name: "select", Doc: "a where c holds, else b.", Operands: []string{"c", "a", "b"}, Kind: ir.Elementwise,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			err := first(want(in, 0, bools), sameDType(in, 1, 2), sameShape(in, 1, 2), sameShape(in, 0, 1))
			return single(in.Args[1]), err
		},
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			yes, no := parted(On(b), n.Args[0], d[0])
			return []*ir.Value{nil, yes, no}
		},
		Eval: func(c *ir.EvalCall) error {
			return eachElement(c, func(a []float64, _ dtype.DType) float64 {
				if a[0] != 0 {
					return a[1]
				}
				return a[2]
			})
		},
		Lower: func(n *ir.Node) []*loop.Nest {
			t := computed(n.Result().Type.DType)
			return pointwise(n, func(k *nest, _ dtype.DType, a []loop.Reg) loop.Reg { return k.do(loop.Select, t, a...) })
		},
		Samples: func() []ir.Sample {
			out := []ir.Sample{{Args: types(typed(dtype.Bool, 3, "N"), f32(3, "N"), f32(3, "N")), Sizes: sizes("N", 5)}}
			return append(out, ir.Sample{Args: types(typed(dtype.Bool, 4), i32(4), i32(4)), High: repeat(3, 9.0), Low: repeat(3, 0.0)})
		},
	})
}

package loop

import "math"

func unary(name string, f func(float64) float64) *Scalar {
	return &Scalar{Name: name, Arity: 1, Meaning: func(a []float64) float64 { return f(a[0]) }}
}

func binary(name string, f func(x, y float64) float64) *Scalar {
	return &Scalar{Name: name, Arity: 2, Meaning: func(a []float64) float64 { return f(a[0], a[1]) }}
}

func compare(name string, f func(x, y float64) bool) *Scalar {
	return &Scalar{Name: name, Arity: 2, Compare: true, Meaning: func(a []float64) float64 { return truth(f(a[0], a[1])) }}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Leaves: what an instruction yields without operands.
var (
	Load     = &Scalar{Name: "load"}     // the element at Inst.Access
	Const    = &Scalar{Name: "const"}    // Inst.Imm
	DimValue = &Scalar{Name: "dim"}      // Inst.Dim, a run-time size
	Position = &Scalar{Name: "position"} // the position on Inst.Axis
	Result   = &Scalar{Name: "result"}   // the final value of accumulator Inst.Axis
)

// Arithmetic. Max and Min propagate NaN. Mod has the sign of the divisor (as % in .mm); Div of integers rounds down.
var (
	Add = binary("add", func(x, y float64) float64 { return x + y })
	Sub = binary("sub", func(x, y float64) float64 { return x - y })
	Mul = binary("mul", func(x, y float64) float64 { return x * y })
	Div = binary("div", func(x, y float64) float64 { return x / y })
	Pow = binary("pow", math.Pow)
	Max = binary("max", maxNaN)
	Min = binary("min", func(x, y float64) float64 { return -maxNaN(-x, -y) })
	Mod = binary("mod", func(x, y float64) float64 { return x - y*math.Floor(x/y) })
	Neg = unary("neg", func(x float64) float64 { return -x })
	Abs = unary("abs", math.Abs)
	// FMA is x*y + z rounded once where the target can, else twice.
	FMA = &Scalar{Name: "fma", Arity: 3, Meaning: func(a []float64) float64 { return math.FMA(a[0], a[1], a[2]) }}
)

// Functions.
var (
	Exp     = unary("exp", math.Exp)
	Log     = unary("log", math.Log)
	Sqrt    = unary("sqrt", math.Sqrt)
	Rsqrt   = unary("rsqrt", func(x float64) float64 { return 1 / math.Sqrt(x) })
	Tanh    = unary("tanh", math.Tanh)
	Sigmoid = unary("sigmoid", func(x float64) float64 { return 1 / (1 + math.Exp(-x)) })
	Erf     = unary("erf", math.Erf)
	Erfc    = unary("erfc", math.Erfc)
	Sin     = unary("sin", math.Sin)
	Cos     = unary("cos", math.Cos)
	Floor   = unary("floor", math.Floor)
	Ceil    = unary("ceil", math.Ceil)
	Round   = unary("round", math.RoundToEven)
	Trunc   = unary("trunc", math.Trunc)
	Sign    = unary("sign", sign)
)

// Comparisons, logic on bool, choice and conversion. Cast converts to Inst.Type: float to integer truncates, to bool tests != 0.
var (
	Eq  = compare("eq", func(x, y float64) bool { return x == y })
	Ne  = compare("ne", func(x, y float64) bool { return x != y })
	Lt  = compare("lt", func(x, y float64) bool { return x < y })
	Le  = compare("le", func(x, y float64) bool { return x <= y })
	And = compare("and", func(x, y float64) bool { return x != 0 && y != 0 })
	Or  = compare("or", func(x, y float64) bool { return x != 0 || y != 0 })
	Not = &Scalar{Name: "not", Arity: 1, Compare: true, Meaning: func(a []float64) float64 { return truth(a[0] == 0) }}
	// Ranged is its first operand, which is an index that must lie in 0 .. second-1: a target may take the nearest one for it, or fail.
	Ranged = binary("ranged", func(x, n float64) float64 { return max(0, min(x, n-1)) })
	Select = &Scalar{Name: "select", Arity: 3, Meaning: choose}
	Cast   = unary("cast", func(x float64) float64 { return x })
)

// Scalars lists every record, for emitters that must cover all of them.
var Scalars = []*Scalar{
	Load, Const, DimValue, Position, Result,
	Add, Sub, Mul, Div, Pow, Max, Min, Mod, Neg, Abs, FMA,
	Exp, Log, Sqrt, Rsqrt, Tanh, Sigmoid, Erf, Erfc, Sin, Cos, Floor, Ceil, Round, Trunc, Sign,
	Eq, Ne, Lt, Le, And, Or, Not, Select, Cast,
}

func maxNaN(x, y float64) float64 {
	if math.IsNaN(x) || math.IsNaN(y) {
		return math.NaN()
	}
	return math.Max(x, y)
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x // 0, -0 and NaN stay
}

func choose(a []float64) float64 {
	if a[0] != 0 {
		return a[1]
	}
	return a[2]
}

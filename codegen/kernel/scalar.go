package kernel

import (
	"math"
	"strconv"

	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// expr is a piece of Go text with how tightly it binds, so that parentheses stand only where they must.
type expr struct {
	text    string
	prec    int     // of its outermost operator; atom for names and calls
	literal bool    // an untyped constant
	value   float64 // of a literal
}

// The precedence of Go's operators; unary ones bind tighter than binary ones.
const (
	precOr = 1 + iota
	precAnd
	precCompare
	precAdd
	precMul
	atom
)

func name(text string) expr { return expr{text: text, prec: atom} }

// in is the text of e as an operand of an operator of that precedence.
func (e expr) in(prec int) string {
	if e.prec < prec {
		return "(" + e.text + ")"
	}
	return e.text
}

// typed is e as a value of Go type t even where e is a constant.
func (e expr) typed(t string) string {
	if e.literal {
		return t + "(" + e.text + ")"
	}
	return e.text
}

// call is a call of a function on operands.
func call(f string, args ...string) expr {
	text := f + "("
	for i, a := range args {
		if i > 0 {
			text += ", "
		}
		text += a
	}
	return name(text + ")")
}

// register is the element type that a value of type t has in a Go variable: half floats are computed as float32 and rounded
// after each operation.
func register(t dtype.DType) dtype.DType {
	if t.IsHalf() {
		return dtype.F32
	}
	return t
}

// goType is the Go type of a variable that holds a value of type t.
func goType(t dtype.DType) string { return register(t).GoName() }

// memType is the Go type of an element in memory, as seen from a generated package.
func memType(t dtype.DType) string {
	if t.IsHalf() {
		return "rt." + t.GoName()
	}
	return t.GoName()
}

// spelling is how one scalar operation is written in Go: t is the type that it computes in, a its operands.
type spelling func(t dtype.DType, a []expr) expr

// goScalars spells every operation of the kernel IR that has operands. Conversions are in convert.
var goScalars = map[*loop.Scalar]spelling{
	loop.Add: arithmetic("+", precAdd),
	loop.Sub: arithmetic("-", precAdd),
	loop.Mul: arithmetic("*", precMul),
	loop.Div: func(t dtype.DType, a []expr) expr {
		if t.IsInt() {
			return call("rt.FloorDiv", a[0].typed(goType(t)), a[1].typed(goType(t)))
		}
		return arithmetic("/", precMul)(t, a)
	},
	loop.FMA: func(t dtype.DType, a []expr) expr {
		return arithmetic("+", precAdd)(t, []expr{arithmetic("*", precMul)(t, a[:2]), a[2]})
	},
	loop.Max:     extreme("max", "||", precOr),
	loop.Min:     extreme("min", "&&", precAnd),
	loop.Neg:     func(t dtype.DType, a []expr) expr { return expr{text: "-" + a[0].in(atom), prec: atom} },
	loop.Abs:     realHelper("math.Abs", "rt.Abs"),
	loop.Sign:    func(t dtype.DType, a []expr) expr { return call("rt.Sign", a[0].typed(goType(t))) },
	loop.Mod:     binaryHelper("rt.Mod", "rt.FloorMod"),
	loop.Pow:     binaryHelper("math.Pow", "rt.PowInt"),
	loop.Exp:     realFunc("math.Exp"),
	loop.Log:     realFunc("math.Log"),
	loop.Sqrt:    realFunc("math.Sqrt"),
	loop.Tanh:    realFunc("math.Tanh"),
	loop.Sigmoid: realFunc("rt.Sigmoid"),
	loop.Erf:     realFunc("math.Erf"),
	loop.Erfc:    realFunc("math.Erfc"),
	loop.Sin:     realFunc("math.Sin"),
	loop.Cos:     realFunc("math.Cos"),
	loop.Floor:   wholeFunc("math.Floor"),
	loop.Ceil:    wholeFunc("math.Ceil"),
	loop.Round:   wholeFunc("math.RoundToEven"),
	loop.Trunc:   wholeFunc("math.Trunc"),
	loop.Rsqrt: func(t dtype.DType, a []expr) expr {
		return call(goType(t), "1 / math.Sqrt("+widen(t, a[0])+")")
	},
	loop.Eq:  compare("=="),
	loop.Ne:  compare("!="),
	loop.Lt:  compare("<"),
	loop.Le:  compare("<="),
	loop.And: logic("&&", precAnd),
	loop.Or:  logic("||", precOr),
	loop.Not: func(t dtype.DType, a []expr) expr { return expr{text: "!" + a[0].in(atom), prec: atom} },
	loop.Ranged: func(t dtype.DType, a []expr) expr {
		return call("rt.Index", a[0].typed(goType(t)), a[1].typed(goType(t)))
	},
	loop.Select: func(t dtype.DType, a []expr) expr {
		return call("rt.Pick", a[0].text, a[1].typed(goType(t)), a[2].typed(goType(t)))
	},
}

// arithmetic is a binary operator. On bools + is or, * is and: sums and products of truth values.
func arithmetic(op string, prec int) spelling {
	return func(t dtype.DType, a []expr) expr {
		if t == dtype.Bool {
			return map[string]spelling{"+": logic("||", precOr), "*": logic("&&", precAnd), "-": compare("!=")}[op](t, a)
		}
		left := a[0].in(prec)
		if a[0].literal && a[1].literal {
			left = a[0].typed(goType(t))
		}
		return expr{text: left + " " + op + " " + a[1].in(prec+1), prec: prec}
	}
}

// extreme is max or min; of bools, or and and.
func extreme(f, op string, prec int) spelling {
	return func(t dtype.DType, a []expr) expr {
		if t == dtype.Bool {
			return logic(op, prec)(t, a)
		}
		first := a[0].text
		if a[1].literal {
			first = a[0].typed(goType(t))
		}
		return call(f, first, a[1].text)
	}
}

func logic(op string, prec int) spelling {
	return func(_ dtype.DType, a []expr) expr {
		return expr{text: a[0].in(prec) + " " + op + " " + a[1].in(prec+1), prec: prec}
	}
}

func compare(op string) spelling {
	return func(t dtype.DType, a []expr) expr {
		left, right := a[0].in(precAdd), a[1].in(precAdd)
		if a[0].literal && a[1].literal {
			left = a[0].typed(goType(t))
		}
		if t == dtype.Bool && (op == "<" || op == "<=") {
			left, right = call("rt.FromBool[int32]", a[0].text).text, call("rt.FromBool[int32]", a[1].text).text
		}
		return expr{text: left + " " + op + " " + right, prec: precCompare}
	}
}

// widen is a value of type t as a float64.
func widen(t dtype.DType, a expr) string {
	if register(t) == dtype.F64 {
		return a.text
	}
	return "float64(" + a.text + ")"
}

// realFunc is a function on float64.
func realFunc(f string) spelling {
	return func(t dtype.DType, a []expr) expr {
		e := call(f, widen(t, a[0]))
		if register(t) == dtype.F64 {
			return e
		}
		return call(goType(t), e.text)
	}
}

// wholeFunc is a rounding function: integers are whole already.
func wholeFunc(f string) spelling {
	return func(t dtype.DType, a []expr) expr {
		if !t.IsFloat() {
			return a[0]
		}
		return realFunc(f)(t, a)
	}
}

// realHelper chooses by whether the type is a float.
func realHelper(float, integer string) spelling {
	return func(t dtype.DType, a []expr) expr {
		if t.IsFloat() {
			return realFunc(float)(t, a)
		}
		return call(integer, a[0].typed(goType(t)))
	}
}

// binaryHelper is realHelper for two operands.
func binaryHelper(float, integer string) spelling {
	return func(t dtype.DType, a []expr) expr {
		if t.IsFloat() {
			e := call(float, widen(t, a[0]), widen(t, a[1]))
			if register(t) == dtype.F64 {
				return e
			}
			return call(goType(t), e.text)
		}
		return call(integer, a[0].typed(goType(t)), a[1].typed(goType(t)))
	}
}

// constant spells a number of type t.
func constant(t dtype.DType, x float64) expr {
	switch {
	case t == dtype.Bool:
		return name(strconv.FormatBool(x != 0))
	case t.IsInt():
		return literal(strconv.FormatInt(int64(x), 10), x)
	case math.IsNaN(x):
		return call(goType(t), "math.NaN()")
	}
	bits := 64
	if register(t) == dtype.F32 {
		x, bits = float64(float32(x)), 32
	}
	switch {
	case math.IsInf(x, 0):
		return call(goType(t), "math.Inf("+strconv.Itoa(sign(x))+")")
	case x == 0 && math.Signbit(x):
		return call(goType(t), "math.Copysign(0, -1)")
	}
	return literal(strconv.FormatFloat(x, 'g', -1, bits), x)
}

func literal(text string, x float64) expr {
	e := expr{text: text, prec: atom, literal: true, value: x}
	if text[0] == '-' {
		e.prec = precMul
	}
	return e
}

func sign(x float64) int {
	if x < 0 {
		return -1
	}
	return 1
}

// convert spells a conversion of a value from one type to another, both as they are in variables except that a half float as
// target rounds.
func convert(e expr, from, to dtype.DType) expr {
	if e.literal {
		return constant(to, to.Rounded(e.value))
	}
	switch {
	case register(from) == register(to):
	case to == dtype.Bool:
		e = expr{text: e.in(precAdd) + " != 0", prec: precCompare}
	case from == dtype.Bool:
		e = call("rt.FromBool["+goType(to)+"]", e.text)
	case to == dtype.U8 && from.IsFloat():
		e = call("uint8", "int32("+e.text+")")
	default:
		e = call(goType(to), e.text)
	}
	if to != from {
		return round(e, to)
	}
	return e
}

// round rounds a float32 to a half float's precision where t is one.
func round(e expr, t dtype.DType) expr {
	switch t {
	case dtype.F16:
		return call("rt.RoundF16", e.text)
	case dtype.BF16:
		return call("rt.RoundBF16", e.text)
	}
	return e
}

// fromMemory and toMemory convert between the form of an element in memory and in a variable.
func fromMemory(element expr, t dtype.DType) expr {
	if register(t) != t {
		return call(element.text + ".Float32")
	}
	return element
}

func toMemory(value expr, t dtype.DType) expr {
	switch t {
	case dtype.F16:
		return call("rt.ToF16", value.typed("float32"))
	case dtype.BF16:
		return call("rt.ToBF16", value.typed("float32"))
	}
	return value
}

package check

import (
	"math"
	"strconv"

	"mmc/ir/dim"
)

// number is a compile-time number: exact (a ratio of integer expressions over dims) or a float64.
type number struct {
	ratio dim.Ratio
	float float64
	exact bool
}

func (n number) kind() string {
	switch {
	case !n.exact:
		return "a float"
	case n.isConst():
		return "an int"
	}
	return "a dim"
}

func whole(n int64) number      { return sized(dim.Int(n)) }
func sized(d dim.Expr) number   { return number{ratio: dim.Over(d, dim.Int(1)), exact: true} }
func ratio(r dim.Ratio) number  { return number{ratio: r, exact: true} }
func real64(f float64) number   { return number{float: f} }
func (n number) isConst() bool  { _, ok := n.constant(); return ok }
func (n number) symbolic() bool { return n.exact && !n.isConst() }

// err is the reason why exact arithmetic failed, or nil.
func (n number) err() error {
	if !n.exact {
		return nil
	}
	a, b := n.ratio.Parts()
	if err := a.Err(); err != nil {
		return err
	}
	return b.Err()
}

// constant is the value of a number that depends on no symbolic dim.
func (n number) constant() (float64, bool) {
	if !n.exact {
		return n.float, true
	}
	num, den := n.ratio.Parts()
	a, ok := num.Const()
	b, ok2 := den.Const()
	if !ok || !ok2 {
		return 0, false
	}
	return float64(a) / float64(b), true
}

// integer is n as an int, where it is one and constant.
func (n number) integer() (int64, bool) {
	if !n.exact {
		return 0, false
	}
	d, ok := n.ratio.Exact()
	if !ok {
		return 0, false
	}
	return d.Const()
}

// integral tells whether n is a whole constant, written in whatever way (2, 4 / 2, 1e3).
func (n number) integral() bool {
	c, ok := n.constant()
	return ok && c == math.Trunc(c) && math.Abs(c) < 1<<53
}

func (n number) show(e *elab) string {
	if !n.exact {
		return strconv.FormatFloat(n.float, 'g', -1, 64)
	}
	if d, ok := e.facts.Exact(n.ratio); ok {
		return e.facts.Show(d)
	}
	return n.ratio.String()
}

// arithmetic is one binary operation on compile-time numbers: exact where it can be.
type arithmetic struct {
	exact func(a, b dim.Ratio) (dim.Ratio, bool)
	float func(a, b float64) float64
}

func always(f func(a, b dim.Ratio) dim.Ratio) func(a, b dim.Ratio) (dim.Ratio, bool) {
	return func(a, b dim.Ratio) (dim.Ratio, bool) { return f(a, b), true }
}

var arithmetics = map[string]arithmetic{
	"+":  {always(dim.Ratio.Add), func(a, b float64) float64 { return a + b }},
	"-":  {always(dim.Ratio.Sub), func(a, b float64) float64 { return a - b }},
	"*":  {always(dim.Ratio.Mul), func(a, b float64) float64 { return a * b }},
	"/":  {always(dim.Ratio.Div), func(a, b float64) float64 { return a / b }},
	"%":  {modRatio, func(a, b float64) float64 { return a - b*math.Floor(a/b) }},
	"**": {powRatio, math.Pow},
}

// modRatio is a - b*floor(a/b).
func modRatio(a, b dim.Ratio) (dim.Ratio, bool) {
	x, ok := a.Exact()
	y, ok2 := b.Exact()
	if !ok || !ok2 {
		return dim.Ratio{}, false
	}
	return dim.Over(x.Mod(y), dim.Int(1)), true
}

// powRatio is exact for whole exponents; beyond a sensible size the power is a float.
func powRatio(a, b dim.Ratio) (dim.Ratio, bool) {
	x, ok := b.Exact()
	if !ok {
		return dim.Ratio{}, false
	}
	n, ok := x.Const()
	if !ok || n > 64 || n < -64 {
		return dim.Ratio{}, false
	}
	if n < 0 {
		return dim.Over(dim.Int(1), dim.Int(1)).Div(a.Pow(int(-n))), true
	}
	return a.Pow(int(n)), true
}

// combine applies op; ok is false where the result depends on a symbolic dim and is not exact, so that it can only be
// computed at run time.
func combine(op arithmetic, a, b number) (result number, ok bool) {
	if a.exact && b.exact {
		if r, ok := op.exact(a.ratio, b.ratio); ok {
			return ratio(r), true
		}
	}
	x, ok := a.constant()
	y, ok2 := b.constant()
	if !ok || !ok2 {
		return number{}, false
	}
	return real64(op.float(x, y)), true
}

// mathFunctions are the compile-time meanings of unary operators on constants.
var mathFunctions = map[string]func(float64) float64{
	"exp": math.Exp, "log": math.Log, "sqrt": math.Sqrt, "rsqrt": func(x float64) float64 { return 1 / math.Sqrt(x) },
	"sin": math.Sin, "cos": math.Cos, "tanh": math.Tanh, "erf": math.Erf, "erfc": math.Erfc,
	"sigmoid": func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, "abs": math.Abs,
}

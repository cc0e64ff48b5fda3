package dim

import "math"

// interval is the set of integers from lo to hi. Its ends saturate: negInf and posInf stand for no bound at all.
type interval struct{ lo, hi int64 }

const (
	negInf = math.MinInt64
	posInf = math.MaxInt64
)

var (
	everything = interval{negInf, posInf}
	sizes      = interval{1, posInf} // of a symbol nothing is known about
)

func point(v int64) interval { return interval{v, v} }

func (x interval) empty() bool { return x.lo > x.hi }

// point returns the only element.
func (x interval) point() (int64, bool) { return x.lo, x.lo == x.hi && finite(x.lo) }

func (x interval) meet(y interval) interval { return interval{max(x.lo, y.lo), min(x.hi, y.hi)} }

func finite(v int64) bool { return v != negInf && v != posInf }

// satAdd adds where overflow and infinity end at an infinity; opposite infinities do not meet.
func satAdd(a, b int64) int64 {
	switch {
	case !finite(a):
		return a
	case !finite(b):
		return b
	}
	if sum, ok := addInt(a, b); ok {
		return sum
	}
	return infinity(a > 0)
}

func satMul(a, b int64) int64 {
	if a == 0 || b == 0 {
		return 0
	}
	if finite(a) && finite(b) {
		if p, ok := mulInt(a, b); ok {
			return p
		}
	}
	return infinity((a > 0) == (b > 0))
}

func infinity(positive bool) int64 {
	if positive {
		return posInf
	}
	return negInf
}

// lowEnd and highEnd make a saturated result sound: a lower end must not be +inf, nor an upper one -inf.
func lowEnd(v int64) int64  { return min(v, posInf-1) }
func highEnd(v int64) int64 { return max(v, negInf+1) }

func (x interval) add(y interval) interval {
	return interval{lowEnd(satAdd(x.lo, y.lo)), highEnd(satAdd(x.hi, y.hi))}
}

func (x interval) mul(y interval) interval {
	return hull(satMul(x.lo, y.lo), satMul(x.lo, y.hi), satMul(x.hi, y.lo), satMul(x.hi, y.hi))
}

// hull is the least interval around the values.
func hull(values ...int64) interval {
	x := interval{posInf, negInf}
	for _, v := range values {
		x.lo, x.hi = min(x.lo, v), max(x.hi, v)
	}
	return interval{lowEnd(x.lo), highEnd(x.hi)}
}

// floorInterval bounds floor(a / b).
func floorInterval(args []interval) interval {
	a, b := args[0], args[1]
	if b.lo <= 0 {
		return everything
	}
	return hull(satDiv(a.lo, b.lo), satDiv(a.lo, b.hi), satDiv(a.hi, b.lo), satDiv(a.hi, b.hi))
}

// satDiv is floor(a / b) for b > 0 and possibly infinite ends.
func satDiv(a, b int64) int64 {
	switch {
	case finite(a) && finite(b):
		return floorDiv(a, b)
	case finite(b):
		return a
	case a < 0:
		return -1
	}
	return 0
}

func maxInterval(args []interval) interval {
	x := args[0]
	for _, y := range args[1:] {
		x = interval{max(x.lo, y.lo), max(x.hi, y.hi)}
	}
	return x
}

func minInterval(args []interval) interval {
	x := args[0]
	for _, y := range args[1:] {
		x = interval{min(x.lo, y.lo), min(x.hi, y.hi)}
	}
	return x
}

// of returns the interval of a free symbol.
func (f *Facts) of(sym string) interval {
	if x, ok := f.intervals[sym]; ok {
		return x
	}
	return sizes
}

func (f *Facts) setInterval(sym string, x interval) {
	if f.intervals == nil {
		f.intervals = map[string]interval{}
	}
	f.intervals[sym] = x
}

// interval bounds a normal expression by interval arithmetic on its terms.
func (f *Facts) interval(e Expr) interval {
	if e.Err() != nil {
		return everything
	}
	sum := point(e.c)
	for _, t := range e.terms() {
		product := point(t.coef)
		for _, a := range t.m.atoms {
			product = product.mul(f.atomInterval(a))
		}
		sum = sum.add(product)
	}
	return sum
}

func (f *Facts) atomInterval(a *atom) interval {
	if a.op == opSymbol {
		return f.of(a.name)
	}
	args := make([]interval, len(a.args))
	for i, x := range a.args {
		args[i] = f.interval(x)
	}
	return a.op.bound(args)
}

package dim

import (
	"errors"
	"fmt"
)

// ErrContradiction is wrapped by the error for a fact that cannot hold beside the earlier ones.
var ErrContradiction = errors.New("contradicts")

// Bound declares that lo <= sym <= hi; math.MinInt64 and math.MaxInt64 stand for no bound. The first Bound of a symbol replaces the
// default, at least 1, and must come before other facts about the symbol; further ones narrow it. Being a declaration, it is no
// Condition.
func (f *Facts) Bound(sym string, lo, hi int64) error {
	want := interval{lo, hi}
	if want.empty() {
		return fmt.Errorf("no size %s is both at least %d and at most %d: the bounds %w", sym, lo, hi, ErrContradiction)
	}
	return f.try(func() error {
		switch {
		case f.declared[sym]:
		case !f.constrained(sym):
			f.setInterval(sym, everything)
		case lo < sizes.lo:
			return fmt.Errorf("bounds of size %s declared after a fact about it", symbolText(sym))
		}
		if f.declared == nil {
			f.declared = map[string]bool{}
		}
		f.declared[sym] = true
		return f.within(f.Norm(Sym(sym)), want)
	})
}

// constrained tells whether facts about the symbol have been used already.
func (f *Facts) constrained(sym string) bool {
	_, solved := f.solved[sym]
	_, bounded := f.intervals[sym]
	return solved || bounded
}

// AssumeDivisible adds e % m == 0.
func (f *Facts) AssumeDivisible(e Expr, m int64) error { return f.AssumeMultiple(e, Int(m)) }

// AssumeMultiple adds e % of == 0.
func (f *Facts) AssumeMultiple(e, of Expr) error {
	return f.assume(Condition{Divisible, e, of}, func(n, of Expr) error {
		k, constant := of.Const()
		switch {
		case of.IsConst(0):
			return ErrDivZero
		case constant:
			return f.divisible(n, max(k, -k))
		}
		return f.multiple(n, of)
	})
}

// AssumeEqual adds a == b.
func (f *Facts) AssumeEqual(a, b Expr) error {
	return f.assume(Condition{Equal, a, b}, func(a, b Expr) error { return f.vanish(a.Sub(b)) })
}

// AssumeAtMost adds a <= b.
func (f *Facts) AssumeAtMost(a, b Expr) error {
	return f.assume(Condition{AtMost, a, b}, func(a, b Expr) error { return f.nonNegative(b.Sub(a)) })
}

// AssumeLess adds a < b.
func (f *Facts) AssumeLess(a, b Expr) error {
	return f.assume(Condition{Less, a, b}, func(a, b Expr) error { return f.nonNegative(b.Sub(a).Sub(Int(1))) })
}

// AssumeNonZero adds e != 0.
func (f *Facts) AssumeNonZero(e Expr) error {
	return f.assume(Condition{NonZero, e, Expr{}}, func(n, _ Expr) error {
		if f.Equal(n, Expr{}) {
			return ErrContradiction
		}
		f.nonZero = append(f.nonZero, n)
		return f.sharpenEnds()
	})
}

// assume adds a condition unless it is implied. act receives both sides in normal form.
func (f *Facts) assume(c Condition, act func(a, b Expr) error) error {
	if bad, is := failed(c.A, c.B); is {
		return bad.Err()
	}
	if f.Implies(c) {
		return nil
	}
	err := f.try(func() error {
		a, b := f.Norm(c.A), f.Norm(c.B)
		if bad, is := failed(a, b); is {
			return bad.Err()
		}
		return act(a, b)
	})
	if errors.Is(err, ErrContradiction) {
		return fmt.Errorf("%s %w what is known of the sizes", c, ErrContradiction)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", c, err)
	}
	f.conds = append(f.conds, c)
	return nil
}

// try undoes everything if act fails.
func (f *Facts) try(act func() error) error {
	before := f.Clone()
	f.effort = 0
	err := act()
	if err != nil {
		*f = *before
	}
	return err
}

// nonNegative adds n >= 0 for a normal n.
func (f *Facts) nonNegative(n Expr) error {
	if err := n.Err(); err != nil {
		return err
	}
	return f.within(n, interval{0, posInf})
}

// within adds that the normal expression n lies in x: as an interval if n is linear in one symbol, else as inequalities.
func (f *Facts) within(n Expr, x interval) error {
	known := f.bounds(n)
	if known.meet(x).empty() {
		return ErrContradiction
	}
	if known.meet(x) == known {
		return nil
	}
	if sym, c, ok := n.linear(); ok {
		return f.narrow(sym, scaledBack(x, c, n.c))
	}
	if finite(x.lo) {
		f.least = append(f.least, n.Sub(Int(x.lo)))
	}
	if finite(x.hi) {
		f.least = append(f.least, Int(x.hi).Sub(n))
	}
	return nil
}

// linear recognises c*sym + constant.
func (e Expr) linear() (sym string, c int64, ok bool) {
	if len(e.terms()) != 1 {
		return "", 0, false
	}
	a, lone := e.p.terms[0].m.lone()
	return a.name, e.p.terms[0].coef, lone && a.op == opSymbol
}

// scaledBack is the set of s for which c*s + d lies in x.
func scaledBack(x interval, c, d int64) interval {
	lo, hi := satAdd(x.lo, -d), satAdd(x.hi, -d)
	if c < 0 {
		lo, hi, c = satMul(hi, -1), satMul(lo, -1), -c
	}
	if finite(lo) {
		lo = -floorDiv(-lo, c)
	}
	if finite(hi) {
		hi = floorDiv(hi, c)
	}
	return interval{lo, hi}
}

// narrow intersects a free symbol's interval with x; a symbol with one possible value becomes that value.
func (f *Facts) narrow(sym string, x interval) error {
	x = x.meet(f.of(sym))
	if x.empty() {
		return ErrContradiction
	}
	f.setInterval(sym, x)
	if v, ok := x.point(); ok {
		return f.solve(sym, Int(v))
	}
	return f.sharpenEnds()
}

// sharpenEnds moves the end of an interval that an != 0 fact forbids.
func (f *Facts) sharpenEnds() error {
	for _, n := range f.nonZero {
		sym, c, ok := n.linear()
		if n.IsConst(0) {
			return ErrContradiction
		}
		if !ok || n.c%c != 0 {
			continue
		}
		x, root := f.of(sym), -n.c/c
		if x.lo == root {
			return f.narrow(sym, interval{root + 1, posInf})
		}
		if x.hi == root {
			return f.narrow(sym, interval{negInf, root - 1})
		}
	}
	return nil
}

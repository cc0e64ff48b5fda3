package dim

// This file answers questions. All methods take the user's expressions; "false" means "not known".

// Equal tells that a == b for every assignment that satisfies the facts.
func (f *Facts) Equal(a, b Expr) bool {
	if a.Equal(b) {
		return true
	}
	d := f.Norm(a.Sub(b))
	switch {
	case d.Err() != nil:
		return false
	case d.p == nil:
		return d.c == 0
	case f.vanishes(d):
		return true
	}
	return false
}

// vanishes tells that the normal, non-constant d is 0 nevertheless.
func (f *Facts) vanishes(d Expr) bool {
	for _, z := range f.zero {
		if _, ok := DivExact(d, z); ok {
			return true
		}
	}
	if f.refutedBySample(d) || !d.hasOperators() && len(f.least) == 0 {
		return false
	}
	if f.everyResidue(d, 1, func(g *Facts, e Expr) bool { return e.IsConst(0) }) {
		return true
	}
	return f.provesNormal(d) && f.provesNormal(d.Neg())
}

// AtMost tells that a <= b.
func (f *Facts) AtMost(a, b Expr) bool { return f.NonNegative(b.Sub(a)) }

// Less tells that a < b.
func (f *Facts) Less(a, b Expr) bool { return f.NonNegative(b.Sub(a).Sub(Int(1))) }

// Positive tells that e > 0.
func (f *Facts) Positive(e Expr) bool { return f.NonNegative(e.Sub(Int(1))) }

// NonNegative tells that e >= 0.
func (f *Facts) NonNegative(e Expr) bool {
	n := f.Norm(e)
	if n.Err() != nil {
		return false
	}
	if f.provesNormal(n) {
		return true
	}
	if !n.hasOperators() || f.interval(n).hi < 0 {
		return false
	}
	return f.everyResidue(n, 1, func(g *Facts, e Expr) bool { return g.provesNormal(e) })
}

// NonZero tells that e != 0.
func (f *Facts) NonZero(e Expr) bool { return f.Disproves(e, Expr{}) }

// Disproves tells that a != b for every assignment.
func (f *Facts) Disproves(a, b Expr) bool {
	d := f.Norm(a.Sub(b))
	if d.Err() != nil {
		return false
	}
	if d.p == nil {
		return d.c != 0
	}
	if d.hasCommonFactor(0) || f.bounds(d).meet(point(0)).empty() {
		return true
	}
	for _, n := range f.nonZero {
		if _, ok := DivExact(n, d); ok { // n = d*q is not 0, so d is not either
			return true
		}
	}
	return false
}

// Divides tells that e is a multiple of m.
func (f *Facts) Divides(m int64, e Expr) bool {
	n := f.Norm(e)
	if n.Err() != nil || m == 0 {
		return n.IsConst(0)
	}
	m = max(m, -m)
	divides := func(_ *Facts, e Expr) bool {
		g, _ := e.content()
		return g%m == 0
	}
	return divides(f, n) || f.everyResidue(n, m, divides)
}

// DivExact is a / b in the user's symbols, if the facts prove that nothing remains. A b that may be 0 counts as not 0.
func (f *Facts) DivExact(a, b Expr) (q Expr, ok bool) {
	if q, ok = DivExact(a, b); ok {
		return q, true
	}
	n, d := f.Norm(a), f.Norm(b)
	if _, ok = DivExact(n, d); !ok {
		k, constant := d.Const()
		if !constant || k == 0 || !f.Divides(k, n) {
			return Expr{}, false
		}
	}
	return a.FloorDiv(b), true
}

// Range bounds e: loKnown and hiKnown tell which ends there are. The ends are sound, not always sharp.
func (f *Facts) Range(e Expr) (lo, hi int64, loKnown, hiKnown bool) {
	n := f.Norm(e)
	if n.Err() != nil {
		return 0, 0, false, false
	}
	x := f.bounds(n)
	if x.lo != negInf {
		lo, loKnown = x.lo, true
	}
	if x.hi != posInf {
		hi, hiKnown = x.hi, true
	}
	return lo, hi, loKnown, hiKnown
}

// Implies tells that c need not be tested, given the other facts.
func (f *Facts) Implies(c Condition) bool { return c.Kind.rules().implied(f, c.A, c.B) }

// bounds is the interval of a normal expression, by all means short of case distinction.
func (f *Facts) bounds(n Expr) interval {
	x := f.interval(n)
	x.lo = max(x.lo, f.lower(n))
	x.hi = min(x.hi, satMul(f.lower(n.Neg()), -1))
	for _, g := range f.least {
		if g.mask()&n.mask() == 0 {
			continue
		}
		x.lo = max(x.lo, f.lower(n.Sub(g)))                   // n >= n - g
		x.hi = min(x.hi, satMul(f.lower(n.Neg().Sub(g)), -1)) // n <= n + g
	}
	return x
}

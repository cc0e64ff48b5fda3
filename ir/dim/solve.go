package dim

import (
	"math/bits"
	"slices"
)

// This file brings equations and divisibilities into solved form.

// maxEffort bounds the substitutions and rules that one new fact may lead to. An equation beyond it is kept unsolved, which is sound.
const maxEffort = 64

// divisible adds n % k == 0 for a normal n and k > 0.
func (f *Facts) divisible(n Expr, k int64) error {
	n = n.mapCoefs(func(c int64) (int64, bool) { return floorMod(c, k), true })
	if n, k = n.shareOut(k); k == 1 {
		return nil
	}
	if n.Err() != nil {
		return n.Err()
	}
	if n.p == nil || n.hasCommonFactor(k) { // 0 < n < k for a constant
		return ErrContradiction
	}
	t, ok := n.pivot(func(c int64) bool { return gcd(c, k) == 1 })
	if !ok {
		return nil // cannot be used, only tested at run time
	}
	// coef*m + rest = 0 mod k, so m = k*q - inverse(coef)*rest for an integer q.
	inverse := inverseMod(t.coef, k)
	rest := n.Sub(single(t.coef, t.m)).mapCoefs(func(c int64) (int64, bool) { return mulMod(c, inverse, k), true })
	q := f.fresh(t.m.stem(), Over(single(1, t.m).Add(rest), Int(k)))
	return f.replace(t.m, q.scale(k).Sub(rest))
}

// shareOut divides k and n by the common factor of k and all of n, constant included.
func (e Expr) shareOut(k int64) (Expr, int64) {
	g, _ := e.content()
	if g = gcd(g, k); g <= 1 {
		return e, k
	}
	return e.divideBy(g, nil), k / g
}

// hasCommonFactor tells that all non-constant coefficients share a factor with k that the constant lacks.
func (e Expr) hasCommonFactor(k int64) bool {
	g := k
	for _, t := range e.terms() {
		g = gcd(g, t.coef)
	}
	return g > 1 && e.c%g != 0
}

// inverseMod is the x in [0, k) with a*x = 1 mod k, for a and k without common factor.
func inverseMod(a, k int64) int64 {
	x, y, r, s := int64(1), int64(0), a, k
	for s != 0 {
		q := r / s
		r, s = s, r-q*s
		x, y = y, x-q*y
	}
	return floorMod(x, k)
}

// mulMod is a*b mod k for a, b in [0, k).
func mulMod(a, b, k int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	return int64(bits.Rem64(hi, lo, uint64(k)))
}

// multiple adds n % of == 0 for a symbolic divisor.
func (f *Facts) multiple(n, of Expr) error {
	t, ok := n.pivot(func(c int64) bool { return c == 1 || c == -1 })
	if !ok || of.has(t.m.atoms[0].name) {
		return nil // cannot be used, only tested at run time
	}
	q := f.fresh(t.m.stem(), Over(n, of))
	if f.bounds(n).lo >= 1 && f.bounds(of).lo >= 1 {
		f.setInterval(q.Syms()[0], sizes)
	}
	rest := n.Sub(single(t.coef, t.m))
	return f.replace(t.m, of.Mul(q).Sub(rest).scale(t.coef))
}

// vanish adds n == 0 for a normal n.
func (f *Facts) vanish(n Expr) error {
	if err := n.Err(); err != nil {
		return err
	}
	for range maxRounds {
		g, _ := n.content()
		switch {
		case n.IsConst(0):
			return nil
		case n.p == nil || n.hasCommonFactor(0) || f.bounds(n).meet(point(0)).empty():
			return ErrContradiction
		}
		n = n.divideBy(g, nil)
		if t, ok := f.bestPivot(n); ok {
			return f.replace(t.m, n.Sub(single(t.coef, t.m)).scale(-t.coef))
		}
		// c*s + rest = 0: rest is divisible by c, which may free the way.
		t, ok := n.pivot(func(int64) bool { return true })
		if !ok || !n.solvableFor(t.m) {
			break
		}
		if err := f.divisible(n.Sub(single(t.coef, t.m)), max(t.coef, -t.coef)); err != nil {
			return err
		}
		next := f.Norm(n)
		if next.Equal(n) {
			break
		}
		n = next
	}
	f.zero = append(f.zero, n)
	return nil
}

// bestPivot is the term to solve n == 0 for: coefficient 1 or -1, and best with a solution that is surely not negative.
func (f *Facts) bestPivot(n Expr) (best term, ok bool) {
	for _, t := range n.terms() {
		if (t.coef != 1 && t.coef != -1) || !n.solvableFor(t.m) {
			continue
		}
		solution := n.Sub(single(t.coef, t.m)).scale(-t.coef)
		if !ok || f.interval(solution).lo >= 0 {
			best, ok = t, true
		}
	}
	if !ok {
		return n.pivot(func(c int64) bool { return c == 1 || c == -1 })
	}
	return best, true
}

// pivot is the term to solve an equation for, if its coefficient is usable: one that is a symbol and has its only occurrence there,
// else the greatest in the order of rules.
func (e Expr) pivot(usable func(coef int64) bool) (term, bool) {
	for i := len(e.terms()) - 1; i >= 0; i-- {
		if t := e.p.terms[i]; usable(t.coef) && e.solvableFor(t.m) {
			return t, true
		}
	}
	if e.p == nil {
		return term{}, false
	}
	greatest := slices.MinFunc(e.p.terms, func(t, u term) int { return compareForRules(t.m, u.m) })
	return greatest, usable(greatest.coef)
}

// compareForRules orders products, greatest first, so that rules which replace greater ones by lesser ones come to an end: what is
// nested deeper is greater, for a rule must not bring back its left side inside a floor.
func compareForRules(a, b *mono) int {
	for d := max(a.depth(), b.depth()); d > 0; d-- {
		if c := b.atDepth(d) - a.atDepth(d); c != 0 {
			return c
		}
	}
	return compareMono(a, b)
}

func (m *mono) depth() int { return single(1, m).depth() }

// atDepth counts the factors of the given depth.
func (m *mono) atDepth(d int) int {
	n := 0
	for _, a := range m.atoms {
		if a.depth == d {
			n++
		}
	}
	return n
}

// terminates tells that the right side consists of lesser products than the left.
func (r rule) terminates() bool {
	return !slices.ContainsFunc(r.by.terms(), func(t term) bool { return compareForRules(r.lead, t.m) >= 0 })
}

func (m *mono) isSymbol() bool {
	a, lone := m.lone()
	return lone && a.op == opSymbol
}

// solvableFor tells whether m is a symbol that occurs in no other term of e.
func (e Expr) solvableFor(m *mono) bool {
	return m.isSymbol() && e.count(m.atoms[0].name) == 1
}

// count is how often the symbol occurs in e.
func (e Expr) count(name string) int {
	n := 0
	e.eachSymbol(func(s string) {
		if s == name {
			n++
		}
	})
	return n
}

// stem is a name to derive an internal symbol's from.
func (m *mono) stem() string { return m.atoms[0].name }

// replace makes the product m equal to the expression by from now on.
func (f *Facts) replace(m *mono, by Expr) error {
	if err := by.Err(); err != nil {
		return err
	}
	if m.isSymbol() && !by.has(m.atoms[0].name) {
		return f.solve(m.atoms[0].name, by)
	}
	r := rule{m, by}
	if f.effort++; f.effort > maxEffort || !r.terminates() {
		f.zero = append(f.zero, single(1, m).Sub(by))
		return nil
	}
	known := f.interval(single(1, m))
	f.rules = append(f.rules, r)
	if err := f.carry(known, by); err != nil {
		return err
	}
	return f.restate()
}

// carry hands the interval of what was replaced on to its replacement.
func (f *Facts) carry(x interval, by Expr) error {
	n := f.Norm(by)
	if err := n.Err(); err != nil {
		return err
	}
	return f.within(n, x)
}

// solve replaces a free symbol everywhere.
func (f *Facts) solve(sym string, by Expr) error {
	if f.effort++; f.effort > maxEffort {
		f.zero = append(f.zero, Sym(sym).Sub(by))
		return nil
	}
	x := f.of(sym)
	delete(f.intervals, sym)
	if f.solved == nil {
		f.solved = map[string]Expr{}
	}
	f.solved[sym] = by
	f.mask |= symbolBit(sym)
	with, mask := map[string]Expr{sym: by}, symbolBit(sym)
	for name, e := range f.solved {
		f.solved[name] = e.subst(with, mask)
	}
	if err := f.carry(x, by); err != nil {
		return err
	}
	return f.restate()
}

// restate brings the facts that are not in solved form up to date after a substitution.
func (f *Facts) restate() error {
	rules, least, zero, nonZero := f.rules, f.least, f.zero, f.nonZero
	f.rules, f.least, f.zero, f.nonZero = nil, nil, nil, nil
	for _, r := range rules {
		if err := f.restateRule(r); err != nil {
			return err
		}
	}
	for _, e := range zero {
		if err := f.vanish(f.Norm(e)); err != nil {
			return err
		}
	}
	for _, e := range least {
		if err := f.nonNegative(f.Norm(e)); err != nil {
			return err
		}
	}
	for _, e := range nonZero {
		f.nonZero = append(f.nonZero, f.Norm(e))
	}
	return f.sharpenEnds()
}

// restateRule keeps a rule whose left side still stands, and solves the equation anew otherwise.
func (f *Facts) restateRule(r rule) error {
	lead := single(1, r.lead)
	now := f.Norm(lead)
	same := rule{r.lead, f.Norm(r.by)}
	if now.Equal(lead) && same.by.Err() == nil && same.terminates() {
		f.rules = append(f.rules, same)
		return nil
	}
	return f.vanish(f.Norm(now.Sub(r.by)))
}

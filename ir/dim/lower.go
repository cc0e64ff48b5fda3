package dim

// This file bounds normal expressions from below.

const (
	maxRelaxed    = 16  // floors opened per bound
	maxHypotheses = 3   // inequalities added up per proof
	maxSplits     = 4   // nested max and min told apart per proof
	maxCases      = 512 // residue classes per question
)

// provesNormal tells that the normal expression n is >= 0.
func (f *Facts) provesNormal(n Expr) bool { return f.proves(n, f.least, maxHypotheses, maxSplits) }

// proves shows n >= 0 by bounds, by subtracting hypotheses (each >= 0), or by telling apart the arguments of a max or min.
func (f *Facts) proves(n Expr, hypotheses []Expr, additions, splits int) bool {
	if n.Err() != nil {
		return false
	}
	if f.lower(n) >= 0 {
		return true
	}
	if splits > 0 && f.provesByArgument(n, hypotheses, additions, splits-1) {
		return true
	}
	if additions == 0 {
		return false
	}
	for _, h := range hypotheses {
		if h.mask()&n.mask() != 0 && f.proves(n.Sub(h), hypotheses, additions-1, 0) {
			return true
		}
	}
	return false
}

// provesByArgument puts each argument in the place of a max or min; whichever is the value, the others are not beyond it.
func (f *Facts) provesByArgument(n Expr, hypotheses []Expr, additions, splits int) bool {
	a := n.firstExtremum()
	if a == nil {
		return false
	}
	for _, x := range a.args {
		given := hypotheses
		for _, y := range a.args {
			d := x.Sub(y)
			if a.op == opMin {
				d = d.Neg()
			}
			if !d.IsConst(0) {
				given = append(given[:len(given):len(given)], d)
			}
		}
		if !f.proves(n.withAtom(a, x), given, additions, splits) {
			return false
		}
	}
	return true
}

// firstExtremum finds a max or min among the factors of e.
func (e Expr) firstExtremum() *atom {
	for _, t := range e.terms() {
		for _, a := range t.m.atoms {
			if a.op == opMax || a.op == opMin {
				return a
			}
		}
	}
	return nil
}

// withAtom is e with x in the place of the factor a.
func (e Expr) withAtom(a *atom, x Expr) Expr {
	return e.mapAtoms(func(b *atom) (Expr, bool) { return x, compareAtom(a, b) == 0 })
}

// lower is a number that n is never below, negInf for none.
func (f *Facts) lower(n Expr) int64 {
	lo := f.interval(n).lo
	relaxed, scale := f.relax(n)
	if relaxed.Err() == nil {
		if r := f.shiftedLower(relaxed); finite(r) {
			lo = max(lo, -floorDiv(-r, scale))
		}
	}
	return lo
}

// relax returns r and a scale > 0 with scale*n >= r, where r has the floors opened: (p-k+1)/k <= floor(p/k) <= p/k. Unlike the
// interval of a floor this keeps what it has in common with other terms.
func (f *Facts) relax(n Expr) (r Expr, scale int64) {
	r, scale = n, 1
	for range maxRelaxed {
		t, i, ok := f.openable(r)
		if !ok {
			break
		}
		a := t.m.atoms[i]
		p, k := a.args[0], a.args[1].c
		if t.coef > 0 {
			p = p.Sub(Int(k - 1))
		}
		rest, _ := t.m.over(monoOf(a))
		r = r.Sub(single(t.coef, t.m)).scale(k).Add(p.timesMono(rest).scale(t.coef))
		next, ok := mulInt(scale, k)
		if !ok {
			return invalid(ErrOverflow), 1
		}
		scale = next
	}
	return r, scale
}

// openable finds a floor by a constant whose other factors are not negative: factor i of the term.
func (f *Facts) openable(e Expr) (t term, i int, ok bool) {
	for _, t := range e.terms() {
		for i, a := range t.m.atoms {
			if a.op != opFloor || a.args[1].p != nil {
				continue
			}
			rest, _ := t.m.over(monoOf(a))
			if rest == nil || f.interval(single(1, rest)).lo >= 0 {
				return t, i, true
			}
		}
	}
	return term{}, 0, false
}

// shiftedLower writes every symbol as its least value plus something >= 0. When no negative term is left, the constant is a bound:
// H*W - H = (1+h)(1+w) - (1+h) = w + h*w >= 0, which intervals of single terms cannot see.
func (f *Facts) shiftedLower(e Expr) int64 {
	if len(e.terms()) == 0 || len(e.p.terms[0].m.atoms) == 1 { // linear: nothing to gain
		return f.interval(e).lo
	}
	shifted := map[string]interval{}
	with := map[string]Expr{}
	for _, sym := range e.Syms() {
		x := f.of(sym)
		if finite(x.lo) && x.lo != 0 {
			with[sym] = Sym(sym).Add(Int(x.lo))
			x = interval{0, satAdd(x.hi, -x.lo)}
		}
		shifted[sym] = x
	}
	g := &Facts{intervals: shifted}
	return g.interval(e.Subst(with)).lo
}

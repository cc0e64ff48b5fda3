package dim

import "math"

// everyResidue tells that holds is true in all residue classes of the symbols that decide the floors in n: with H = 4h + r every
// floor(.. H .. / 4) becomes a polynomial, so that for constant divisors and few symbols the answer is exact. at multiplies the moduli.
func (f *Facts) everyResidue(n Expr, at int64, holds func(g *Facts, e Expr) bool) bool {
	moduli := map[string]int64{}
	if !n.moduli(at, moduli) {
		return false
	}
	syms, cases := []string{}, int64(1)
	for _, sym := range n.Syms() {
		if m := moduli[sym]; m > 1 {
			if cases *= m; m > maxCases || cases > maxCases {
				return false
			}
			syms = append(syms, sym)
		}
	}
	if len(syms) == 0 {
		return false
	}
	for i := range cases {
		if g, e := f.residueClass(n, syms, moduli, i); g != nil && !holds(g, e) {
			return false
		}
	}
	return true
}

// moduli collects for each symbol the number whose residues decide the floors around it. It fails for absurd numbers.
func (e Expr) moduli(at int64, into map[string]int64) bool {
	for _, t := range e.terms() {
		for _, a := range t.m.atoms {
			if !a.moduli(at, into) {
				return false
			}
		}
	}
	return true
}

func (a *atom) moduli(at int64, into map[string]int64) bool {
	if a.op == opSymbol {
		m, ok := lcm(max(into[a.name], 1), at)
		into[a.name] = m
		return ok && m <= math.MaxInt32
	}
	if a.op == opFloor && a.args[1].p == nil {
		inner, ok := mulInt(at, a.args[1].c)
		return ok && a.args[0].moduli(inner, into)
	}
	for _, x := range a.args {
		if !x.moduli(at, into) {
			return false
		}
	}
	return true
}

// residueClass is n in the i-th residue class, where each symbol stands for its quotient from now on; nil for an empty class.
func (f *Facts) residueClass(n Expr, syms []string, moduli map[string]int64, i int64) (*Facts, Expr) {
	g := &Facts{intervals: map[string]interval{}}
	for sym, x := range f.intervals {
		g.intervals[sym] = x
	}
	with := map[string]Expr{}
	for _, sym := range syms {
		m := moduli[sym]
		r := i % m
		i /= m
		with[sym] = Sym(sym).scale(m).Add(Int(r))
		x := scaledBack(f.of(sym), m, r)
		if x.empty() {
			return nil, Expr{}
		}
		g.intervals[sym] = x
	}
	for _, h := range f.least {
		g.least = append(g.least, h.Subst(with))
	}
	return g, g.Norm(n.Subst(with))
}

// refutedBySample tells that d is not 0 for some assignment that satisfies the facts: a cheap way out before costly proofs.
func (f *Facts) refutedBySample(d Expr) bool {
	if len(f.rules) > 0 || len(f.zero) > 0 {
		return false // free symbols are not free to choose
	}
	state := uint64(hashSeed)
	for range 8 {
		values := map[string]int64{}
		env := func(sym string) (int64, bool) {
			v, ok := values[sym]
			if !ok {
				state = mix(state, 1)
				v = f.of(sym).sample(state >> 40)
				values[sym] = v
			}
			return v, true
		}
		if v, err := d.Eval(env); err == nil && v != 0 && f.allows(env) {
			return true
		}
	}
	return false
}

// sample is some element of x, for a random number.
func (x interval) sample(random uint64) int64 {
	lo := x.lo
	if !finite(lo) {
		lo = -8
	}
	v := satAdd(lo, int64(random%97))
	if v > x.hi {
		v = satAdd(lo, int64(random%uint64(min(x.hi-lo, 96)+1)))
	}
	return min(max(v, x.lo), x.hi)
}

// allows tells that the assignment satisfies the facts which are no substitution.
func (f *Facts) allows(env func(string) (int64, bool)) bool {
	for _, g := range f.least {
		if v, err := g.Eval(env); err != nil || v < 0 {
			return false
		}
	}
	for _, n := range f.nonZero {
		if v, err := n.Eval(env); err != nil || v == 0 {
			return false
		}
	}
	return true
}

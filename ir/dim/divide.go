package dim

// FloorDiv is floor(e / f).
func (e Expr) FloorDiv(f Expr) Expr {
	if bad, is := failed(e, f); is {
		return bad
	}
	if f.p != nil {
		return floorExpr(e, f)
	}
	if f.c == 0 {
		return invalid(ErrDivZero)
	}
	if f.c < 0 {
		e, f = e.Neg(), f.Neg()
	}
	return floorConst(e, f.c)
}

// CeilDiv is ceil(e / f). For a positive constant it is floor((e + f - 1) / f), the form in which strides chain.
func (e Expr) CeilDiv(f Expr) Expr {
	if k, ok := f.Const(); ok && k > 0 {
		return e.Add(Int(k - 1)).FloorDiv(f)
	}
	return e.Neg().FloorDiv(f).Neg()
}

// Mod is e - f*floor(e / f); it has the sign of f.
func (e Expr) Mod(f Expr) Expr { return e.Sub(f.Mul(e.FloorDiv(f))) }

// floorConst is floor(e / k) for k > 0.
func floorConst(e Expr, k int64) Expr {
	quotient := e.mapCoefs(func(c int64) (int64, bool) { return floorDiv(c, k), true })
	rest := e.mapCoefs(func(c int64) (int64, bool) { return floorMod(c, k), true })
	if rest.p == nil { // a constant in [0, k)
		return quotient
	}
	rest, k = cancelConst(rest, k)
	if inner, flat, m, ok := nestedFloor(rest); ok {
		if mk, ok := mulInt(m, k); ok {
			// floor((floor(x/m) + y) / k) = floor((x + m*y) / (m*k))
			return quotient.Add(floorConst(inner.Add(flat.scale(m)), mk))
		}
	}
	return quotient.Add(opExpr(opFloor, rest, Int(k)))
}

// cancelConst divides k and all coefficients of e by their common factor: floor((g*x + c) / (g*k)) = floor((x + floor(c/g)) / k).
func cancelConst(e Expr, k int64) (Expr, int64) {
	g := k
	for _, t := range e.terms() {
		g = gcd(g, t.coef)
	}
	if g == 1 {
		return e, k
	}
	return e.mapCoefs(func(c int64) (int64, bool) { return floorDiv(c, g), true }), k / g
}

// nestedFloor finds floor(x/m) with coefficient 1 and constant m among the terms of e, which is floor(x/m) + y then.
func nestedFloor(e Expr) (x, y Expr, m int64, ok bool) {
	for i, t := range e.terms() {
		a, lone := t.m.lone()
		if !lone || t.coef != 1 || a.op != opFloor {
			continue
		}
		if m, constant := a.args[1].Const(); constant {
			others := append(append([]term{}, e.p.terms[:i]...), e.p.terms[i+1:]...)
			return a.args[0], Expr{e.c, newPoly(others)}, m, true
		}
	}
	return Expr{}, Expr{}, 0, false
}

// floorExpr is floor(a / b) for a b that is no constant: what divides out does, the rest is an opaque atom.
func floorExpr(a, b Expr) Expr {
	if b.p.terms[0].coef < 0 {
		a, b = a.Neg(), b.Neg()
	}
	a, b = cancel(a, b)
	if b.p == nil {
		return floorConst(a, b.c)
	}
	quotient, rest := divMod(a, b)
	if rest.IsConst(0) || quotient.Err() != nil || rest.Err() != nil {
		return quotient.Add(rest)
	}
	if rest, b = cancel(rest, b); b.p == nil {
		return quotient.Add(floorConst(rest, b.c))
	}
	return quotient.Add(opExpr(opFloor, rest, b))
}

// divMod divides polynomials: a = quotient*b + rest, where no term of rest can be reduced by the leading term of b.
func divMod(a, b Expr) (quotient, rest Expr) {
	lead, leadCoef := b.lead()
	rest = a
	for i := 0; i < len(rest.terms()); {
		t := rest.p.terms[i]
		q, ok := divTerm(t, leadCoef, lead)
		if !ok || q.IsConst(0) {
			i++
			continue
		}
		quotient = quotient.Add(q)
		rest = rest.Sub(q.Mul(b)) // changes term i and smaller ones only
		if i < len(rest.terms()) && compareMono(rest.p.terms[i].m, t.m) == 0 {
			i++ // what stays of term i is smaller than the divisor's coefficient
		}
	}
	if lead == nil && rest.Err() == nil && leadCoef != 0 {
		q := floorDiv(rest.c, leadCoef)
		quotient, rest = quotient.Add(Int(q)), rest.Sub(b.scale(q))
	}
	return quotient, rest
}

// lead is the leading term of e; the monomial is nil for a constant.
func (e Expr) lead() (*mono, int64) {
	if e.p == nil {
		return nil, e.c
	}
	return e.p.terms[0].m, e.p.terms[0].coef
}

// divTerm is the quotient of t by coef*m, rounded down in the coefficient, when m divides t's monomial.
func divTerm(t term, coef int64, m *mono) (Expr, bool) {
	c := floorDiv(t.coef, coef)
	if m == nil {
		return Int(c).timesMono(t.m), true
	}
	rest, ok := t.m.over(m)
	if !ok {
		return Expr{}, false
	}
	return Int(c).timesMono(rest), true
}

// cancel divides a and b by the constant and the monomial that all their terms share.
func cancel(a, b Expr) (Expr, Expr) {
	g, m := b.content()
	h, n := a.content()
	if a.IsConst(0) {
		h, n = g, m
	}
	g, m = gcd(g, h), m.common(n)
	if g <= 1 && m == nil {
		return a, b
	}
	return a.divideBy(max(g, 1), m), b.divideBy(max(g, 1), m)
}

// content is the greatest constant and the greatest monomial that divide every term of e.
func (e Expr) content() (int64, *mono) {
	g := gcd(e.c, 0)
	var m *mono
	for i, t := range e.terms() {
		g = gcd(g, t.coef)
		if i == 0 && e.c == 0 {
			m = t.m
		} else {
			m = m.common(t.m)
		}
	}
	return g, m
}

// divideBy is e / (g*m), known to be exact.
func (e Expr) divideBy(g int64, m *mono) Expr {
	quotient := Int(e.c / g)
	for _, t := range e.terms() {
		rest := t.m
		if m != nil {
			rest, _ = t.m.over(m)
		}
		quotient = quotient.Add(Int(t.coef / g).timesMono(rest))
	}
	return quotient
}

// DivExact is the polynomial q with a = q*b, if there is one.
func DivExact(a, b Expr) (q Expr, ok bool) {
	if _, bad := failed(a, b); bad || b.IsConst(0) {
		return Expr{}, false
	}
	quotient, rest := divMod(a, b)
	if !rest.IsConst(0) || quotient.Err() != nil {
		return Expr{}, false
	}
	return quotient, true
}

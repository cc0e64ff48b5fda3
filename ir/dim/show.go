package dim

// Show prints e, simplified, in the user's symbols: "H / 8" where H % 8 == 0 is known and e is floor(H / 8) or its normal form.
func (f *Facts) Show(e Expr) string {
	own, normal := e.String(), f.Norm(e)
	if normal.Err() != nil {
		return own
	}
	best := f.ratioText(f.inUserSymbols(normal))
	if f.mentionsInternal(e) || len(best) < len(own) {
		return best
	}
	return own
}

func (f *Facts) mentionsInternal(e Expr) bool {
	found := false
	e.eachSymbol(func(s string) {
		_, is := f.internal[s]
		found = found || is
	})
	return found
}

// ratioText prints an exact ratio as a sum where every / is exact by itself: "H / 8 + 1", "(S + 5) / 2".
func (f *Facts) ratioText(r Ratio) string {
	if r.den.IsConst(1) {
		return r.num.String()
	}
	var list []summand
	var rest Expr // what divides only as a whole
	for _, t := range r.num.Terms() {
		part := Over(Product(append(t.Atoms, Int(t.Coef))...), r.den)
		if q, ok := part.Exact(); ok {
			list = append(list, q.summands()...)
		} else if s, ok := f.quotient(part); ok {
			list = append(list, s)
		} else {
			rest = rest.Add(part.num.Mul(mustDivide(r.den, part.den)))
		}
	}
	if !rest.IsConst(0) {
		list = append(list, summand{1, Over(rest, r.den).String()})
	}
	return mmStyle.sum(list)
}

// quotient is one term over a divisor as a summand, if the facts prove it exact.
func (f *Facts) quotient(part Ratio) (summand, bool) {
	t := part.num.Terms()
	if len(t) != 1 || !f.dividesExactly(part.num, part.den) {
		return summand{}, false
	}
	return summand{t[0].Coef, t[0].Monomial() + " / " + part.den.asFactor(part.den.String())}, true
}

// mustDivide is a / b where b is known to divide a.
func mustDivide(a, b Expr) Expr {
	q, _ := DivExact(a, b)
	return q
}

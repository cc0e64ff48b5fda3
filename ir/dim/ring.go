package dim

import (
	"errors"
	"fmt"
	"slices"
)

// Add is e + f.
func (e Expr) Add(f Expr) Expr {
	if bad, is := failed(e, f); is {
		return bad
	}
	c, ok := addInt(e.c, f.c)
	if !ok {
		return invalid(ErrOverflow)
	}
	switch {
	case f.p == nil:
		return Expr{c, e.p}
	case e.p == nil:
		return Expr{c, f.p}
	}
	terms, ok := mergeTerms(e.p.terms, f.p.terms)
	if !ok {
		return invalid(ErrOverflow)
	}
	return Expr{c, newPoly(terms)}
}

// mergeTerms adds two sorted sums.
func mergeTerms(a, b []term) (sum []term, ok bool) {
	sum = make([]term, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch c := compareMono(a[0].m, b[0].m); {
		case c < 0:
			sum, a = append(sum, a[0]), a[1:]
		case c > 0:
			sum, b = append(sum, b[0]), b[1:]
		default:
			coef, ok := addInt(a[0].coef, b[0].coef)
			if !ok {
				return nil, false
			}
			if coef != 0 {
				sum = append(sum, term{coef, a[0].m})
			}
			a, b = a[1:], b[1:]
		}
	}
	return append(append(sum, a...), b...), true
}

// Sub is e - f.
func (e Expr) Sub(f Expr) Expr { return e.Add(f.Neg()) }

// Neg is -e.
func (e Expr) Neg() Expr { return e.scale(-1) }

// scale is k*e.
func (e Expr) scale(k int64) Expr {
	if k == 1 || e.Err() != nil {
		return e
	}
	if k == 0 {
		return Expr{}
	}
	return e.mapCoefs(func(coef int64) (int64, bool) { return mulInt(coef, k) })
}

// mapCoefs applies f to every coefficient and to the constant; f says whether its result fits. Terms that become 0 go.
func (e Expr) mapCoefs(f func(coef int64) (int64, bool)) Expr {
	c, ok := f(e.c)
	if !ok {
		return invalid(ErrOverflow)
	}
	if e.p == nil {
		return Int(c)
	}
	terms := make([]term, 0, len(e.p.terms))
	for _, t := range e.p.terms {
		coef, ok := f(t.coef)
		if !ok {
			return invalid(ErrOverflow)
		}
		if coef != 0 {
			terms = append(terms, term{coef, t.m})
		}
	}
	return Expr{c, newPoly(terms)}
}

// Mul is e * f.
func (e Expr) Mul(f Expr) Expr {
	if bad, is := failed(e, f); is {
		return bad
	}
	switch {
	case f.p == nil:
		return e.scale(f.c)
	case e.p == nil:
		return f.scale(e.c)
	}
	n := (len(e.p.terms) + 1) * (len(f.p.terms) + 1)
	if n > 16*maxTerms {
		return invalid(fmt.Errorf("%w: a product of %d terms", ErrTooLarge, n))
	}
	products := make([]term, 0, len(e.p.terms)*len(f.p.terms))
	for _, t := range e.p.terms {
		for _, u := range f.p.terms {
			coef, ok := mulInt(t.coef, u.coef)
			if !ok {
				return invalid(ErrOverflow)
			}
			if len(t.m.atoms)+len(u.m.atoms) > maxDegree {
				return invalid(fmt.Errorf("%w: degree above %d", ErrTooLarge, maxDegree))
			}
			products = append(products, term{coef, t.m.times(u.m)})
		}
	}
	product := collect(products)
	if e.c != 0 {
		product = product.Add(Expr{p: f.p}.scale(e.c))
	}
	if f.c != 0 {
		product = product.Add(Expr{p: e.p}.scale(f.c))
	}
	c, ok := mulInt(e.c, f.c)
	if !ok {
		return invalid(ErrOverflow)
	}
	return product.Add(Int(c))
}

// collect sorts terms and adds up those with the same monomial. It takes over the slice.
func collect(terms []term) Expr {
	slices.SortFunc(terms, func(a, b term) int { return compareMono(a.m, b.m) })
	sum := terms[:0]
	for _, t := range terms {
		if n := len(sum); n > 0 && compareMono(sum[n-1].m, t.m) == 0 {
			coef, ok := addInt(sum[n-1].coef, t.coef)
			if !ok {
				return invalid(ErrOverflow)
			}
			sum[n-1].coef = coef
		} else {
			sum = append(sum, t)
		}
	}
	return Expr{p: newPoly(slices.DeleteFunc(sum, func(t term) bool { return t.coef == 0 }))}
}

// timesMono is e*m for a monomial or nil, the empty product.
func (e Expr) timesMono(m *mono) Expr {
	if m == nil {
		return e
	}
	return e.Mul(single(1, m))
}

// Pow is e to the power n.
func (e Expr) Pow(n int) Expr {
	if n < 0 {
		return invalid(errors.New("negative exponent in a size"))
	}
	if c, ok := e.Const(); ok && (c == 0 || c == 1 || c == -1) {
		n = min(n, n&1+2) // only the parity matters: no long loop for a huge exponent
	}
	power := Int(1)
	for ; n > 0 && power.Err() == nil; n-- {
		power = power.Mul(e)
	}
	return power
}

// Sum adds all its arguments; 0 for none.
func Sum(es ...Expr) Expr {
	var sum Expr
	for _, e := range es {
		sum = sum.Add(e)
	}
	return sum
}

// Product multiplies all its arguments; 1 for none.
func Product(es ...Expr) Expr {
	product := Int(1)
	for _, e := range es {
		product = product.Mul(e)
	}
	return product
}

// Term is one summand of an Expr.
type Term struct {
	Coef  int64
	Atoms []Expr // the factors besides Coef, sorted, repeated for powers; empty for the constant term
}

// Monomial is the canonical text of the factors: terms of different expressions with the same one differ by a constant factor.
func (t Term) Monomial() string { return Product(t.Atoms...).String() }

// Terms lists the summands of e, the constant last; none for 0 or an invalid Expr.
func (e Expr) Terms() []Term {
	var list []Term
	for _, t := range e.terms() {
		atoms := make([]Expr, len(t.m.atoms))
		for i, a := range t.m.atoms {
			atoms[i] = single(1, monoOf(a))
		}
		list = append(list, Term{t.coef, atoms})
	}
	if e.c != 0 {
		list = append(list, Term{Coef: e.c})
	}
	return list
}

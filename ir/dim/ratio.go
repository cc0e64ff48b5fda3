package dim

// Ratio is a quotient of size expressions: what `/` means in .mm before floor, ceil or proof makes it an integer again.
// Make one with [Over]; its arithmetic is exact.
type Ratio struct{ num, den Expr }

// Over is the ratio a / b.
func Over(a, b Expr) Ratio {
	if bad, is := failed(a, b); is {
		return Ratio{bad, Int(1)}
	}
	if b.IsConst(0) {
		return Ratio{invalid(ErrDivZero), Int(1)}
	}
	if _, coef := b.lead(); coef < 0 {
		a, b = a.Neg(), b.Neg()
	}
	a, b = cancel(a, b)
	return Ratio{a, b}
}

// Add is r + s.
func (r Ratio) Add(s Ratio) Ratio {
	if r.den.Equal(s.den) {
		return Over(r.num.Add(s.num), r.den)
	}
	return Over(r.num.Mul(s.den).Add(s.num.Mul(r.den)), r.den.Mul(s.den))
}

// Sub is r - s.
func (r Ratio) Sub(s Ratio) Ratio { return r.Add(s.Neg()) }

// Neg is -r.
func (r Ratio) Neg() Ratio { return Ratio{r.num.Neg(), r.den} }

// Mul is r * s.
func (r Ratio) Mul(s Ratio) Ratio { return Over(r.num.Mul(s.num), r.den.Mul(s.den)) }

// Div is r / s.
func (r Ratio) Div(s Ratio) Ratio { return Over(r.num.Mul(s.den), r.den.Mul(s.num)) }

// Pow is r to the power n, which is not negative.
func (r Ratio) Pow(n int) Ratio { return Over(r.num.Pow(n), r.den.Pow(n)) }

// Floor is the greatest integer not above r.
func (r Ratio) Floor() Expr { return r.num.FloorDiv(r.den) }

// Ceil is the least integer not below r.
func (r Ratio) Ceil() Expr { return r.num.CeilDiv(r.den) }

// Parts are numerator and denominator without common factors.
func (r Ratio) Parts() (num, den Expr) { return r.num, r.den }

// Exact is r as an integer expression, if division leaves no rest whatever the symbols are. An invalid r is returned as it is.
func (r Ratio) Exact() (Expr, bool) {
	if bad, is := failed(r.num, r.den); is {
		return bad, true
	}
	return DivExact(r.num, r.den)
}

// Exact is r as an integer expression, if the facts prove that division leaves no rest.
func (f *Facts) Exact(r Ratio) (Expr, bool) {
	if e, ok := r.Exact(); ok {
		return e, true
	}
	return f.DivExact(r.num, r.den)
}

// String prints r in .mm.
func (r Ratio) String() string {
	if r.den.IsConst(1) || r.num.Err() != nil {
		return r.num.String()
	}
	return r.num.over(r.den)
}

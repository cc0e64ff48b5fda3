package dim

import "strings"

// GoExpr prints e as a Go expression of type int over name(sym) for each symbol, all of which are >= 0 at run time. Quotients whose
// sign is certain use the operator /; others call floorDiv(a, b int) int, which the surrounding program provides.
func (e Expr) GoExpr(name func(sym string) string) string {
	if err := e.Err(); err != nil {
		return e.String()
	}
	list := make([]summand, 0, len(e.terms())+1)
	for _, t := range e.terms() {
		factors := make([]string, len(t.m.atoms))
		for i, a := range t.m.atoms {
			factors[i] = a.goText(name)
		}
		list = append(list, summand{t.coef, strings.Join(factors, "*")})
	}
	if e.c != 0 {
		list = append(list, summand{e.c, ""})
	}
	return goStyle.sum(list)
}

// goText prints the atom as a Go operand, fit to be a factor.
func (a *atom) goText(name func(sym string) string) string {
	if a.op == opSymbol {
		return name(a.name)
	}
	args := make([]string, len(a.args))
	for i, x := range a.args {
		args[i] = x.GoExpr(name)
	}
	if a.op != opFloor {
		return a.op.name + "(" + strings.Join(args, ", ") + ")"
	}
	if a.args[0].plainlyNonNegative() && a.args[1].plainlyNonNegative() {
		return "(" + a.args[0].asNumerator(args[0]) + " / " + a.args[1].asFactor(args[1]) + ")"
	}
	return "floorDiv(" + args[0] + ", " + args[1] + ")"
}

// plainlyNonNegative tells that e has no minus sign that could make it negative for symbols >= 0.
func (e Expr) plainlyNonNegative() bool {
	if e.c < 0 {
		return false
	}
	for _, t := range e.terms() {
		if t.coef < 0 {
			return false
		}
		for _, a := range t.m.atoms {
			if !a.plainlyNonNegative() {
				return false
			}
		}
	}
	return true
}

func (a *atom) plainlyNonNegative() bool {
	all, some := true, a.op == opSymbol
	for _, x := range a.args {
		is := x.plainlyNonNegative()
		all, some = all && is, some || is
	}
	return all || a.op == opMax && some
}

package dim

import (
	"fmt"
	"slices"
)

// Max is the greater of a and b.
func Max(a, b Expr) Expr { return extremum(opMax, 1, a, b) }

// Min is the smaller of a and b.
func Min(a, b Expr) Expr { return extremum(opMin, -1, a, b) }

// extremum builds max (sign 1) or min (sign -1): nested ones are flattened, and of two arguments that differ by a constant one goes.
func extremum(op *operator, sign int64, args ...Expr) Expr {
	if bad, is := failed(args...); is {
		return bad
	}
	var kept []Expr
	for _, x := range flatten(op, args) {
		if kept = keepExtreme(kept, x, sign); len(kept) > maxArgs {
			return invalid(fmt.Errorf("%w: %s of more than %d sizes", ErrTooLarge, op.name, maxArgs))
		}
	}
	if len(kept) == 1 {
		return kept[0]
	}
	slices.SortFunc(kept, compareExpr)
	return opExpr(op, kept...)
}

// flatten replaces an argument that is op(xs) by the xs.
func flatten(op *operator, args []Expr) []Expr {
	var flat []Expr
	for _, x := range args {
		if a, ok := x.loneAtom(); ok && a.op == op {
			flat = append(flat, a.args...)
		} else {
			flat = append(flat, x)
		}
	}
	return flat
}

// Maxima lists the sizes of which e is the greatest: the arguments where e is a max, else e alone.
func (e Expr) Maxima() []Expr { return flatten(opMax, []Expr{e}) }

// loneAtom returns the atom that e consists of.
func (e Expr) loneAtom() (*atom, bool) {
	if e.c != 0 || len(e.terms()) != 1 || e.p.terms[0].coef != 1 {
		return nil, false
	}
	return e.p.terms[0].m.lone()
}

// keepExtreme adds x to the arguments, unless one of them is known to be beyond it; one that x is beyond gives way.
func keepExtreme(kept []Expr, x Expr, sign int64) []Expr {
	for i, y := range kept {
		if d, ok := x.Sub(y).Const(); ok {
			if d*sign > 0 {
				kept[i] = x
			}
			return kept
		}
	}
	return append(kept, x)
}

package main

import (
	"slices"

	"mmc/ir/dim"
	"mmc/ir/plan"
)

// arenaSize is the arena's size as the greatest of a few formulas in the graph's dims. A plan writes an offset over those
// below it, each the greatest of some ends; written out, these nested maxima would double with every level. So they are kept
// as sets of sums, from which what another provably reaches is dropped; where too many remain, the nearest two give way to
// one that both reach, and the result is a bound (exact is false).
func arenaSize(a *plan.Arena, facts *dim.Facts) (formulas []dim.Expr, exact bool) {
	x := expander{facts: facts, of: map[string][]dim.Expr{}, exact: true}
	for _, b := range a.Order {
		x.of[plan.OffsetSymbol(b.ID)] = x.expand(b.Offset)
	}
	return x.expand(a.Bytes), x.exact
}

const (
	maxFormulas = 4  // more are not read by anybody
	typicalSize = 64 // of every dim, where formulas are compared by value
)

// expander knows the formulas of the offsets that were seen.
type expander struct {
	facts *dim.Facts
	of    map[string][]dim.Expr
	exact bool
}

func (x *expander) expand(e dim.Expr) []dim.Expr {
	var list []dim.Expr
	for _, m := range e.Maxima() {
		list = x.without(m, list)
	}
	for len(list) > maxFormulas {
		list = x.merge(list)
	}
	return list
}

// without adds e to the list for every formula that its offsets may stand for.
func (x *expander) without(e dim.Expr, list []dim.Expr) []dim.Expr {
	for _, sym := range e.Syms() {
		if formulas, ok := x.of[sym]; ok {
			for _, f := range formulas {
				list = x.without(e.Subst(map[string]dim.Expr{sym: f}), list)
			}
			return list
		}
	}
	return x.keep(list, e)
}

// keep adds e unless another formula reaches it, and drops those that e reaches.
func (x *expander) keep(list []dim.Expr, e dim.Expr) []dim.Expr {
	if slices.ContainsFunc(list, func(f dim.Expr) bool { return x.facts.AtMost(e, f) }) {
		return list
	}
	list = slices.DeleteFunc(list, func(f dim.Expr) bool { return x.facts.AtMost(f, e) })
	return append(list, e)
}

// merge replaces the two formulas whose common bound is the least above either by that bound.
func (x *expander) merge(list []dim.Expr) []dim.Expr {
	x.exact = false
	first, second, bound, least := 0, 1, dim.Expr{}, int64(-1)
	for i, e := range list {
		for j, f := range list[:i] {
			b := reach(e, f)
			if loss := x.typical(b) - max(x.typical(e), x.typical(f)); least < 0 || loss < least {
				first, second, bound, least = j, i, b, loss
			}
		}
	}
	return x.keep(slices.Delete(slices.Delete(slices.Clone(list), second, second+1), first, first+1), bound)
}

// typical is the value of a formula where all dims are of an ordinary size.
func (x *expander) typical(e dim.Expr) int64 {
	v, _ := x.facts.Original(e).Eval(func(string) (int64, bool) { return typicalSize, true })
	return v
}

// reach is a formula that both e and f reach at most: the greater coefficient of each product of sizes.
func reach(e, f dim.Expr) dim.Expr {
	coefficient := map[string]int64{}
	for _, t := range f.Terms() {
		coefficient[t.Monomial()] = t.Coef
	}
	sum := f
	for _, t := range e.Terms() {
		if more := t.Coef - coefficient[t.Monomial()]; more > 0 {
			sum = sum.Add(dim.Product(t.Atoms...).Mul(dim.Int(more)))
		}
	}
	return sum
}

package dim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Facts is what is known about the symbols of one graph. The zero value knows that every symbol is at least 1.
//
// Facts are kept in solved form: a symbol that a fact determines is replaced everywhere, by other symbols or by an internal one such as
// H' with H = 16*H'. The symbols that remain are free but for intervals and inequalities. Internal names contain a prime, which no
// name in .mm does; [Facts.Show] and [Facts.Original] lead back to the user's symbols.
//
// Methods named Assume add a fact: an error says that it contradicts those before it, and then nothing has changed. The other methods
// only read, and may be called from several goroutines while no fact is added.
type Facts struct {
	solved    map[string]Expr // symbol -> expression over free symbols
	mask      uint64          // of the solved symbols
	rules     []rule
	intervals map[string]interval // of free symbols where not the default
	internal  map[string]Ratio    // internal symbol -> what it is in the user's symbols
	least     []Expr              // each is >= 0
	zero      []Expr              // each is 0, though solved for no symbol
	nonZero   []Expr
	declared  map[string]bool // symbols with an interval given by Bound
	conds     []Condition
	effort    int // spent on the fact being added
}

// rule rewrites a product of atoms that a fact determines as a whole: H * W where only H * W % 8 == 0 is known.
type rule struct {
	lead *mono
	by   Expr
}

// maxRounds ends a rewriting that rules of an unforeseen kind might keep going.
const maxRounds = 32

// maxCompared is the most arguments of a max or min that are compared pair by pair.
const maxCompared = 8

// Clone returns an independent copy.
func (f *Facts) Clone() *Facts {
	g := *f
	g.solved = maps.Clone(f.solved)
	g.intervals = maps.Clone(f.intervals)
	g.internal = maps.Clone(f.internal)
	g.declared = maps.Clone(f.declared)
	g.rules = slices.Clone(f.rules)
	g.least = slices.Clone(f.least)
	g.zero = slices.Clone(f.zero)
	g.nonZero = slices.Clone(f.nonZero)
	g.conds = slices.Clone(f.conds)
	return &g
}

// Norm is e over the free symbols, simplified as far as the facts allow. It is idempotent.
func (f *Facts) Norm(e Expr) Expr {
	e = e.subst(f.solved, f.mask)
	if len(f.rules) == 0 && !e.hasOperators() {
		return e
	}
	for range maxRounds {
		next, changed := f.simplify(e)
		if !changed {
			break
		}
		e = next
	}
	return e
}

// hasOperators tells whether e contains an atom that is no symbol.
func (e Expr) hasOperators() bool { return e.depth() > 0 }

// simplify applies rules and decides floors and extrema once, from the inside out.
func (f *Facts) simplify(e Expr) (simpler Expr, changed bool) {
	e = e.mapAtoms(func(a *atom) (Expr, bool) {
		if a.op == opSymbol {
			return Expr{}, false
		}
		x, is := f.simplifyAtom(a)
		changed = changed || is
		return x, is
	})
	for _, r := range f.rules {
		var is bool
		e, is = r.apply(e)
		changed = changed || is
	}
	return e, changed
}

// simplifyAtom returns a simpler expression for an operator's atom if there is one.
func (f *Facts) simplifyAtom(a *atom) (Expr, bool) {
	args := make([]Expr, len(a.args))
	changed := false
	for i, x := range a.args {
		var is bool
		args[i], is = f.simplify(x)
		changed = changed || is
	}
	if changed {
		return a.op.build(args), true
	}
	if a.op != opFloor {
		return f.decideExtremum(a)
	}
	if v, ok := f.atomInterval(a).point(); ok {
		return Int(v), true
	}
	return Expr{}, false
}

// decideExtremum drops an argument of max or min that another one is known to be beyond.
func (f *Facts) decideExtremum(a *atom) (Expr, bool) {
	if len(a.args) > maxCompared {
		return Expr{}, false
	}
	for i, x := range a.args {
		for j, y := range a.args {
			d := y.Sub(x)
			if a.op == opMin {
				d = d.Neg()
			}
			if i != j && f.provesNormal(d) {
				return a.op.build(slices.Delete(slices.Clone(a.args), i, i+1)), true
			}
		}
	}
	return Expr{}, false
}

// apply rewrites the terms of e that the rule's product divides.
func (r rule) apply(e Expr) (rewritten Expr, changed bool) {
	var kept []term
	sum := Int(e.c)
	for _, t := range e.terms() {
		rest, ok := t.m.over(r.lead)
		if !ok {
			kept = append(kept, t)
			continue
		}
		changed = true
		sum = sum.Add(r.by.timesMono(rest).scale(t.coef))
	}
	if !changed {
		return e, false
	}
	return sum.Add(Expr{p: newPoly(kept)}), true
}

// Original is e without internal symbols: what Norm made of a user's expression, ready for Eval and GoExpr over the user's symbols.
func (f *Facts) Original(e Expr) Expr {
	with := make(map[string]Expr, len(f.internal))
	for name, r := range f.internal {
		with[name] = r.Floor()
	}
	return e.Subst(with)
}

// Internal lists the internal symbols with their values in the user's symbols, sorted by name.
func (f *Facts) Internal() []Definition {
	var list []Definition
	for _, name := range slices.Sorted(maps.Keys(f.internal)) {
		list = append(list, Definition{name, f.internal[name].Floor()})
	}
	return list
}

// Definition says what an internal symbol is.
type Definition struct {
	Sym   string
	Value Expr
}

// fresh makes an internal symbol with the given value in free symbols (an exact ratio); its name derives from a symbol's.
func (f *Facts) fresh(stem string, value Ratio) Expr {
	stem = strings.TrimRight(stem, "'0123456789")
	if stem == "" {
		stem = "q"
	}
	name := stem + "'"
	for n := 2; ; n++ {
		if _, taken := f.internal[name]; !taken {
			break
		}
		name = fmt.Sprintf("%s'%d", stem, n)
	}
	if f.internal == nil {
		f.internal = map[string]Ratio{}
	}
	f.internal[name] = f.inUserSymbols(value.num).Div(f.inUserSymbols(value.den))
	f.setInterval(name, everything)
	return Sym(name)
}

// inUserSymbols replaces internal symbols by their exact ratios.
func (f *Facts) inUserSymbols(e Expr) Ratio {
	if e.Err() != nil {
		return whole(e)
	}
	sum := whole(Int(e.c))
	for _, t := range e.terms() {
		product := whole(Int(t.coef))
		for _, a := range t.m.atoms {
			product = product.Mul(f.atomInUserSymbols(a))
		}
		sum = sum.Add(product)
	}
	return sum
}

func (f *Facts) atomInUserSymbols(a *atom) Ratio {
	if a.op == opSymbol {
		if r, ok := f.internal[a.name]; ok {
			return r
		}
		return whole(Sym(a.name))
	}
	if a.op == opFloor {
		return whole(f.inUserSymbols(a.args[0]).Div(f.inUserSymbols(a.args[1])).Floor())
	}
	args := make([]Expr, len(a.args))
	for i, x := range a.args {
		args[i] = f.Original(x)
	}
	return whole(a.op.build(args))
}

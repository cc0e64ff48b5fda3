package dim

import (
	"maps"
	"slices"
	"strings"
)

// Hint looks for facts that would make all equations identities: the weakest divisibilities, "where H % 16 == 0, W % 16 == 0", or else
// equalities between symbols, "where S == T".
func (f *Facts) Hint(eqs [][2]Expr) (fact string, ok bool) {
	failing := f.failing(eqs)
	if len(failing) == 0 {
		return "", false
	}
	if fact, ok = f.divisibilityHint(failing); ok {
		return fact, true
	}
	return f.equalityHint(failing)
}

func (f *Facts) divisibilityHint(failing [][2]Expr) (fact string, ok bool) {
	syms := f.symbolsUnderFloor(failing)
	if len(syms) == 0 {
		return "", false
	}
	for _, m := range hintModuli {
		if g := f.withMultiples(uniform(syms, m)); g != nil && len(g.failing(failing)) == 0 {
			return hintText(f.weakest(failing, uniform(syms, m))), true
		}
	}
	return "", false
}

// equalityHint assumes for each equation that still fails the equality it suggests, until none does.
func (f *Facts) equalityHint(failing [][2]Expr) (fact string, ok bool) {
	g := f.Clone()
	var parts []string
	for _, eq := range failing {
		if g.Equal(eq[0], eq[1]) {
			continue
		}
		a, b, ok := suggestedEquality(eq[0], eq[1])
		if !ok || g.AssumeEqual(a, b) != nil || !g.Equal(eq[0], eq[1]) {
			return "", false
		}
		parts = append(parts, Condition{Equal, a, b}.String())
	}
	return "where " + strings.Join(parts, ", "), true
}

// suggestedEquality is a == b itself if one side is a symbol, else that of the only symbols on both sides.
func suggestedEquality(a, b Expr) (Expr, Expr, bool) {
	if b.isSymbol() && !a.isSymbol() {
		a, b = b, a
	}
	if a.isSymbol() && !b.hasOperators() && !b.has(a.Syms()[0]) {
		return a, b, true
	}
	if s, t := a.Syms(), b.Syms(); len(s) == 1 && len(t) == 1 && s[0] != t[0] {
		return Sym(s[0]), Sym(t[0]), true
	}
	return Expr{}, Expr{}, false
}

// isSymbol tells that e is a symbol and nothing more.
func (e Expr) isSymbol() bool {
	a, ok := e.loneAtom()
	return ok && a.op == opSymbol
}

// hintModuli are the divisors worth proposing.
var hintModuli = makeHintModuli()

func makeHintModuli() []int64 {
	var list []int64
	for m := int64(2); m <= 32; m++ {
		list = append(list, m)
	}
	for m := int64(36); m <= 64; m += 4 {
		list = append(list, m)
	}
	for m := int64(72); m <= 256; m += 8 {
		list = append(list, m)
	}
	return append(list, 320, 384, 448, 512, 640, 768, 1024)
}

// multiple is a fact sym % m == 0 under trial.
type multipleOf struct {
	sym string
	m   int64
}

func uniform(syms []string, m int64) []multipleOf {
	list := make([]multipleOf, len(syms))
	for i, sym := range syms {
		list[i] = multipleOf{sym, m}
	}
	return list
}

// failing lists the equations that are no identities.
func (f *Facts) failing(eqs [][2]Expr) [][2]Expr {
	var list [][2]Expr
	for _, eq := range eqs {
		if !f.Equal(eq[0], eq[1]) {
			list = append(list, eq)
		}
	}
	return list
}

// withMultiples is f with additional divisibilities; nil if they contradict it.
func (f *Facts) withMultiples(list []multipleOf) *Facts {
	g := f.Clone()
	for _, x := range list {
		if x.m > 1 && g.AssumeDivisible(Sym(x.sym), x.m) != nil {
			return nil
		}
	}
	return g
}

// weakest lowers each divisor as far as the equations permit, one symbol after the other.
func (f *Facts) weakest(eqs [][2]Expr, list []multipleOf) []multipleOf {
	for i, most := range list {
		for m := int64(1); m < most.m; m++ {
			list[i].m = m
			if g := f.withMultiples(list); g != nil && len(g.failing(eqs)) == 0 {
				break
			}
			list[i] = most
		}
	}
	return list
}

func hintText(list []multipleOf) string {
	var parts []string
	for _, x := range list {
		if x.m > 1 {
			parts = append(parts, Condition{Divisible, Sym(x.sym), Int(x.m)}.String())
		}
	}
	return "where " + strings.Join(parts, ", ")
}

// symbolsUnderFloor lists the user's symbols that a floor in the equations depends on.
func (f *Facts) symbolsUnderFloor(eqs [][2]Expr) []string {
	names := map[string]bool{}
	for _, eq := range eqs {
		for _, side := range eq {
			side.underFloor(func(x Expr) {
				f.Original(x).eachSymbol(func(name string) { names[name] = true })
			})
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// underFloor calls visit for the numerator of every floor in e.
func (e Expr) underFloor(visit func(numerator Expr)) {
	for _, t := range e.terms() {
		for _, a := range t.m.atoms {
			for _, x := range a.args {
				x.underFloor(visit)
			}
			if a.op == opFloor {
				visit(a.args[0])
			}
		}
	}
}

package dim

import (
	"maps"
	"slices"
	"strings"
)

// Hint looks for the weakest divisibility facts that make all equations identities: "where H % 16 == 0, W % 16 == 0".
func (f *Facts) Hint(eqs [][2]Expr) (fact string, ok bool) {
	failing := f.failing(eqs)
	if len(failing) == 0 {
		return "", false
	}
	syms := f.symbolsUnderFloor(failing)
	for _, m := range hintModuli {
		if g := f.withMultiples(uniform(syms, m)); g != nil && len(g.failing(failing)) == 0 {
			return hintText(f.weakest(failing, uniform(syms, m))), true
		}
	}
	return "", false
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

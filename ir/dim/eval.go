package dim

import "fmt"

// Eval is the value of e when env gives the values of its symbols.
func (e Expr) Eval(env func(sym string) (int64, bool)) (int64, error) {
	if err := e.Err(); err != nil {
		return 0, err
	}
	sum := e.c
	for _, t := range e.terms() {
		product := t.coef
		for _, a := range t.m.atoms {
			v, err := a.value(env)
			if err != nil {
				return 0, err
			}
			var ok bool
			if product, ok = mulInt(product, v); !ok {
				return 0, fmt.Errorf("%s: %w", e, ErrOverflow)
			}
		}
		var ok bool
		if sum, ok = addInt(sum, product); !ok {
			return 0, fmt.Errorf("%s: %w", e, ErrOverflow)
		}
	}
	return sum, nil
}

func (a *atom) value(env func(sym string) (int64, bool)) (int64, error) {
	if a.op == opSymbol {
		v, ok := env(a.name)
		if !ok {
			return 0, fmt.Errorf("size %s has no value", symbolText(a.name))
		}
		if v < -maxInt {
			return 0, ErrOverflow
		}
		return v, nil
	}
	values := make([]int64, len(a.args))
	for i, x := range a.args {
		v, err := x.Eval(env)
		if err != nil {
			return 0, err
		}
		values[i] = v
	}
	v, err := a.op.eval(values)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", a, err)
	}
	return v, nil
}

// Subst replaces symbols by expressions, all at once, and brings the result into normal form.
func (e Expr) Subst(with map[string]Expr) Expr {
	var mask uint64
	for name := range with {
		mask |= symbolBit(name)
	}
	return e.subst(with, mask)
}

// subst is Subst given the mask of the names in with.
func (e Expr) subst(with map[string]Expr, mask uint64) Expr {
	if e.mask()&mask == 0 {
		return e
	}
	return e.mapAtoms(func(a *atom) (Expr, bool) {
		if a.mask&mask == 0 {
			return Expr{}, false
		}
		if a.op == opSymbol {
			x, ok := with[a.name]
			return x, ok
		}
		args := make([]Expr, len(a.args))
		for i, x := range a.args {
			args[i] = x.subst(with, mask)
		}
		return a.op.build(args), true
	})
}

// mapAtoms rebuilds e with the atoms for which f has a replacement.
func (e Expr) mapAtoms(f func(*atom) (Expr, bool)) Expr {
	var kept []term
	sum := Int(e.c)
	for _, t := range e.terms() {
		product, same := t.m.replace(f)
		if same {
			kept = append(kept, t)
		} else {
			sum = sum.Add(product.scale(t.coef))
		}
	}
	if len(kept) == len(e.terms()) {
		return e
	}
	return sum.Add(Expr{p: newPoly(kept)})
}

// replace is the product of m's atoms after replacement; same tells that there was none.
func (m *mono) replace(f func(*atom) (Expr, bool)) (product Expr, same bool) {
	same = true
	var kept []*atom
	product = Int(1)
	for _, a := range m.atoms {
		if x, ok := f(a); ok {
			product, same = product.Mul(x), false
		} else {
			kept = append(kept, a)
		}
	}
	if same || len(kept) == 0 {
		return product, same
	}
	return product.timesMono(monoOf(kept...)), false
}

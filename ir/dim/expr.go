package dim

import (
	"errors"
	"fmt"
	"slices"
)

// Expr is a symbolic integer in normal form. It is immutable and cheap to copy; the zero value is the constant 0.
// Compare with [Expr.Equal] or through [Expr.Key], never with ==.
type Expr struct {
	c int64 // the constant term, held apart: adding a constant allocates nothing
	p *poly // the other terms; nil for a constant
}

// poly is a sum of non-constant terms in descending monomial order, or the reason why there is no value.
type poly struct {
	terms []term
	hash  uint64
	mask  uint64 // one bit per symbol name hash: a cheap "does not contain" for substitution
	err   error
}

// term is coef times a monomial; coef is never 0.
type term struct {
	coef int64
	m    *mono
}

// Errors an invalid Expr wraps.
var (
	ErrOverflow = errors.New("size does not fit 64 bits")
	ErrDivZero  = errors.New("division by zero")
	ErrTooLarge = errors.New("size expression too large")
)

// Bounds on what is still a plausible size expression; beyond them an Expr turns invalid instead of eating memory.
const (
	maxTerms  = 1 << 10
	maxDegree = 64  // 2**64 does not fit an int64
	maxDepth  = 200 // nesting of floor, max and min
	maxArgs   = 64  // of a max or min
)

// Int is the constant n.
func Int(n int64) Expr {
	if n < -maxInt {
		return invalid(ErrOverflow)
	}
	return Expr{c: n}
}

// Sym is the symbol called name. Any non-empty name is allowed; one that is no identifier prints quoted.
func Sym(name string) Expr {
	if name == "" {
		return invalid(errors.New("symbol without a name"))
	}
	return single(1, monoOf(symbolAtom(name)))
}

// invalid is the Expr that stands for a failed computation.
func invalid(err error) Expr { return Expr{p: &poly{err: err}} }

// failed returns the first invalid one among its arguments.
func failed(es ...Expr) (Expr, bool) {
	for _, e := range es {
		if e.Err() != nil {
			return e, true
		}
	}
	return Expr{}, false
}

// Err tells why e is invalid; nil for a valid one.
func (e Expr) Err() error {
	if e.p == nil {
		return nil
	}
	return e.p.err
}

// Const returns e's value when e is a constant.
func (e Expr) Const() (int64, bool) { return e.c, e.p == nil }

// IsConst tells whether e is the constant n.
func (e Expr) IsConst(n int64) bool { return e.p == nil && e.c == n }

// Equal tells whether e and f have the same normal form. An invalid Expr equals nothing, not even itself.
func (e Expr) Equal(f Expr) bool {
	if e.Err() != nil || f.Err() != nil {
		return false
	}
	return compareExpr(e, f) == 0
}

// Key is a canonical text: two valid expressions have the same key exactly when they are Equal.
func (e Expr) Key() string { return e.String() }

// Syms lists the symbols in e, sorted.
func (e Expr) Syms() []string {
	var names []string
	e.eachSymbol(func(name string) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	})
	slices.Sort(names)
	return names
}

// eachSymbol calls f for every occurrence of a symbol.
func (e Expr) eachSymbol(f func(name string)) {
	for _, t := range e.terms() {
		for _, a := range t.m.atoms {
			a.eachSymbol(f)
		}
	}
}

// terms lists the non-constant terms.
func (e Expr) terms() []term {
	if e.p == nil {
		return nil
	}
	return e.p.terms
}

// mask has the bit of every symbol in e.
func (e Expr) mask() uint64 {
	if e.p == nil {
		return 0
	}
	return e.p.mask
}

// hash differs for most different expressions.
func (e Expr) hash() uint64 {
	h := mix(hashSeed, uint64(e.c))
	if e.p != nil {
		h = mix(h, e.p.hash)
	}
	return h
}

// has tells whether the symbol occurs in e.
func (e Expr) has(name string) bool {
	if e.mask()&symbolBit(name) == 0 {
		return false
	}
	found := false
	e.eachSymbol(func(s string) { found = found || s == name })
	return found
}

// depth is how deep floor, max and min are nested in e.
func (e Expr) depth() int {
	d := 0
	for _, t := range e.terms() {
		for _, a := range t.m.atoms {
			d = max(d, a.depth)
		}
	}
	return d
}

// single is coef * m.
func single(coef int64, m *mono) Expr { return Expr{p: newPoly([]term{{coef, m}})} }

// newPoly takes over terms, which are sorted, distinct and non-zero.
func newPoly(terms []term) *poly {
	if len(terms) == 0 {
		return nil
	}
	if len(terms) > maxTerms {
		return &poly{err: fmt.Errorf("%w: %d terms", ErrTooLarge, len(terms))}
	}
	p := &poly{terms: terms, hash: hashSeed}
	for _, t := range terms {
		p.hash = mix(mix(p.hash, uint64(t.coef)), t.m.hash)
		p.mask |= t.m.mask
	}
	return p
}

// compareExpr orders valid expressions, terms first; 0 means identical.
func compareExpr(e, f Expr) int {
	if e.p != f.p {
		if c := compareTerms(e.terms(), f.terms()); c != 0 {
			return c
		}
	}
	return compareInt(e.c, f.c)
}

func compareTerms(a, b []term) int {
	for i := range min(len(a), len(b)) {
		if c := compareMono(a[i].m, b[i].m); c != 0 {
			return c
		}
		if c := compareInt(a[i].coef, b[i].coef); c != 0 {
			return c
		}
	}
	return len(a) - len(b)
}

func compareInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

package dim

import (
	"slices"
	"strings"
)

// atom is what polynomials are made of: a symbol, or an operator applied to expressions.
type atom struct {
	op    *operator
	name  string // of a symbol
	args  []Expr // of an operator
	hash  uint64
	mask  uint64
	depth int
}

// mono is a product of atoms, sorted, with repetition for powers; never empty.
type mono struct {
	atoms []*atom
	hash  uint64
	mask  uint64
}

const hashSeed = 14695981039346656037

// mix folds x into the hash h.
func mix(h, x uint64) uint64 {
	h = (h ^ x) * 0x9E3779B97F4A7C15
	return h ^ h>>29
}

func hashString(s string) uint64 {
	h := uint64(hashSeed)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// symbolBit is the bit of a symbol in a mask.
func symbolBit(name string) uint64 { return maskBit(hashString(name)) }

// maskBit takes a high part of the hash: the low bits of short names differ little.
func maskBit(hash uint64) uint64 { return 1 << (mix(hash, 0) >> 58) }

func symbolAtom(name string) *atom {
	h := hashString(name)
	return &atom{op: opSymbol, name: name, hash: h, mask: maskBit(h)}
}

// opAtom applies op to valid arguments as they are; the operator's own constructor simplifies first.
func opAtom(op *operator, args ...Expr) *atom {
	a := &atom{op: op, args: args, hash: mix(hashSeed, uint64(op.rank))}
	for _, x := range args {
		a.hash = mix(a.hash, x.hash())
		a.mask |= x.mask()
		a.depth = max(a.depth, x.depth())
	}
	a.depth++
	return a
}

// opExpr is the expression that consists of op(args) alone.
func opExpr(op *operator, args ...Expr) Expr {
	a := opAtom(op, args...)
	if a.depth > maxDepth {
		return invalid(ErrTooLarge)
	}
	return single(1, monoOf(a))
}

// eachSymbol calls f for every occurrence of a symbol.
func (a *atom) eachSymbol(f func(name string)) {
	if a.op == opSymbol {
		f(a.name)
	}
	for _, x := range a.args {
		x.eachSymbol(f)
	}
}

// compareAtom orders symbols by name before operators by arguments.
func compareAtom(a, b *atom) int {
	if a == b {
		return 0
	}
	if c := a.op.rank - b.op.rank; c != 0 {
		return c
	}
	if c := strings.Compare(a.name, b.name); c != 0 {
		return c
	}
	return slices.CompareFunc(a.args, b.args, compareExpr)
}

// monoOf takes over atoms, which are sorted and not empty.
func monoOf(atoms ...*atom) *mono {
	m := &mono{atoms: atoms, hash: hashSeed}
	for _, a := range atoms {
		m.hash = mix(m.hash, a.hash)
		m.mask |= a.mask
	}
	return m
}

// compareMono is the graded lexicographic order, greatest first. Being compatible with multiplication, it makes polynomial
// division terminate.
func compareMono(a, b *mono) int {
	if a == b {
		return 0
	}
	if c := len(b.atoms) - len(a.atoms); c != 0 {
		return c
	}
	return slices.CompareFunc(a.atoms, b.atoms, compareAtom)
}

// times is the product of two monomials.
func (m *mono) times(n *mono) *mono {
	atoms := make([]*atom, 0, len(m.atoms)+len(n.atoms))
	i, j := 0, 0
	for i < len(m.atoms) && j < len(n.atoms) {
		if compareAtom(m.atoms[i], n.atoms[j]) <= 0 {
			atoms = append(atoms, m.atoms[i])
			i++
		} else {
			atoms = append(atoms, n.atoms[j])
			j++
		}
	}
	atoms = append(atoms, m.atoms[i:]...)
	return monoOf(append(atoms, n.atoms[j:]...)...)
}

// over is the quotient m / n when n divides m; nil stands for the empty product.
func (m *mono) over(n *mono) (quotient *mono, ok bool) {
	rest := make([]*atom, 0, len(m.atoms))
	j := 0
	for _, a := range m.atoms {
		if j < len(n.atoms) && compareAtom(a, n.atoms[j]) == 0 {
			j++
		} else {
			rest = append(rest, a)
		}
	}
	if j < len(n.atoms) {
		return nil, false
	}
	if len(rest) == 0 {
		return nil, true
	}
	return monoOf(rest...), true
}

// common is the greatest common divisor of two monomials; nil stands for the empty product.
func (m *mono) common(n *mono) *mono {
	if m == nil || n == nil {
		return nil
	}
	var shared []*atom
	for i, j := 0, 0; i < len(m.atoms) && j < len(n.atoms); {
		switch c := compareAtom(m.atoms[i], n.atoms[j]); {
		case c < 0:
			i++
		case c > 0:
			j++
		default:
			shared = append(shared, m.atoms[i])
			i++
			j++
		}
	}
	if shared == nil {
		return nil
	}
	return monoOf(shared...)
}

// lone returns the only factor of m.
func (m *mono) lone() (*atom, bool) { return m.atoms[0], len(m.atoms) == 1 }

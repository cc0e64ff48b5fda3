package loop

import (
	"slices"

	"mmc/ir/dim"
)

// Product is a nest recognised as a sum of products of two loads: matrix products, convolutions, their gradients, and
// whatever has their structure. Axes are numbers into Nest.Axes, in the nest's order.
type Product struct {
	A, B  Reg   // the two load instructions
	Batch []int // parallel, in both operands
	M     []int // parallel, in A alone
	N     []int // parallel, in B alone
	K     []int // reduced
}

// MatchProduct reports whether the reduction of n is one sum of load * load. What follows the reduction (the epilogue)
// does not matter; what precedes the product (a prologue) must be nothing. Accumulating nests match too: their sum has no
// reduce axis of its own where all of them are in the store.
func MatchProduct(n *Nest) (*Product, bool) {
	value := NoReg
	switch {
	case len(n.Accs) == 1 && n.Accs[0].Combine == ReduceSum:
		value = n.Accs[0].Value
	case len(n.Accs) == 0 && len(n.Stores) == 1:
		value = n.Stores[0].Value
	default:
		return nil, false
	}
	mul := n.Body[value]
	if mul.Op != Mul || n.Body[mul.Args[0]].Op != Load || n.Body[mul.Args[1]].Op != Load {
		return nil, false
	}
	p := &Product{A: mul.Args[0], B: mul.Args[1]}
	if !direct(n.Body[p.A].Access) || !direct(n.Body[p.B].Access) || value+1 != Reg(n.Split) {
		return nil, false
	}
	for i, axis := range n.Axes {
		inA, inB := n.Body[p.A].Access.Uses(i), n.Body[p.B].Access.Uses(i)
		switch {
		case axis.Reduce:
			p.K = append(p.K, i)
		case inA && inB:
			p.Batch = append(p.Batch, i)
		case inB:
			p.N = append(p.N, i)
		default:
			p.M = append(p.M, i)
		}
	}
	return p, true
}

// Swap exchanges the roles of the operands, so that columns become rows.
func (p *Product) Swap() {
	p.A, p.B, p.M, p.N = p.B, p.A, p.N, p.M
}

// Flip makes a reduce axis run the other way, which changes no sum but for rounding. Accesses are replaced, not changed.
func (n *Nest) Flip(axis int) {
	last := n.Axes[axis].Extent.Sub(dim.Int(1))
	for i, in := range n.Body {
		if in.Access == nil || !in.Access.Uses(axis) {
			continue
		}
		access := *in.Access
		access.Index = slices.Clone(access.Index)
		for d, x := range access.Index {
			terms := slices.Clone(x.Terms)
			for t := range terms {
				if terms[t].Axis == axis {
					x.Off = x.Off.Add(terms[t].Coef.Mul(last))
					terms[t].Coef = terms[t].Coef.Neg()
				}
			}
			x.Terms = terms
			access.Index[d] = x
		}
		n.Body[i].Access = &access
	}
}

func direct(a *Access) bool {
	return !slices.ContainsFunc(a.Index, func(x Index) bool { return x.Via != NoReg })
}

// Uses reports whether the accessed element depends on the axis.
func (a *Access) Uses(axis int) bool {
	return slices.ContainsFunc(a.Index, func(x Index) bool {
		return slices.ContainsFunc(x.Terms, func(t Term) bool { return t.Axis == axis })
	})
}

package fuse

import (
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/loop"
)

// identity is the index list of a tensor read at the axes' own positions.
func identity(rank int) []loop.Index {
	out := make([]loop.Index, rank)
	for i := range out {
		out[i] = loop.Index{Terms: []loop.Term{{Axis: i, Coef: dim.Int(1)}}, Via: loop.NoReg}
	}
	return out
}

// storesElement reports whether the nest has one store, and that of each point of the parallel axes to an element of its own:
// every index is one of these axes, or 0 where the result has one position.
func storesElement(n *loop.Nest) bool {
	if len(n.Stores) != 1 || n.Stores[0].Accumulate || n.Stores[0].Out != 0 || len(n.InitOut) > 0 {
		return false
	}
	used := make([]bool, len(n.Axes))
	for _, x := range n.Stores[0].Index {
		switch {
		case x.Via != loop.NoReg || !x.Off.IsConst(0) || len(x.Terms) > 1:
			return false
		case len(x.Terms) == 1:
			axis := x.Terms[0].Axis
			if !x.Terms[0].Coef.IsConst(1) || used[axis] || n.Axes[axis].Reduce {
				return false
			}
			used[axis] = true
		}
	}
	for i, a := range n.Axes {
		if !a.Reduce && !used[i] {
			return false
		}
	}
	return true
}

// storesIdentity reports whether moreover the axes are those of the result, in order.
func storesIdentity(n *loop.Nest) bool {
	if !storesElement(n) {
		return false
	}
	for i, x := range n.Stores[0].Index {
		if len(x.Terms) != 1 || x.Terms[0].Axis != i {
			return false
		}
	}
	return true
}

// compose evaluates index x of an inner nest whose axes are the forms at of the outer one. An indirect entry stays.
func compose(x loop.Index, at []loop.Index) loop.Index {
	if at == nil {
		return x
	}
	out := loop.Index{Off: x.Off, Via: x.Via}
	for _, t := range x.Terms {
		a := at[t.Axis]
		out.Off = out.Off.Add(a.Off.Mul(t.Coef))
		if a.Via != loop.NoReg {
			out.Via = a.Via
		}
		for _, u := range a.Terms {
			out.Terms = addTerm(out.Terms, u.Axis, u.Coef.Mul(t.Coef))
		}
	}
	return out
}

func addTerm(terms []loop.Term, axis int, coef dim.Expr) []loop.Term {
	for i := range terms {
		if terms[i].Axis == axis {
			terms[i].Coef = terms[i].Coef.Add(coef)
			return terms
		}
	}
	return append(terms, loop.Term{Axis: axis, Coef: coef})
}

// reshapeIndex gives the operand's index for result index at, where the reshape only splits axes and adds or drops axes
// of size one: then each operand axis is a row-major combination of a run of result axes.
func reshapeIndex(facts *dim.Facts, n *ir.Node, at []loop.Index) ([]loop.Index, bool) {
	from, to := n.Args[0].Type.Shape, n.Result().Type.Shape
	equal := func(a, b dim.Expr) bool { return a.Equal(b) || facts.Equal(a, b) }
	out := make([]loop.Index, len(from))
	j := 0
	for i, size := range from {
		x := loop.Index{Via: loop.NoReg}
		if size.IsConst(1) {
			out[i] = x
			continue
		}
		product := dim.Int(1)
		for !equal(product, size) {
			if j == len(to) {
				return nil, false
			}
			x = combine(x, at[j], to[j])
			product = product.Mul(to[j])
			j++
		}
		out[i] = x
	}
	for ; j < len(to); j++ {
		if !to[j].IsConst(1) {
			return nil, false
		}
	}
	return out, true
}

// combine is x * size + y.
func combine(x, y loop.Index, size dim.Expr) loop.Index {
	if size.IsConst(1) {
		return x
	}
	out := loop.Index{Off: x.Off.Mul(size).Add(y.Off), Via: y.Via}
	for _, t := range x.Terms {
		out.Terms = addTerm(out.Terms, t.Axis, t.Coef.Mul(size))
	}
	for _, t := range y.Terms {
		out.Terms = addTerm(out.Terms, t.Axis, t.Coef)
	}
	return out
}

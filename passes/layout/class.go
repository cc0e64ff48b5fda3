package layout

import (
	"slices"

	"mmc/ir"
	"mmc/ir/loop"
	"mmc/ir/plan"
)

// classify unites values that should share an order of axes and marks the classes that windows slide over. Values are
// united where a kernel reads and writes them at the same position; a product unites its left operand with its result
// where both have the same first axis and the same rank, so that 1x1 convolutions keep the order of their neighbours.
func (l *layouter) classify() {
	for _, group := range l.groups {
		for _, nest := range group.Nests {
			for _, load := range nest.Body {
				if load.Op != loop.Load {
					continue
				}
				for _, store := range nest.Stores {
					l.relate(nest, load.Access, group.In[load.Access.Arg], store.Index, group.Out[store.Out])
				}
			}
		}
	}
}

// relate looks at one load and one store of a nest.
func (l *layouter) relate(nest *loop.Nest, a *loop.Access, in *ir.Value, at []loop.Index, out *ir.Value) {
	if len(a.Index) == len(at) && len(at) >= 3 && sharesAxis(a.Index[0], at[0]) {
		same := 0
		for i := range at {
			if sharesAxis(a.Index[i], at[i]) || fixed(a.Index[i]) && fixed(at[i]) {
				same++
			}
		}
		if same >= len(at)-1 {
			l.unite(in, out)
		}
	}
	if windowed(nest, a.Index) {
		l.spatial[l.find(in)] = true
	}
	if windowed(nest, at) {
		l.spatial[l.find(out)] = true
	}
}

// windowed reports whether an index slides a window: two axes in one position, the channel axis not among them.
func windowed(nest *loop.Nest, index []loop.Index) bool {
	if len(index) < 3 {
		return false
	}
	return slices.ContainsFunc(index[2:], func(x loop.Index) bool {
		return len(x.Terms) > 1 && slices.ContainsFunc(x.Terms, func(t loop.Term) bool { return small(nest, t.Axis) })
	})
}

// small tells a tap of a window from the pieces of a split axis: its extent is a constant that the window declares.
func small(nest *loop.Nest, axis int) bool {
	_, ok := nest.Axes[axis].Extent.Const()
	return ok
}

func sharesAxis(x, y loop.Index) bool {
	return slices.ContainsFunc(x.Terms, func(t loop.Term) bool {
		return slices.ContainsFunc(y.Terms, func(u loop.Term) bool { return t.Axis == u.Axis })
	})
}

func fixed(x loop.Index) bool { return len(x.Terms) == 0 }

func (l *layouter) find(v *ir.Value) *ir.Value {
	for l.parent[v] != nil {
		v = l.parent[v]
	}
	return v
}

func (l *layouter) unite(v, w *ir.Value) {
	a, b := l.find(v), l.find(w)
	if a == b || v.Type.Rank() != w.Type.Rank() {
		return
	}
	l.parent[b] = a
	l.spatial[a] = l.spatial[a] || l.spatial[b]
}

// productOrder gives the result of a product that belongs to no spatial class the order in which a matrix kernel can write
// it: the columns innermost, the rows before them in the order of the left operand. nil means row-major is as good.
func (l *layouter) productOrder(v *ir.Value) []int {
	group := l.out[v]
	if group == nil || len(group.Nests) != 1 || len(group.Nests[0].Stores) != 1 {
		return nil
	}
	nest := group.Nests[0]
	p, ok := loop.MatchProduct(nest)
	if !ok || len(p.N) == 0 || len(p.K) == 0 {
		return nil
	}
	axisOf := make([]int, len(nest.Axes)) // axis -> position in the result
	for i := range axisOf {
		axisOf[i] = -1
	}
	for i, x := range nest.Stores[0].Index {
		if len(x.Terms) != 1 {
			return nil
		}
		axisOf[x.Terms[0].Axis] = i
	}
	last := len(nest.Stores[0].Index) - 1
	if last < 0 || !windowed(nest, nest.Body[p.A].Access.Index) && (slices.Contains(mapped(p.N, axisOf), last) || slices.Contains(mapped(p.M, axisOf), last)) {
		return nil
	}
	order := mapped(p.Batch, axisOf)
	rows := slices.Clone(p.M)
	slices.SortStableFunc(rows, func(a, b int) int { return l.depth(group, nest, p.A, a) - l.depth(group, nest, p.A, b) })
	order = append(order, mapped(rows, axisOf)...)
	order = append(order, mapped(p.N, axisOf)...)
	if slices.Contains(order, -1) || len(order) != v.Type.Rank() {
		return nil
	}
	return order
}

func mapped(axes, to []int) []int {
	out := make([]int, len(axes))
	for i, a := range axes {
		out[i] = to[a]
	}
	return out
}

// depth is how far inside the operand's memory order an axis of the nest moves: larger is closer to contiguous.
func (l *layouter) depth(group *plan.Group, nest *loop.Nest, load loop.Reg, axis int) int {
	a := nest.Body[load].Access
	order := l.order(group.In[a.Arg])
	for d, x := range a.Index {
		if slices.ContainsFunc(x.Terms, func(t loop.Term) bool { return t.Axis == axis }) {
			return slices.Index(order, d)
		}
	}
	return -1
}

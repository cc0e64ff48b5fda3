package layout

import (
	"slices"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/loop"
	"mmc/ir/plan"
)

// findSlices lets the operands of concatenations live inside the result: their producers then write into place, and the
// copy is gone. Outer concatenations come first, so that a chain of them ends in one buffer.
func (l *layouter) findSlices() {
	for i := len(l.groups) - 1; i >= 0; i-- {
		group := l.groups[i]
		if !copiesOnly(group) {
			continue
		}
		for _, nest := range group.Nests {
			v := group.In[nest.Body[0].Access.Arg]
			axis, start, ok := placement(l.g.Facts, nest, v, group.Out[0])
			if ok && l.mayMoveInto(v, group) {
				l.part[v] = slice{group.Out[0], axis, start}
			}
		}
	}
}

// copiesOnly reports whether each nest of the group moves one operand whole.
func copiesOnly(group *plan.Group) bool {
	return len(group.Nests) > 1 && !slices.ContainsFunc(group.Nests, func(n *loop.Nest) bool {
		return len(n.InitOut) > 0 || len(n.Body) != 1 || n.Body[0].Op != loop.Load || n.Body[0].Access.Guard || len(n.Stores) != 1
	})
}

// placement reads where a copying nest puts its operand: at the identity but for an offset along one axis, the one along which
// the operand is shorter than the result.
func placement(facts *dim.Facts, nest *loop.Nest, v, whole *ir.Value) (axis int, start dim.Expr, ok bool) {
	load, store := nest.Body[0].Access.Index, nest.Stores[0].Index
	if len(load) != len(store) {
		return 0, dim.Expr{}, false
	}
	for i := range store {
		if !plain(load[i], i) || !plain(loop.Index{Terms: store[i].Terms, Via: store[i].Via}, i) {
			return 0, dim.Expr{}, false
		}
		if !load[i].Off.IsConst(0) || !nest.Axes[i].Extent.Equal(v.Type.Shape[i]) {
			return 0, dim.Expr{}, false
		}
		if !store[i].Off.IsConst(0) || !facts.Equal(v.Type.Shape[i], whole.Type.Shape[i]) {
			axis, start = i, store[i].Off
		}
	}
	return axis, start, true
}

func plain(x loop.Index, axis int) bool {
	return len(x.Terms) == 1 && x.Terms[0].Axis == axis && x.Terms[0].Coef.IsConst(1) && x.Via == loop.NoReg
}

// mayMoveInto reports whether v can be computed straight into the group's result.
func (l *layouter) mayMoveInto(v *ir.Value, group *plan.Group) bool {
	if _, taken := l.part[v]; taken || l.out[v] == nil || l.isResult(v) || l.seenReshaped(v) {
		return false
	}
	uses := 0
	for _, x := range group.In {
		if x == v {
			uses++
		}
	}
	if uses != 1 {
		return false
	}
	twice := 0
	for _, nest := range group.Nests {
		if group.In[nest.Body[0].Access.Arg] == v {
			twice++
		}
	}
	l.unite(v, group.Out[0])
	return twice == 1 && slices.Equal(l.order(v), l.order(group.Out[0]))
}

func (l *layouter) isResult(v *ir.Value) bool {
	return slices.ContainsFunc(l.g.Results, func(r *ir.Result) bool { return r.Value == v })
}

// seenReshaped reports whether v's storage is read under another shape, which needs it dense.
func (l *layouter) seenReshaped(v *ir.Value) bool {
	for _, group := range l.groups {
		for _, x := range group.In {
			if x.Node != nil && x.Node.Op.Has(ir.View) && x.Node.Args[0] == v {
				return true
			}
		}
	}
	return false
}

// sliceView is the view of a value that lives inside a concatenation.
func (l *layouter) sliceView(v *ir.Value) plan.View {
	s := l.part[v]
	whole := l.place(s.of)
	return plan.View{
		Buf: whole.Buf, Strides: whole.Strides, Shape: v.Type.Shape,
		Offset: whole.Offset.Add(s.start.Mul(whole.Strides[s.axis])),
	}
}

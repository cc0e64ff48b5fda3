package kernel

import (
	"fmt"
	"slices"
	"strconv"

	"mmc/codegen/emit"
	"mmc/codegen/vec"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// turner makes a kernel that copies into another order of axes, or into panels: blocks are transposed in registers, and rows
// that lie along the panels' columns are copied as they are. Its two axes are the last ones of the nest.
type turner struct {
	*mapper
	to   int  // the result is contiguous, or in panels, along it
	from int  // the operand is contiguous along it; of rows into panels, the rows' own axis
	rows bool // operand and panels are contiguous along the same axis
	back bool // the operand is read backwards along from: it is read forwards, and the result is written backwards
}

// turnColumns bounds a call along from: assembly cannot be preempted.
const turnColumns = 1 << 12

// turn makes the kernel of a copy that needs one. It reports false for all other nests: a copy along one axis is a map.
func (k *Maker) turn(n *Nest) (*Code, bool) {
	to, from, ok := n.turns()
	if !ok {
		return nil, false
	}
	var order []int
	for a := range n.Axes {
		if a != to && a != from {
			order = append(order, a)
		}
	}
	n = n.permuted(append(order, to, from))
	t := &turner{mapper: &mapper{loops: newLoops(n), inner: len(n.Axes) - 1, row: -1}, to: len(order), from: len(order) + 1}
	t.rows = n.Loads[0].Stride[t.to].IsConst(1)
	t.back = n.Loads[0].forwards(t.from, n.Axes[t.from].Extent)
	n.Stores[0].Apart[t.to] = false // chunks hold whole panels
	t.vectors = t.from + 1
	t.declareAll()
	functions := k.pair(fmt.Sprint("turn", t.rows, t.back), t.function)
	if functions == nil {
		return nil, false
	}
	return t.assemble("turn", functions.fast, functions.portable, t.driver()), true
}

func (t *turner) function(target *vec.Target) (*vec.Func, bool) {
	build := Transpose
	switch {
	case t.rows:
		build = PackRows
	case t.back:
		build = TransposeBack
	}
	f, err := build(Placeholder+"_"+target.Name, target)
	return f, err == nil
}

// forwards lets a reference that walks backwards by one walk forwards from its end, and reports whether it did.
func (r *Ref) forwards(axis int, extent dim.Expr) bool {
	if !r.Stride[axis].IsConst(-1) {
		return false
	}
	r.Offset = r.Offset.Sub(extent.Sub(dim.Int(1)))
	r.Stride[axis], r.Way[axis] = dim.Int(1), walksAhead
	return true
}

// turns finds the two axes of a turner, where the nest does nothing but copy.
func (n *Nest) turns() (to, from int, ok bool) {
	if len(n.Accs) > 0 || len(n.Stores) != 1 || len(n.Loads) != 1 || n.Stores[0].Accumulate || n.Body[n.Stores[0].Value].Op != loop.Load {
		return 0, 0, false
	}
	load, store := &n.Loads[0], &n.Stores[0].Ref
	to = store.along()
	if load.storage() != dtype.F32 || store.storage() != dtype.F32 || len(load.Checks) > 0 || to < 0 {
		return 0, 0, false
	}
	if load.Stride[to].IsConst(1) { // rows: into panels, or else a map
		from = slices.IndexFunc(store.Stride, func(s dim.Expr) bool { return s.IsConst(PanelCols) })
		return to, from, len(store.Checks) == 1 && from >= 0 && !n.backOn(from) && !n.backOn(to)
	}
	for from = range n.Axes {
		if from != to && (load.Stride[from].IsConst(1) || load.Stride[from].IsConst(-1)) {
			return to, from, !n.backOn(to) && store.Way[from]&walksBack == 0
		}
	}
	return 0, 0, false
}

// along is the axis of the nest along which a reference is contiguous, or counts the columns of panels; -1 where there is none.
func (r *Ref) along() int {
	if len(r.Checks) == 0 {
		return slices.IndexFunc(r.Stride, func(s dim.Expr) bool { return s.IsConst(1) })
	}
	c := &r.Checks[0]
	if len(r.Checks) > 1 || c.Width != PanelCols || c.Open || c.Via != loop.NoReg || !c.Base.IsConst(0) {
		return -1
	}
	axis := slices.IndexFunc(c.Coef, func(s dim.Expr) bool { return !s.IsConst(0) })
	if axis < 0 || !c.Coef[axis].IsConst(1) || slices.ContainsFunc(c.Coef[axis+1:], func(s dim.Expr) bool { return !s.IsConst(0) }) {
		return -1
	}
	return axis
}

// driver writes the body of Chunk: loops over the other axes around calls.
func (t *turner) driver() string {
	for k := range t.nest.Axes {
		t.size("n"+t.axis[k], t.nest.Axes[k].Extent)
	}
	t.outer(0)
	inner := t.w.String()
	var head emit.Go
	t.locals(&head, inner)
	return head.String() + inner
}

func (t *turner) outer(k int) {
	if k == t.to {
		t.calls()
		return
	}
	a := t.axis[k]
	t.w.Block("for "+a+" := "+a+"0; "+a+" < "+a+"1; "+a+"++", func() {
		for _, r := range t.nest.refs() {
			t.advance(r, k)
		}
		t.outer(k + 1)
	})
}

// calls writes calls of bounded length, for each panel where there are panels.
func (t *turner) calls() {
	to, store := t.axis[t.to], &t.nest.Stores[0].Ref
	if len(store.Checks) == 0 {
		t.call(to+"0", to+"1-"+to+"0", to+"1-"+to+"0", to+"0")
		return
	}
	panel := t.once("panel", store.Checks[0].Stride)
	t.w.Block(fmt.Sprintf("for %s := %s0; %s < %s1; %s += %d", to, to, to, to, to, PanelCols), func() {
		t.call(to, fmt.Sprintf("min(%d, %s1-%s)", PanelCols, to, to), strconv.Itoa(PanelCols), fmt.Sprintf("%s/%d*%s", to, PanelCols, panel))
	})
}

// call writes the calls for so many positions on the axis to, from at on, where the results take width places from place on.
func (t *turner) call(at, count, width, place string) {
	from, load, store := t.axis[t.from], &t.nest.Loads[0], &t.nest.Stores[0].Ref
	t.w.Block(fmt.Sprintf("for %s := %s0; %s < %s1; %s += %d", from, from, from, from, from, turnColumns), func() {
		length := fmt.Sprintf("min(%d, %s1-%s)", turnColumns, from, from)
		first := from
		if t.back { // what is read last is written first
			first = fmt.Sprintf("(%s-%s-%s)", "n"+from, from, length)
		}
		dst := fmt.Sprintf("%s[%s + %s + %s*%s:]", t.slice(store), t.at[store], place, first, t.stride(store, t.from))
		if t.rows {
			ld := t.stride(load, t.from)
			t.w.Linef("%s(%s, %s[%s + %s + %s*%s:], %s, %s, %s)", rowsVar, dst, t.slice(load), t.at[load], at, from, ld, length, ld, count)
			return
		}
		ld := t.stride(load, t.to)
		t.w.Linef("%s(%s, %s[%s + %s + %s*%s:], %s, %s, %s, %s, %s)", rowsVar, dst, t.slice(load), t.at[load], from, at, ld,
			count, length, ld, t.stride(store, t.from), width)
	})
}

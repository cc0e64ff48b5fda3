package layout

import (
	"slices"
	"strings"

	"mmc/ir"
	"mmc/ir/loop"
	"mmc/ir/plan"
)

// place returns the view of a group's result, making its buffer at the first call.
func (l *layouter) place(v *ir.Value) plan.View {
	if view, ok := l.views[v]; ok {
		return view
	}
	if _, ok := l.part[v]; ok {
		l.views[v] = l.sliceView(v)
		return l.views[v]
	}
	b := l.buffer(name(v), v.Type.DType, size(v.Type.Shape, l.border[v]), plan.ArenaSpace)
	view := ordered(b, v.Type.Shape, l.order(v), l.border[v])
	l.frame(b, view, l.border[v])
	l.views[v] = view
	return view
}

// placeGroup makes the steps of one group.
func (l *layouter) placeGroup(group *plan.Group, cells map[*ir.Value]*ir.Arg) {
	for _, v := range group.Out {
		if a := cells[v]; a != nil {
			l.views[v] = l.views[a.Value]
		}
		l.place(v)
	}
	for _, nest := range group.Nests {
		if l.inPlace(group, nest) {
			continue
		}
		l.step(group, nest)
	}
}

// inPlace reports whether the nest only copies a value that already lives where the copy would go.
func (l *layouter) inPlace(group *plan.Group, nest *loop.Nest) bool {
	if !copiesOnly(group) {
		return false
	}
	s, ok := l.part[group.In[nest.Body[0].Access.Arg]]
	return ok && s.of == group.Out[0]
}

// step appends the kernel call of one nest.
func (l *layouter) step(group *plan.Group, nest *loop.Nest) {
	step := &plan.Step{Nodes: group.Nodes, Name: groupName(group), Template: l.template(nest), Why: group.Why}
	if len(group.Nodes) > 0 {
		step.Pos = group.Nodes[len(group.Nodes)-1].Pos
	}
	used := map[int]int{}
	copied := *nest
	copied.Body = slices.Clone(nest.Body)
	for i, in := range copied.Body {
		if in.Op != loop.Load {
			continue
		}
		access := *in.Access
		v := group.In[access.Arg]
		k, ok := used[access.Arg]
		if !ok {
			k = len(step.In)
			used[access.Arg] = k
			step.In = append(step.In, l.view(v))
		}
		access.Arg = k
		copied.Body[i].Access = &access
	}
	for _, v := range group.Out {
		step.Out = append(step.Out, l.view(v))
	}
	step.Nest = &copied
	l.product(group, nest, step)
	for i, v := range step.In {
		step.In[i] = l.real(v)
	}
	l.prog.Steps = append(l.prog.Steps, step)
}

// template chooses the family for nests that are no products.
func (l *layouter) template(nest *loop.Nest) plan.Template {
	for _, in := range nest.Body {
		if in.Op == loop.Load && slices.ContainsFunc(in.Access.Index, func(x loop.Index) bool { return x.Via != loop.NoReg }) {
			return plan.Loops
		}
	}
	if slices.ContainsFunc(nest.Stores, func(s loop.Store) bool {
		return s.Accumulate || slices.ContainsFunc(s.Index, func(x loop.Index) bool { return x.Via != loop.NoReg })
	}) {
		return plan.Loops
	}
	if len(nest.Accs) > 0 {
		return plan.Reduce
	}
	return plan.Map
}

// groupName lists the operators of a group for people.
func groupName(group *plan.Group) string {
	var names []string
	for _, n := range group.Nodes {
		if n.Op.Kind != ir.Broadcast && len(n.Args) > 0 {
			names = append(names, n.Op.Name)
		}
	}
	if len(names) > 6 {
		names = append(names[:5], "…")
	}
	return strings.Join(names, "+")
}

// placeResults hands results out in row-major order.
func (l *layouter) placeResults(cells map[*ir.Value]*ir.Arg) {
	for _, r := range l.g.Results {
		if r.Role == ir.Prepared {
			continue // Fulfil copies it
		}
		view := l.view(r.Value)
		if r.Role == ir.CellOf {
			home := l.cellView(r.Cell)
			if !sameView(view, home) {
				l.copyStep(view, home, "a cell's next value is computed elsewhere")
				l.prog.Stats.CellCopies++
			}
			view = home
		} else if view = l.real(view); !l.isRowMajor(view) || view.Buf.Space != plan.ArenaSpace {
			b := l.buffer(r.Name+" (result)", r.Value.Type.DType, size(r.Value.Type.Shape, nil), plan.ArenaSpace)
			to := rowMajor(b, r.Value.Type.Shape)
			l.copyStep(view, to, "results are row-major")
			view = to
		}
		l.prog.Results[r] = view
	}
}

func sameView(a, b plan.View) bool {
	return a.Buf == b.Buf && a.Offset.Equal(b.Offset)
}

func (l *layouter) cellView(c *ir.Cell) plan.View {
	for _, a := range l.g.Args {
		if a.Role == ir.CellOf && a.Cell == c {
			return l.views[a.Value]
		}
	}
	for _, b := range l.prog.Buffers {
		if b.Space == plan.CellSpace && b.Cell == c {
			return rowMajor(b, c.Type.Shape)
		}
	}
	b := l.buffer(c.Name, c.Type.DType, size(c.Type.Shape, nil), plan.CellSpace)
	b.Cell = c
	return rowMajor(b, c.Type.Shape)
}

// writtenCells maps the next values of cells to the arguments whose memory they may overwrite: no kernel after the
// writer reads the old value, and the writer reads it, if at all, at the element that it writes.
func (l *layouter) writtenCells() map[*ir.Value]*ir.Arg {
	last := map[*ir.Value]int{} // last group that reads a value or a reshaped view of it
	writer := map[*ir.Value]int{}
	for i, group := range l.groups {
		for _, v := range group.In {
			last[v] = i
			for v.Node != nil && v.Node.Op.Has(ir.View) {
				v = v.Node.Args[0]
				last[v] = i
			}
		}
		for _, v := range group.Out {
			writer[v] = i
		}
	}
	out := map[*ir.Value]*ir.Arg{}
	for _, r := range l.g.Results {
		if r.Role != ir.CellOf || l.out[r.Value] == nil || out[r.Value] != nil {
			continue
		}
		for _, a := range l.g.Args {
			if a.Role == ir.CellOf && a.Cell == r.Cell && l.mayOverwrite(a.Value, r.Value, last, writer) {
				out[r.Value] = a
			}
		}
	}
	return out
}

func (l *layouter) mayOverwrite(old, next *ir.Value, last, writer map[*ir.Value]int) bool {
	at := writer[next]
	if _, sliced := l.part[next]; sliced || last[old] > at || l.resultOtherThan(old, next) {
		return false
	}
	if last[old] < at {
		return true
	}
	group := l.groups[at]
	for _, nest := range group.Nests {
		for _, in := range nest.Body {
			if in.Op == loop.Load && group.In[in.Access.Arg] == old && !samePlace(in.Access.Index, nest.Stores) {
				return false
			}
		}
	}
	return slices.Contains(group.In, old)
}

// resultOtherThan reports whether the old value is also handed out.
func (l *layouter) resultOtherThan(old, next *ir.Value) bool {
	return slices.ContainsFunc(l.g.Results, func(r *ir.Result) bool { return r.Value == old })
}

// samePlace reports whether every store writes the element that index reads.
func samePlace(index []loop.Index, stores []loop.Store) bool {
	return !slices.ContainsFunc(stores, func(s loop.Store) bool {
		return !slices.EqualFunc(index, s.Index, func(x, y loop.Index) bool {
			return x.Off.Equal(y.Off) && x.Via == y.Via && slices.EqualFunc(x.Terms, y.Terms, func(t, u loop.Term) bool {
				return t.Axis == u.Axis && t.Coef.Equal(u.Coef)
			})
		})
	})
}

// liveness sets the first and last step of each arena buffer. A result lives to the end.
func (l *layouter) liveness() {
	for _, b := range l.prog.Buffers {
		b.First, b.Last = len(l.prog.Steps), -1
	}
	for i, step := range l.prog.Steps {
		for _, views := range [][]plan.View{step.In, step.Out} {
			for _, v := range views {
				v.Buf.First, v.Buf.Last = min(v.Buf.First, i), max(v.Buf.Last, i)
			}
		}
	}
	for _, v := range l.prog.Results {
		v.Buf.Last = len(l.prog.Steps)
	}
}

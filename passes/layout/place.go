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
	b := l.buffer(l.name(v), v.Type.DType, size(v.Type.Shape, l.border[v]), plan.ArenaSpace)
	view := ordered(b, v.Type.Shape, l.order(v), l.border[v])
	l.frame(b, view, l.border[v])
	l.views[v] = view
	return view
}

// placeGroup makes the steps of one group.
func (l *layouter) placeGroup(group *plan.Group, homes map[*ir.Value]*plan.Buffer) {
	if n := len(group.Nodes); n > 0 {
		l.at = group.Nodes[n-1].Pos
	}
	for _, v := range group.Out {
		if b := homes[v]; b != nil {
			l.views[v] = rowMajor(b, v.Type.Shape)
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
	step := &plan.Step{Nodes: group.Nodes, Name: groupName(group), Template: l.template(nest), Pos: l.at, Why: group.Why}
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

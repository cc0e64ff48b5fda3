package layout

import (
	"fmt"
	"strings"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
	"mmc/ir/plan"
)

// NewPrepared returns an empty collection.
func NewPrepared() *Prepared { return &Prepared{byKey: map[string]*Demand{}} }

// promise gives a prepared argument a row-major view of a buffer that does not exist yet: most weights are only ever read
// packed. real makes it exist.
func (l *layouter) promise(a *ir.Arg) plan.View {
	b := &plan.Buffer{Name: a.Name, DType: a.Value.Type.DType, Space: plan.Prepared}
	l.promised[b] = a
	return rowMajor(b, a.Value.Type.Shape)
}

// real returns the view with a promised buffer replaced by a demanded one.
func (l *layouter) real(view plan.View) plan.View {
	a := l.promised[view.Buf]
	if a == nil {
		return view
	}
	whole := l.demandWhole(a)
	l.views[a.Value], l.prog.Args[a] = whole, whole
	whole.Offset, whole.Strides, whole.Shape = view.Offset, view.Strides, view.Shape
	return whole
}

// demandWhole asks for the prepared argument as a row-major tensor.
func (l *layouter) demandWhole(a *ir.Arg) plan.View {
	shape := a.Value.Type.Shape
	access := loop.Access{}
	axes := make([]loop.Axis, len(shape))
	for i, d := range shape {
		axes[i] = loop.Axis{Name: fmt.Sprintf("i%d", i), Extent: d}
		access.Index = append(access.Index, loop.Index{Terms: []loop.Term{{Axis: i, Coef: dim.Int(1)}}, Via: loop.NoReg})
	}
	return l.demand(a, "whole", axes, access, func() (plan.View, dim.Expr) {
		return rowMajor(nil, shape), size(shape, nil)
	})
}

// demandPacked asks for the prepared value packed into panels along its last axis.
func (l *layouter) demandPacked(v *ir.Value, axes []loop.Axis, access loop.Access) plan.View {
	shape := make([]dim.Expr, len(axes))
	for i, a := range axes {
		shape[i] = a.Extent
	}
	return l.demand(l.args[v], "packed", axes, access, func() (plan.View, dim.Expr) {
		return panels(shape, &plan.Panel{Width: panelWidth})
	})
}

// demand returns the view of a Prepared buffer, shared by all graphs that ask for the same.
func (l *layouter) demand(a *ir.Arg, form string, axes []loop.Axis, access loop.Access, lay func() (plan.View, dim.Expr)) plan.View {
	key := demandKey(a.Source, form, axes, access)
	d := l.prep.byKey[key]
	if d == nil {
		view, elements := lay()
		view.Buf = &plan.Buffer{
			ID: -1 - len(l.prep.Demands), Name: a.Name + " (" + form + ")", DType: a.Value.Type.DType, Size: elements, Space: plan.Prepared,
		}
		d = &Demand{Value: a.Source, Pos: l.at, Axes: axes, Access: access, View: view}
		l.prep.Demands = append(l.prep.Demands, d)
		l.prep.byKey[key] = d
	}
	return d.View
}

func demandKey(v *ir.Value, form string, axes []loop.Axis, access loop.Access) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%p %s", v, form)
	for _, a := range axes {
		b.WriteString("|" + a.Extent.Key())
	}
	for _, x := range access.Index {
		b.WriteString("|" + x.Off.Key())
		for _, t := range x.Terms {
			fmt.Fprintf(&b, "+%d*%s", t.Axis, t.Coef.Key())
		}
	}
	return b.String()
}

// GatherNest copies the elements that access names into a tensor over the axes.
func GatherNest(axes []loop.Axis, access loop.Access, t dtype.DType) *loop.Nest {
	n := &loop.Nest{Axes: axes, Split: 1, Body: []loop.Inst{{Op: loop.Load, Type: t, Access: &access}}}
	store := loop.Store{Value: 0}
	for i := range axes {
		store.Index = append(store.Index, loop.Index{Terms: []loop.Term{{Axis: i, Coef: dim.Int(1)}}, Via: loop.NoReg})
	}
	n.Stores = []loop.Store{store}
	return n
}

// Fulfil adds to the prepare program the copies that fill the demanded buffers. Each stands right after the kernel that makes
// its source, so that sources live shortly.
func Fulfil(g *ir.Graph, groups []*plan.Group, prep *Prepared) *plan.Program {
	return run(g, groups, nil, func(l *layouter) {
		copies := map[*plan.Buffer][]*plan.Step{}
		for _, d := range prep.Demands {
			from := l.view(d.Value) // a weight itself, or a result of the graph
			copies[from.Buf] = append(copies[from.Buf], &plan.Step{
				Nest: GatherNest(d.Axes, d.Access, d.View.Buf.DType), In: []plan.View{from}, Out: []plan.View{d.View},
				Template: plan.Copy, Name: "prepare " + d.View.Buf.Name, Pos: d.Pos, Why: "computed once at load",
			})
			l.prog.Buffers = append(l.prog.Buffers, d.View.Buf)
		}
		l.prog.Steps = interleave(l.prog.Steps, l.prog.Buffers, copies)
	})
}

// interleave puts the copies of each buffer behind the last step that writes it, those of unwritten ones (weights as they are
// loaded) at the end.
func interleave(steps []*plan.Step, order []*plan.Buffer, copies map[*plan.Buffer][]*plan.Step) []*plan.Step {
	last := map[*plan.Buffer]int{}
	for i, s := range steps {
		for _, v := range s.Out {
			last[v.Buf] = i
		}
	}
	var out []*plan.Step
	for i, s := range steps {
		out = append(out, s)
		for _, v := range s.Out {
			if last[v.Buf] == i {
				out = append(out, copies[v.Buf]...)
				delete(copies, v.Buf)
			}
		}
	}
	for _, b := range order {
		out = append(out, copies[b]...)
		delete(copies, b)
	}
	return out
}

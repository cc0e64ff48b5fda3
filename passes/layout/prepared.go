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

// readDirectly reports whether any group needs the prepared value as a plain tensor, not only packed for a product.
func (l *layouter) readDirectly(v *ir.Value) bool {
	for _, r := range l.g.Results {
		if r.Value == v {
			return true
		}
	}
	for _, group := range l.groups {
		for k, x := range group.In {
			for x.Node != nil && x.Node.Op.Has(ir.View) {
				x = x.Node.Args[0]
				if x == v {
					return true
				}
			}
			if x == v && !l.onlyPacked(group, k) {
				return true
			}
		}
	}
	return false
}

// onlyPacked reports whether operand k of the group is read by nothing but the right side of one product.
func (l *layouter) onlyPacked(group *plan.Group, k int) bool {
	if len(group.Nests) != 1 {
		return false
	}
	nest := group.Nests[0]
	p, ok := loop.MatchProduct(nest)
	if !ok || len(p.K) == 0 || group.In[k].Type.DType != dtype.F32 {
		return false
	}
	for r, in := range nest.Body {
		if in.Op == loop.Load && in.Access.Arg == k && loop.Reg(r) != p.B && loop.Reg(r) != p.A {
			return false
		}
	}
	other := p.A
	if nest.Body[p.A].Access.Arg == k {
		other = p.B
	}
	return nest.Body[other].Access.Arg != k
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
	return l.demand(l.argOf(v), "packed", axes, access, func() (plan.View, dim.Expr) {
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
		d = &Demand{Value: a.Source, Axes: axes, Access: access, View: view}
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

// Fulfil appends to the prepare program the copies that fill the demanded buffers.
func Fulfil(g *ir.Graph, groups []*plan.Group, prep *Prepared) *plan.Program {
	return run(g, groups, nil, func(l *layouter) {
		for _, d := range prep.Demands {
			from := l.view(d.Value)
			l.prog.Steps = append(l.prog.Steps, &plan.Step{
				Nest: GatherNest(d.Axes, d.Access, d.View.Buf.DType), In: []plan.View{from}, Out: []plan.View{d.View},
				Template: plan.Copy, Name: "prepare " + d.View.Buf.Name, Why: "computed once at load",
			})
			l.prog.Buffers = append(l.prog.Buffers, d.View.Buf)
		}
	})
}

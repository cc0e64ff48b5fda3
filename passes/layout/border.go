package layout

import (
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/loop"
	"mmc/ir/plan"
)

// findBorders collects the zero borders that products read as padding. Only a zero fill can be read from memory; other
// windows (a maximum pads with -inf) keep their guards.
func (l *layouter) findBorders() {
	for _, group := range l.groups {
		for _, nest := range group.Nests {
			p, ok := loop.MatchProduct(nest)
			if !ok {
				continue
			}
			for _, r := range []loop.Reg{p.A, p.B} {
				a := nest.Body[r].Access
				if a.Guard && a.Fill == 0 {
					l.addBorder(group.In[a.Arg], l.reach(nest, a, group.In[a.Arg].Type.Shape))
				}
			}
		}
	}
}

// reach says how far beyond the operand's extents an access goes, per axis.
func (l *layouter) reach(nest *loop.Nest, a *loop.Access, shape []dim.Expr) []margin {
	out := make([]margin, len(shape))
	for i, x := range a.Index {
		low, high := x.Off, x.Off
		for _, t := range x.Terms {
			last := nest.Axes[t.Axis].Extent.Sub(dim.Int(1)).Mul(t.Coef)
			if c, ok := t.Coef.Const(); ok && c < 0 {
				low = low.Add(last)
			} else {
				high = high.Add(last)
			}
		}
		out[i] = margin{l.atLeastZero(low.Neg()), l.atLeastZero(high.Sub(shape[i]).Add(dim.Int(1)))}
	}
	return out
}

func (l *layouter) atLeastZero(e dim.Expr) dim.Expr {
	e = l.facts.Norm(e)
	switch {
	case l.facts.NonNegative(e):
		return e
	case l.facts.NonNegative(e.Neg()):
		return dim.Int(0)
	}
	return dim.Max(dim.Int(0), e)
}

// addBorder widens the border of v, and of the concatenation that it lives in. Along the axis of the concatenation its
// neighbours lie where the border would be: then v cannot live there.
func (l *layouter) addBorder(v *ir.Value, m []margin) {
	for {
		have := l.border[v]
		if have == nil {
			have = make([]margin, len(m))
		}
		for i := range have {
			have[i] = margin{l.wider(have[i].low, m[i].low), l.wider(have[i].high, m[i].high)}
		}
		l.border[v] = have
		s, ok := l.part[v]
		if !ok {
			return
		}
		if have[s.axis] != (margin{}) {
			delete(l.part, v)
			return
		}
		v = s.of
	}
}

func (l *layouter) wider(a, b dim.Expr) dim.Expr {
	switch {
	case l.facts.AtMost(a, b):
		return b
	case l.facts.AtMost(b, a):
		return a
	}
	return dim.Max(a, b)
}

// framedView returns a view of v with the border that its readers need, copying v into a bordered buffer where its own
// storage has none (a caller's image, a reshaped vector).
func (l *layouter) framedView(v *ir.Value) plan.View {
	if l.ownsBorder(v) {
		return l.view(v)
	}
	if view, ok := l.framed[v]; ok {
		return view
	}
	from := l.view(v)
	b := l.buffer(l.name(v)+" (bordered)", v.Type.DType, size(v.Type.Shape, l.border[v]), plan.ArenaSpace)
	to := ordered(b, v.Type.Shape, l.order(v), l.border[v])
	l.frame(b, to, l.border[v])
	l.copyStep(from, to, "an image with its zero border")
	l.framed[v] = to
	return to
}

// ownsBorder reports whether v's own buffer was made with its border.
func (l *layouter) ownsBorder(v *ir.Value) bool {
	for {
		s, ok := l.part[v]
		if !ok {
			break
		}
		v = s.of
	}
	return l.out[v] != nil && l.place(v).Buf.Space == plan.ArenaSpace
}

// frame records which parts of b must be zero.
func (l *layouter) frame(b *plan.Buffer, view plan.View, margins []margin) {
	for i, m := range margins {
		if !m.low.IsConst(0) || !m.high.IsConst(0) {
			b.Zero = true
			b.Borders = append(b.Borders, plan.Border{View: view, Axis: i, Low: m.low, High: m.high})
		}
	}
}

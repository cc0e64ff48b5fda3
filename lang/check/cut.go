package check

import (
	"fmt"

	"mmc/internal/diag"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/lang/check/core"
	"mmc/lang/syntax"
)

// This file evaluates the subscripts of a tensor, one axis each.

// cut evaluates one subscript.
func (e *elab) cut(v *core.Value, axis int, sub *syntax.Sub, f *frame) (cut, bool) {
	d := v.Type.Shape[axis]
	if !sub.Slice {
		return e.indexCut(d, axis, sub, f)
	}
	c := cut{size: d, step: 1, full: sub.Lo == nil && sub.Hi == nil && sub.Step == nil}
	if c.full {
		return c, true
	}
	if sub.Step != nil {
		n, ok := e.constIndex(sub.Step, f)
		if !ok || n < 1 {
			if ok {
				e.report(diag.New("index.step", sub.Range, "a step must be positive").WithHint("reverse(x, axes: [..]) turns an axis round"))
			}
			return c, false
		}
		c.step = n
	}
	lo, dynamic, ok := e.sliceStart(sub.Lo, d, f)
	if !ok {
		return c, false
	}
	if dynamic != nil {
		return e.dynamicCut(dynamic, sub, f)
	}
	hi, ok := e.sliceBound(sub.Hi, d, d, f)
	if !ok {
		return c, false
	}
	return e.staticCut(c, d, lo, hi, axis, sub)
}

// staticCut checks lo <= hi <= d as far as it is known to fail and computes the size.
func (e *elab) staticCut(c cut, d, lo, hi dim.Expr, axis int, sub *syntax.Sub) (cut, bool) {
	hi = e.clampEnd(hi, d)
	lo = e.clampEnd(lo, d)
	length := hi.Sub(lo)
	if n, ok := length.Const(); ok && n < 0 {
		length = dim.Int(0)
	}
	if e.facts.Less(length, dim.Int(0)) {
		e.fail("index.range", sub.Range, "the slice of axis %d, from %s to %s, is empty or runs backwards", axis, e.facts.Show(lo), e.facts.Show(hi))
		return c, false
	}
	c.start, c.size = lo, length.CeilDiv(dim.Int(c.step))
	return c, true
}

// clampEnd cuts a constant bound beyond a constant size, as Python does.
func (e *elab) clampEnd(b, d dim.Expr) dim.Expr {
	n, ok := b.Const()
	m, ok2 := d.Const()
	if ok && ok2 {
		return dim.Int(min(max(n, 0), m))
	}
	return b
}

// indexCut is x[i]: with i a dim or a scalar of data.
func (e *elab) indexCut(d dim.Expr, axis int, sub *syntax.Sub, f *frame) (cut, bool) {
	v := e.eval(sub.Index, f)
	c := cut{size: dim.Int(1), step: 1, drop: true}
	switch v := v.(type) {
	case poison:
		return c, false
	case tensor:
		c.dynamic = e.startValue(v.Value, sub.Range, f)
		return c, c.dynamic != nil
	case number:
		i, ok := e.asDim(v, sub.Range)
		if !ok {
			return c, false
		}
		if e.facts.Less(i, dim.Int(0)) {
			i = d.Add(i)
		}
		if !e.facts.Less(i, d) && (e.facts.AtMost(d, i) || isConstDim(d)) || e.facts.Less(i, dim.Int(0)) {
			e.fail("index.range", sub.Range, "index %s of axis %d, which has size %s", e.show(v), axis, e.facts.Show(d))
			return c, false
		}
		c.start = i
		return c, true
	}
	e.fail("index.type", sub.Range, "an index must be an int, a dim or an integer scalar, not %s", e.describe(v))
	return c, false
}

func isConstDim(d dim.Expr) bool { _, ok := d.Const(); return ok }

// startValue makes an integer scalar the start of a dynamic slice.
func (e *elab) startValue(v *core.Value, at diag.Range, f *frame) *core.Value {
	if len(v.Type.Shape) != 0 || !v.Type.DType.IsInt() {
		d := diag.New("index.type", at, "an index must be an integer scalar, not "+e.showType(v.Type))
		e.report(d.WithHint("gather(x, ids) takes rows by a tensor of indices, take(x, ids, axis: ..) one element per position"))
		return nil
	}
	if v.Type.DType == dtype.I32 {
		return v
	}
	return e.must("cast", attrs{"dtype": dtype.I32}, site{at, f}, v)
}

// sliceStart evaluates the lower bound of a slice: a size, or data.
func (e *elab) sliceStart(x syntax.Expr, d dim.Expr, f *frame) (lo dim.Expr, dynamic *core.Value, ok bool) {
	if x == nil {
		return dim.Expr{}, nil, true
	}
	v := e.eval(x, f)
	if t, data := v.(tensor); data {
		dynamic = e.startValue(t.Value, x.Span(), f)
		return dim.Expr{}, dynamic, dynamic != nil
	}
	lo, ok = e.asDim(v, x.Span())
	return e.fromEnd(lo, d), nil, ok
}

func (e *elab) sliceBound(x syntax.Expr, absent, d dim.Expr, f *frame) (dim.Expr, bool) {
	if x == nil {
		return absent, true
	}
	b, ok := e.dimOf(x, f)
	return e.fromEnd(b, d), ok
}

// fromEnd counts a negative bound from the end.
func (e *elab) fromEnd(b, d dim.Expr) dim.Expr {
	if e.facts.Less(b, dim.Int(0)) {
		return d.Add(b)
	}
	return b
}

// dynamicCut is x[p : p + n] with p data: its length n must be a size, so the end is written as start plus length.
func (e *elab) dynamicCut(start *core.Value, sub *syntax.Sub, f *frame) (cut, bool) {
	c := cut{dynamic: start, step: 1}
	b, ok := unparen(sub.Hi).(*syntax.Binary)
	if sub.Hi == nil || !ok || b.Op != "+" || e.source(unparen(b.X).Span()) != e.source(unparen(sub.Lo).Span()) || sub.Step != nil {
		d := diag.New("index.length", sub.Range, "a slice that starts at data needs a length that is a size")
		e.report(d.WithHint(fmt.Sprintf("write %s : %s + n", e.source(sub.Lo.Span()), e.source(sub.Lo.Span()))))
		return c, false
	}
	c.size, ok = e.dimOf(b.Y, f)
	return c, ok
}

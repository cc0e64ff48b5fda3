package check

import (
	"fmt"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/lang/check/core"
	"mmc/lang/syntax"
)

// This file expands subscripts: of lists and element types at compile time, of tensors into slices and reshapes.

func (e *elab) evalIndex(x *syntax.Index, f *frame) value {
	base := e.eval(x.X, f)
	switch v := base.(type) {
	case poison:
		return v
	case element:
		return e.indexElement(v, x, f)
	case list:
		return e.indexList(v, x, f)
	case tuple:
		return e.indexList(v.elems, x, f)
	case tensor:
		return e.indexTensor(v.Value, x, f)
	}
	return e.fail("index.type", x.Range, "%s cannot be indexed", e.describe(base))
}

// indexElement is a tensor type as a value: i32[N, 3].
func (e *elab) indexElement(t element, x *syntax.Index, f *frame) value {
	out := ir.Type{DType: dtype.DType(t)}
	for _, sub := range x.Subs {
		if sub.Index == nil {
			return e.fail("index.type", sub.Range, "a shape holds sizes")
		}
		d, ok := e.dimOf(sub.Index, f)
		if !ok {
			return poison{}
		}
		out.Shape = append(out.Shape, d)
	}
	return tensorType{out}
}

func (e *elab) indexList(l list, x *syntax.Index, f *frame) value {
	if len(x.Subs) != 1 || x.Subs[0].New || x.Subs[0].Ellipsis {
		return e.fail("index.list", x.Range, "a list has one index")
	}
	sub := x.Subs[0]
	if !sub.Slice {
		i, ok := e.constIndex(sub.Index, f)
		if !ok {
			return poison{}
		}
		if i < 0 {
			i += int64(len(l))
		}
		if i < 0 || i >= int64(len(l)) {
			return e.fail("index.range", sub.Range, "index %d of a list of %d", i, len(l))
		}
		return l[i]
	}
	lo, hi := int64(0), int64(len(l))
	ok := true
	if sub.Lo != nil {
		lo, ok = e.listBound(sub.Lo, len(l), f)
	}
	if sub.Hi != nil && ok {
		hi, ok = e.listBound(sub.Hi, len(l), f)
	}
	if !ok || sub.Step != nil {
		if ok {
			e.fail("index.list", sub.Range, "a slice of a list has no step")
		}
		return poison{}
	}
	return l[lo:max(lo, hi)]
}

func (e *elab) constIndex(x syntax.Expr, f *frame) (int64, bool) {
	v := e.eval(x, f)
	if n, ok := v.(number); ok {
		if i, ok := n.integer(); ok {
			return i, true
		}
	}
	if !isPoison(v) {
		e.fail("index.type", x.Span(), "the index of a list must be an int, not %s", e.describe(v))
	}
	return 0, false
}

func (e *elab) listBound(x syntax.Expr, n int, f *frame) (int64, bool) {
	i, ok := e.constIndex(x, f)
	if i < 0 {
		i += int64(n)
	}
	return min(max(i, 0), int64(n)), ok
}

// cut is a subscript on one axis of a tensor: from start, size elements, every step-th. A start that is data is dynamic.
type cut struct {
	start   dim.Expr
	dynamic *core.Value
	size    dim.Expr
	step    int64
	drop    bool // an index: the axis goes
	full    bool
}

// subscripts is what all subscripts together do.
type subscripts struct {
	cuts   []cut
	newAt  []int // positions of new axes in the result
	result int
}

func (e *elab) indexTensor(v *core.Value, x *syntax.Index, f *frame) value {
	subs, ok := e.subscripts(v, x, f)
	if !ok {
		return poison{}
	}
	s := site{x.Range, f}
	cutOut := e.cutOut(v, subs.cuts, s)
	if cutOut == nil {
		return poison{}
	}
	return e.reshapeTo(cutOut, subs.shape(cutOut.Type.Shape), s)
}

// shape is the shape of the result: axes of indices go, new axes come.
func (s *subscripts) shape(cutShape []dim.Expr) []dim.Expr {
	var out []dim.Expr
	isNew := map[int]bool{}
	for _, p := range s.newAt {
		isNew[p] = true
	}
	put := func() {
		for isNew[len(out)] {
			delete(isNew, len(out))
			out = append(out, dim.Int(1))
		}
	}
	for i, c := range s.cuts {
		put()
		if !c.drop {
			out = append(out, cutShape[i])
		}
	}
	put()
	return out
}

// reshapeTo is v with another shape of the same size; v itself where the shape is the same.
func (e *elab) reshapeTo(v *core.Value, shape []dim.Expr, s site) value {
	if v == nil {
		return poison{}
	}
	if e.sameShape(v.Type.Shape, shape) {
		return tensor{v}
	}
	return e.one("reshape", attrs{"shape": shape}, s, v)
}

// subscripts evaluates the subscripts of a tensor.
func (e *elab) subscripts(v *core.Value, x *syntax.Index, f *frame) (*subscripts, bool) {
	used, dots := 0, -1
	for i, sub := range x.Subs {
		switch {
		case sub.Ellipsis && dots >= 0:
			e.fail("index.ellipsis", sub.Range, "... stands once in a subscript")
			return nil, false
		case sub.Ellipsis:
			dots = i
		case !sub.New:
			used++
		}
	}
	rank := v.Type.Rank()
	if used > rank {
		d := diag.New("index.rank", x.Range, fmt.Sprintf("%d subscripts for %d axes: %s", used, rank, e.showType(v.Type)))
		e.report(d.WithRelated(v.Pos, e.named(v)+" has type "+e.showType(v.Type)))
		return nil, false
	}
	out := &subscripts{}
	position := 0
	whole := func(n int) {
		for range n {
			out.cuts = append(out.cuts, fullCut(v.Type.Shape[len(out.cuts)]))
			position++
		}
	}
	good := true
	for i, sub := range x.Subs {
		switch {
		case i == dots:
			whole(rank - used)
		case sub.New:
			out.newAt = append(out.newAt, position)
			position++
		default:
			c, ok := e.cut(v, len(out.cuts), sub, f)
			good = good && ok
			out.cuts = append(out.cuts, c)
			if !c.drop {
				position++
			}
		}
	}
	whole(rank - len(out.cuts))
	return out, good
}

func fullCut(d dim.Expr) cut { return cut{size: d, step: 1, full: true} }

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

// cutOut applies the cuts: a slice, or a dynamic slice where a start is data.
func (e *elab) cutOut(v *core.Value, cuts []cut, s site) *core.Value {
	dynamic, all := false, true
	for _, c := range cuts {
		dynamic = dynamic || c.dynamic != nil
		all = all && c.full
	}
	switch {
	case all:
		return v
	case dynamic:
		return e.dynamicSlice(v, cuts, s)
	}
	starts, sizes, steps := make([]dim.Expr, len(cuts)), make([]dim.Expr, len(cuts)), make([]int64, len(cuts))
	for i, c := range cuts {
		starts[i], sizes[i], steps[i] = c.start, c.size, c.step
	}
	return e.must("slice", attrs{"starts": starts, "sizes": sizes, "steps": steps}, s, v)
}

func (e *elab) dynamicSlice(v *core.Value, cuts []cut, s site) *core.Value {
	sizes := make([]dim.Expr, len(cuts))
	for i, c := range cuts {
		if c.step != 1 {
			e.fail("index.step", s.at, "a slice that starts at data has no step")
			return nil
		}
		sizes[i] = c.size
	}
	starts := e.starts(cuts, s)
	if starts == nil {
		return nil
	}
	return e.must("dynamic_slice", attrs{"sizes": sizes}, s, append([]*core.Value{v}, starts...)...)
}

// starts are the starts of cuts as scalars of data.
func (e *elab) starts(cuts []cut, s site) []*core.Value {
	out := make([]*core.Value, len(cuts))
	for i, c := range cuts {
		if out[i] = c.dynamic; out[i] == nil {
			out[i] = e.scalar(sized(c.start), dtype.I32, s)
		}
		if out[i] == nil {
			return nil
		}
	}
	return out
}

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
	cuts  []cut
	newAt []int // positions of new axes in the result
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

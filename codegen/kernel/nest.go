package kernel

import (
	"fmt"
	"slices"

	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
	"mmc/ir/plan"
)

// Nest is a loop nest whose accesses are addresses: offset plus strides times positions, in elements of a buffer.
// Parallel axes come first, in the order of the nest, then the reduce axes.
type Nest struct {
	Axes   []loop.Axis
	Body   []loop.Inst // Access is replaced by Refs
	Split  int
	Accs   []loop.Acc
	Loads  []Ref // Loads[Load[k]] is what instruction k reads
	Load   []int // per instruction; -1 unless it is a load
	Stores []Store
	Clear  []plan.View // results to fill with zero before
	Facts  *dim.Facts  // what is known of the sizes
}

// Ref is a place in memory as a function of the position.
type Ref struct {
	View   plan.View
	Offset dim.Expr   // in elements, from the start of the buffer
	Stride []dim.Expr // per axis of the nest
	Checks []Check    // the dimensions whose index must be computed at run time
	Way    []way      // per axis of the nest
	Guard  bool       // outside of the extents reads Fill; else an index through a register is clamped
	Fill   float64
}

// way is the set of directions in which a reference walks along an axis: its dimensions may differ.
type way uint8

const (
	walksAhead way = 1 << iota
	walksBack      // towards lower indices
)

// Check is one dimension of an operand whose index, Base + Coef*position + register Via, must be computed at run time: it can
// leave its extent, comes from a register, or counts in panels. In the last two cases the dimension has no part in
// Ref.Offset and Ref.Stride.
type Check struct {
	Base   dim.Expr
	Coef   []dim.Expr
	Via    loop.Reg
	Extent dim.Expr
	Stride dim.Expr // of the dimension in memory; of a panel
	Open   bool     // the index can leave the extent
	Width  int64    // of a panel; 0 where the dimension has none
}

// apart reports whether the dimension's part of the address is computed from the index.
func (c *Check) apart() bool { return c.Via != loop.NoReg || c.Width > 0 }

// Store is a store of the nest.
type Store struct {
	Ref
	Value      loop.Reg
	Accumulate bool
	Apart      []bool // per axis: different positions on it are sure to store to different elements
}

// Bind gives a step's nest its addresses. A nest that does not fit the views is a bug of the caller and named as such.
func Bind(s *plan.Step, facts *dim.Facts) (*Nest, error) {
	b := &binder{step: s, nest: s.Nest, facts: facts}
	n := b.bind()
	if b.err != nil {
		return nil, fmt.Errorf("step %s: %w", s.Name, b.err)
	}
	n.dropUnitAxes()
	n.mergeAxes()
	return n, nil
}

type binder struct {
	step  *plan.Step
	nest  *loop.Nest
	facts *dim.Facts
	order []int // order[k] is the axis of the nest that axis k of the result is
	err   error
}

func (b *binder) bind() *Nest {
	for _, reduce := range []bool{false, true} {
		for i, a := range b.nest.Axes {
			if a.Reduce == reduce {
				b.order = append(b.order, i)
			}
		}
	}
	n := &Nest{Body: slices.Clone(b.nest.Body), Split: b.nest.Split, Accs: b.nest.Accs, Facts: b.facts}
	for _, i := range b.order {
		n.Axes = append(n.Axes, b.nest.Axes[i])
	}
	live := b.live()
	for k := range n.Body {
		n.Load = append(n.Load, -1)
		if live[k] {
			n.Load[k] = b.load(n, k)
		}
		if in := &n.Body[k]; in.Op == loop.Position {
			in.Axis = slices.Index(b.order, in.Axis)
		}
	}
	for _, s := range b.nest.Stores {
		if s.Out >= len(b.step.Out) {
			b.fail("the nest has no view for result %d", s.Out)
			return n
		}
		ref := b.ref(b.step.Out[s.Out], s.Index, false, 0)
		n.Stores = append(n.Stores, Store{Ref: ref, Value: s.Value, Accumulate: s.Accumulate, Apart: b.apart(n, s)})
	}
	for _, o := range b.nest.InitOut {
		n.Clear = append(n.Clear, b.step.Out[o])
	}
	return n
}

// live tells which instructions a store or an accumulator needs.
func (b *binder) live() []bool {
	live := make([]bool, len(b.nest.Body))
	mark := func(index []loop.Index) {
		for _, ix := range index {
			if ix.Via != loop.NoReg {
				live[ix.Via] = true
			}
		}
	}
	for _, a := range b.nest.Accs {
		live[a.Value] = true
	}
	for _, s := range b.nest.Stores {
		live[s.Value] = true
		mark(s.Index)
	}
	for k := len(live) - 1; k >= 0; k-- {
		in := b.nest.Body[k]
		if !live[k] {
			continue
		}
		for _, a := range in.Args {
			live[a] = true
		}
		if in.Access != nil {
			mark(in.Access.Index)
		}
	}
	return live
}

func (b *binder) fail(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf(format, args...)
	}
}

// load binds the access of instruction k and returns its place in n.Loads; equal accesses share one.
func (b *binder) load(n *Nest, k int) int {
	in := n.Body[k]
	if in.Op != loop.Load {
		return -1
	}
	a := in.Access
	if a.Arg >= len(b.step.In) {
		b.fail("the nest has no view for operand %d", a.Arg)
		return -1
	}
	n.Loads = append(n.Loads, b.ref(b.step.In[a.Arg], a.Index, a.Guard, a.Fill))
	return len(n.Loads) - 1
}

// ref makes an address of an index.
func (b *binder) ref(v plan.View, index []loop.Index, guard bool, fill float64) Ref {
	r := Ref{View: v, Offset: v.Offset, Stride: make([]dim.Expr, len(b.order)), Way: make([]way, len(b.order)), Fill: fill}
	if len(index) != len(v.Strides) {
		b.fail("an access of rank %d meets a view of rank %d (%s)", len(index), len(v.Strides), v.Buf.Name)
		return r
	}
	for d, ix := range index {
		coef := make([]dim.Expr, len(b.order))
		for _, t := range ix.Terms {
			k := slices.Index(b.order, t.Axis)
			coef[k] = coef[k].Add(t.Coef)
			r.Way[k] |= b.way(t)
		}
		c := Check{Base: ix.Off, Coef: coef, Via: ix.Via, Extent: v.Shape[d], Stride: v.Strides[d]}
		c.Open = ix.Via != loop.NoReg || guard && !b.inside(ix, v.Shape[d])
		if v.Panel != nil && v.Panel.Axis == d {
			c.Width, c.Stride = v.Panel.Width, v.Panel.Stride
		}
		if !c.apart() {
			r.Offset = r.Offset.Add(ix.Off.Mul(v.Strides[d]))
			for k, c := range coef {
				r.Stride[k] = r.Stride[k].Add(c.Mul(v.Strides[d]))
			}
		}
		if c.Open || c.apart() {
			r.Checks = append(r.Checks, c)
			r.Guard = r.Guard || guard && c.Open
		}
	}
	return r
}

// apart finds the axes that a store is sure to keep apart. Plain stores write each element once, so every axis of theirs
// does, unless it acts through a register; stores that accumulate may meet wherever an index has two terms.
func (b *binder) apart(n *Nest, s loop.Store) []bool {
	regs, out := n.deps(), make([]bool, len(b.order))
	for k, axis := range b.order {
		for _, ix := range s.Index {
			moved := slices.ContainsFunc(ix.Terms, func(t loop.Term) bool { return t.Axis == axis && !t.Coef.IsConst(0) })
			if !moved || ix.Via != loop.NoReg && (s.Accumulate || regs[ix.Via]&(1<<k) != 0) || s.Accumulate && len(ix.Terms) > 1 {
				continue
			}
			out[k] = true
		}
	}
	return out
}

// way is where a term walks. A size that may be negative, as far as is known, is still one.
func (b *binder) way(t loop.Term) way {
	switch {
	case b.nest.Axes[t.Axis].Extent.IsConst(1) || t.Coef.IsConst(0):
		return 0
	case b.facts.Less(t.Coef, dim.Int(0)):
		return walksBack
	}
	return walksAhead
}

// inside reports whether an index is one axis that has the extent of the dimension.
func (b *binder) inside(ix loop.Index, extent dim.Expr) bool {
	if !ix.Off.IsConst(0) {
		return false
	}
	switch len(ix.Terms) {
	case 0:
		return true
	case 1:
		return ix.Terms[0].Coef.IsConst(1) && b.nest.Axes[ix.Terms[0].Axis].Extent.Equal(extent)
	}
	return false
}

// refs are all places of the nest.
func (n *Nest) refs() []*Ref {
	var out []*Ref
	for i := range n.Loads {
		out = append(out, &n.Loads[i])
	}
	for i := range n.Stores {
		out = append(out, &n.Stores[i].Ref)
	}
	return out
}

// Parallel is the number of parallel axes.
func (n *Nest) Parallel() int {
	for i, a := range n.Axes {
		if a.Reduce {
			return i
		}
	}
	return len(n.Axes)
}

// dropUnitAxes takes away axes of one position: their position is 0 everywhere. Reductions leave out what a guard excludes by
// shortening the axis that it is about, be it as short as that.
func (n *Nest) dropUnitAxes() {
	for k := len(n.Axes) - 1; k >= 0; k-- {
		if n.Axes[k].Extent.IsConst(1) && !n.positioned(k) && !(n.Axes[k].Reduce && n.guardedOn(k)) {
			n.removeAxis(k)
		}
	}
}

// guardedOn reports whether a dimension whose index can leave its extent moves along an axis.
func (n *Nest) guardedOn(axis int) bool {
	return slices.ContainsFunc(n.refs(), func(r *Ref) bool {
		return slices.ContainsFunc(r.Checks, func(c Check) bool { return c.Open && !c.Coef[axis].IsConst(0) })
	})
}

// positioned reports whether the body asks for the position on an axis.
func (n *Nest) positioned(axis int) bool {
	return slices.ContainsFunc(n.Body, func(in loop.Inst) bool { return in.Op == loop.Position && in.Axis == axis })
}

func (n *Nest) removeAxis(k int) {
	n.Axes = slices.Delete(n.Axes, k, k+1)
	for _, r := range n.refs() {
		r.Stride, r.Way = slices.Delete(r.Stride, k, k+1), slices.Delete(r.Way, k, k+1)
		for c := range r.Checks {
			r.Checks[c].Coef = slices.Delete(r.Checks[c].Coef, k, k+1)
		}
	}
	for i := range n.Stores {
		n.Stores[i].Apart = slices.Delete(n.Stores[i].Apart, k, k+1)
	}
	for i := range n.Body {
		if in := &n.Body[i]; in.Op == loop.Position && in.Axis > k {
			in.Axis--
		}
	}
}

// turnRound makes an axis run the other way, if every reference that moves along it walks back there. Positions that the body asks
// for are to be counted down then.
func (n *Nest) turnRound(k int) bool {
	last := n.Axes[k].Extent.Sub(dim.Int(1))
	against := false
	for _, r := range n.refs() {
		if r.Way[k]&walksAhead != 0 {
			return false
		}
		against = against || r.Way[k] != 0 || slices.ContainsFunc(r.Checks, func(c Check) bool { return n.Facts.Less(c.Coef[k], dim.Int(0)) })
	}
	if !against {
		return false
	}
	for _, r := range n.refs() {
		r.Offset = r.Offset.Add(r.Stride[k].Mul(last))
		r.Stride[k] = r.Stride[k].Neg()
		if r.Way[k] != 0 {
			r.Way[k] = walksAhead
		}
		for c := range r.Checks {
			check := &r.Checks[c]
			check.Base, check.Coef[k] = check.Base.Add(check.Coef[k].Mul(last)), check.Coef[k].Neg()
		}
	}
	return true
}

// mergeAxes joins neighbours that every place walks as one: outer stride = inner stride * inner extent. An elementwise
// kernel over dense memory is one loop then, whatever its rank was.
func (n *Nest) mergeAxes() {
	for k := len(n.Axes) - 2; k >= 0; k-- {
		if n.mergeable(k) {
			n.Axes[k+1].Extent = n.Axes[k].Extent.Mul(n.Axes[k+1].Extent)
			for _, s := range n.Stores {
				s.Apart[k+1] = s.Apart[k+1] && s.Apart[k]
			}
			for _, r := range n.refs() {
				r.Way[k+1] |= r.Way[k]
			}
			n.removeAxis(k)
		}
	}
}

// mergeable reports whether axis k can be joined into axis k+1. The positions of an ArgMax are row-major over the reduce
// axes, so they survive.
func (n *Nest) mergeable(k int) bool {
	outer, inner := n.Axes[k], n.Axes[k+1]
	if outer.Reduce != inner.Reduce || n.positioned(k) || n.positioned(k+1) {
		return false
	}
	for _, r := range n.refs() {
		if !r.Stride[k].Equal(r.Stride[k+1].Mul(inner.Extent)) {
			return false
		}
		for _, c := range r.Checks {
			if !c.Coef[k].IsConst(0) || !c.Coef[k+1].IsConst(0) {
				return false
			}
		}
	}
	return true
}

// SafeAxes tells, per parallel axis, whether its positions may be computed at the same time.
func (n *Nest) SafeAxes() []bool {
	safe := make([]bool, n.Parallel())
	for k := range safe {
		safe[k] = !slices.ContainsFunc(n.Stores, func(s Store) bool { return !s.Apart[k] })
	}
	return safe
}

// deps tells on which axes each instruction depends, as bits; results of accumulators depend on all parallel axes.
func (n *Nest) deps() []uint64 {
	out := make([]uint64, len(n.Body))
	parallel := uint64(1)<<n.Parallel() - 1
	for k, in := range n.Body {
		switch in.Op {
		case loop.Position:
			out[k] = 1 << in.Axis
		case loop.Result:
			out[k] = parallel
		case loop.Load:
			out[k] = n.Loads[n.Load[k]].deps(out)
		}
		for _, a := range in.Args {
			out[k] |= out[a]
		}
	}
	return out
}

func (r *Ref) deps(regs []uint64) (bits uint64) {
	for k, s := range r.Stride {
		if !s.IsConst(0) {
			bits |= 1 << k
		}
	}
	for _, c := range r.Checks {
		for k, s := range c.Coef {
			if !s.IsConst(0) {
				bits |= 1 << k
			}
		}
		if c.Via != loop.NoReg {
			bits |= regs[c.Via]
		}
	}
	return bits
}

// storage is the element type in memory.
func (r *Ref) storage() dtype.DType { return r.View.Buf.DType }

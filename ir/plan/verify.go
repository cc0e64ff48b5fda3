package plan

import (
	"fmt"

	"mmc/ir/dim"
	"mmc/ir/loop"
)

// verifySamples is how many sizes Verify tries.
const verifySamples = 100

// Verify proves nothing but tries hard: at a hundred drawn sizes that the graph's facts allow, it computes where every buffer
// lies and what every access of every step touches. It reports the first violation of these laws:
//
//   - the offset of an arena buffer is a multiple of 64, and the buffer ends inside the arena;
//   - two arena buffers that are live at the same step do not overlap;
//   - a step touches only buffers that are live there, and the first to touch one writes it;
//   - every element that a step may touch, borders included, lies inside its buffer.
//
// With given sizes it tests those alone.
func (p *Program) Verify(sizes map[string]int64) error {
	if err := p.verifyLife(); err != nil {
		return err
	}
	if sizes != nil {
		return p.verifyAt(sizes)
	}
	s := newSampler(p)
	for i := range verifySamples {
		drawn, ok := s.draw()
		if !ok {
			return fmt.Errorf("only %d of %d sizes that the facts allow were found by chance", i, verifySamples)
		}
		if err := p.verifyAt(drawn); err != nil {
			return fmt.Errorf("at %v: %w", drawn, err)
		}
	}
	return nil
}

// verifyLife checks what does not depend on sizes.
func (p *Program) verifyLife() error {
	known := map[*Buffer]bool{}
	for _, b := range p.Buffers {
		known[b] = true
	}
	written := map[*Buffer]bool{}
	for i, s := range p.Steps {
		for k, v := range append(append([]View(nil), s.In...), s.Out...) {
			reads := k < len(s.In)
			switch {
			case !known[v.Buf] && v.Buf.Space != Prepared:
				return fmt.Errorf("step %d (%s) uses buffer %s of another program", i, s.Name, v.Buf.Name)
			case v.Buf.Space != ArenaSpace:
			case i < v.Buf.First || i > v.Buf.Last:
				return fmt.Errorf("step %d (%s) uses buffer %s, which lives from %d to %d", i, s.Name, v.Buf.Name, v.Buf.First, v.Buf.Last)
			case reads && !written[v.Buf]:
				return fmt.Errorf("step %d (%s) reads buffer %s before anything wrote it", i, s.Name, v.Buf.Name)
			}
		}
		for _, v := range s.Out {
			written[v.Buf] = true
		}
	}
	return nil
}

// verifier holds one choice of sizes.
type verifier struct {
	p       *Program
	size    func(dim.Expr) int64
	offsets map[*Buffer]int64
	err     error
}

func (p *Program) verifyAt(sizes map[string]int64) error {
	v := &verifier{p: p}
	v.size = func(e dim.Expr) int64 {
		n, err := e.Eval(lookup(sizes))
		if err != nil && v.err == nil {
			v.err = err
		}
		return n
	}
	offsets, total, err := p.Arena.Sizes(lookup(sizes))
	if err != nil {
		return err
	}
	v.offsets = offsets
	if err := v.overlaps(total); err != nil {
		return err
	}
	for i, s := range p.Steps {
		if err := v.step(s); err != nil {
			return fmt.Errorf("step %d (%s): %w", i, s.Name, err)
		}
	}
	for _, b := range p.Buffers {
		if err := v.borders(b); err != nil {
			return err
		}
	}
	return v.err
}

// placed is an arena buffer with the bytes that it takes.
type placed struct {
	*Buffer
	from, to int64
}

// overlaps checks the places of the arena's buffers.
func (v *verifier) overlaps(total int64) error {
	var arena []placed
	for _, b := range v.p.Buffers {
		if b.Space != ArenaSpace || b.Last < b.First {
			continue
		}
		from, ok := v.offsets[b]
		if !ok {
			return fmt.Errorf("buffer %s has no place", b.Name)
		}
		x := placed{b, from, from + v.size(b.Size)*int64(b.DType.Size())}
		if from%64 != 0 || from < 0 || x.to > total {
			return fmt.Errorf("buffer %s lies at %d to %d in an arena of %d", b.Name, x.from, x.to, total)
		}
		arena = append(arena, x)
	}
	for i, a := range arena {
		for _, b := range arena[:i] {
			if a.First <= b.Last && b.First <= a.Last && a.from < b.to && b.from < a.to {
				return fmt.Errorf("buffers %s (steps %d to %d, bytes %d to %d) and %s (steps %d to %d, bytes %d to %d) overlap",
					a.Name, a.First, a.Last, a.from, a.to, b.Name, b.First, b.Last, b.from, b.to)
			}
		}
	}
	return nil
}

// step checks the reach of every access.
func (v *verifier) step(s *Step) error {
	extents := make([]int64, len(s.Nest.Axes))
	for i, a := range s.Nest.Axes {
		if extents[i] = v.size(a.Extent); extents[i] <= 0 {
			return nil // nothing is touched
		}
	}
	for _, in := range s.Nest.Body {
		if in.Op != loop.Load {
			continue
		}
		if in.Access.Arg >= len(s.In) {
			return fmt.Errorf("there is no operand %d", in.Access.Arg)
		}
		if err := v.access(s.In[in.Access.Arg], in.Access.Index, in.Access.Guard, extents); err != nil {
			return fmt.Errorf("operand %d: %w", in.Access.Arg, err)
		}
	}
	for _, st := range s.Nest.Stores {
		if st.Out >= len(s.Out) {
			return fmt.Errorf("there is no result %d", st.Out)
		}
		if err := v.access(s.Out[st.Out], st.Index, false, extents); err != nil {
			return fmt.Errorf("result %d: %w", st.Out, err)
		}
	}
	return nil
}

// access checks that the least and the greatest address that an index reaches lie in the buffer. An index through a
// register and a guarded one stay inside the view.
func (v *verifier) access(view View, index []loop.Index, guard bool, extents []int64) error {
	if len(index) != len(view.Shape) || len(view.Strides) != len(view.Shape) {
		return fmt.Errorf("%d indices for a view of rank %d", len(index), len(view.Shape))
	}
	low, high := make([]int64, len(index)), make([]int64, len(index))
	for d, x := range index {
		lo, hi := v.reach(x, extents)
		last := v.size(view.Shape[d]) - 1
		if x.Via != loop.NoReg {
			lo, hi = 0, last
		} else if guard {
			lo, hi = max(lo, 0), min(hi, last)
		}
		if lo > hi {
			return nil // all of it is padding
		}
		low[d], high[d] = lo, hi
	}
	return v.inside(view, low, high)
}

func (v *verifier) reach(x loop.Index, extents []int64) (low, high int64) {
	low = v.size(x.Off)
	high = low
	for _, t := range x.Terms {
		if step := v.size(t.Coef) * (extents[t.Axis] - 1); step < 0 {
			low += step
		} else {
			high += step
		}
	}
	return low, high
}

// inside checks the corners low and high of a box of indices.
func (v *verifier) inside(view View, low, high []int64) error {
	first := v.size(view.Offset)
	last := first
	for d := range low {
		a, b := v.address(view, d, low[d]), v.address(view, d, high[d])
		first += min(a, b)
		last += max(a, b)
	}
	if n := v.size(view.Buf.Size); first < 0 || last >= n {
		return fmt.Errorf("elements %d to %d of buffer %s, which has %d", first, last, view.Buf.Name, n)
	}
	return nil
}

// address is what index i of dimension d adds. In panels it grows with i as long as a panel is not wider than its stride.
func (v *verifier) address(view View, d int, i int64) int64 {
	if p := view.Panel; p != nil && p.Axis == d {
		return i/p.Width*v.size(p.Stride) + i%p.Width
	}
	return i * v.size(view.Strides[d])
}

// borders checks the frames of a buffer, whose corners belong to the frames of several axes.
func (v *verifier) borders(b *Buffer) error {
	if len(b.Borders) == 0 || b.Last < b.First {
		return nil
	}
	view := b.Borders[0].View
	low, high := make([]int64, len(view.Shape)), make([]int64, len(view.Shape))
	for d, e := range view.Shape {
		if high[d] = v.size(e) - 1; high[d] < 0 {
			return nil
		}
	}
	for _, e := range b.Borders {
		low[e.Axis] = min(low[e.Axis], -v.size(e.Low))
		high[e.Axis] = max(high[e.Axis], v.size(e.View.Shape[e.Axis])-1+v.size(e.High))
	}
	if err := v.inside(view, low, high); err != nil {
		return fmt.Errorf("the border of %s: %w", b.Name, err)
	}
	return nil
}

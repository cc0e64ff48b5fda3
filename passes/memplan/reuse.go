package memplan

import (
	"slices"

	"mmc/ir/loop"
	"mmc/ir/plan"
)

// reuse lets elementwise kernels write over an operand that dies there: result and operand then share one buffer.
func reuse(p *plan.Program) {
	for i, step := range p.Steps {
		if step.Template != plan.Map || len(step.Out) != 1 {
			continue
		}
		out := step.Out[0]
		if out.Buf.Space != plan.ArenaSpace || out.Buf.First != i {
			continue
		}
		for k, in := range step.In {
			if in.Buf.Space == plan.ArenaSpace && in.Buf.Last == i && in.Buf != out.Buf && alike(p, in, out) && pointwise(step.Nest, k) && soleView(step, k) {
				replace(p, out.Buf, in.Buf)
				break
			}
		}
	}
}

// alike reports whether both views are the whole of buffers of the same form, borders included.
func alike(p *plan.Program, a, b plan.View) bool {
	facts := p.Graph.Facts
	if a.Buf.DType != b.Buf.DType || a.Panel != nil || b.Panel != nil || len(a.Strides) != len(b.Strides) ||
		!facts.Equal(a.Buf.Size, b.Buf.Size) || !facts.Equal(a.Offset, b.Offset) || len(a.Buf.Borders) != len(b.Buf.Borders) {
		return false
	}
	for i := range a.Strides {
		if !facts.Equal(a.Strides[i], b.Strides[i]) || !facts.Equal(a.Shape[i], b.Shape[i]) {
			return false
		}
	}
	return slices.EqualFunc(a.Buf.Borders, b.Buf.Borders, func(x, y plan.Border) bool {
		return x.Axis == y.Axis && facts.Equal(x.Low, y.Low) && facts.Equal(x.High, y.High)
	})
}

// pointwise reports whether every load of operand k reads the element that the iteration writes.
func pointwise(n *loop.Nest, k int) bool {
	return !slices.ContainsFunc(n.Body, func(in loop.Inst) bool {
		return in.Op == loop.Load && in.Access.Arg == k && !slices.EqualFunc(in.Access.Index, n.Stores[0].Index, sameIndex)
	})
}

func sameIndex(x, y loop.Index) bool {
	return x.Via == y.Via && x.Off.Equal(y.Off) && slices.EqualFunc(x.Terms, y.Terms, func(t, u loop.Term) bool {
		return t.Axis == u.Axis && t.Coef.Equal(u.Coef)
	})
}

// soleView reports whether no other operand of the step lies in the same buffer.
func soleView(step *plan.Step, k int) bool {
	for i, v := range step.In {
		if i != k && v.Buf == step.In[k].Buf {
			return false
		}
	}
	return true
}

// replace puts everything that lay in old into by.
func replace(p *plan.Program, old, by *plan.Buffer) {
	move := func(v *plan.View) {
		if v.Buf == old {
			v.Buf = by
		}
	}
	for _, s := range p.Steps {
		for i := range s.In {
			move(&s.In[i])
		}
		for i := range s.Out {
			move(&s.Out[i])
		}
	}
	for r, v := range p.Results {
		move(&v)
		p.Results[r] = v
	}
	by.Last = max(by.Last, old.Last)
	old.First, old.Last = 0, -1
}

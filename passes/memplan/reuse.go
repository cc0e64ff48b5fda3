package memplan

import (
	"slices"

	"mmc/ir/loop"
	"mmc/ir/plan"
)

// reuse lets elementwise kernels write over an operand that dies there: result and operand then share one buffer.
func reuse(p *plan.Program) {
	r := &reuser{p: p, into: map[*plan.Buffer]*plan.Buffer{}}
	for i, step := range p.Steps {
		if step.Template != plan.Map {
			continue
		}
		r.resolve(step)
		for _, store := range step.Nest.Stores {
			r.overwrite(i, step, store)
		}
	}
	r.finish()
}

// reuser remembers which buffers lie in others.
type reuser struct {
	p    *plan.Program
	into map[*plan.Buffer]*plan.Buffer
}

func (r *reuser) buffer(b *plan.Buffer) *plan.Buffer {
	for r.into[b] != nil {
		b = r.into[b]
	}
	return b
}

func (r *reuser) resolve(step *plan.Step) {
	for _, views := range [][]plan.View{step.In, step.Out} {
		for k := range views {
			views[k].Buf = r.buffer(views[k].Buf)
		}
	}
}

// overwrite puts the result of a store over an operand of step i, where one fits.
func (r *reuser) overwrite(i int, step *plan.Step, store loop.Store) {
	out := step.Out[store.Out]
	if out.Buf.Space != plan.ArenaSpace || out.Buf.First != i {
		return
	}
	for k, in := range step.In {
		if in.Buf.Space == plan.ArenaSpace && in.Buf.Last == i && in.Buf != out.Buf && alike(r.p, in, out) && pointwise(step.Nest, k, store) && soleView(step, k) {
			r.into[out.Buf] = in.Buf
			in.Buf.Last = out.Buf.Last
			out.Buf.First, out.Buf.Last = 0, -1
			r.resolve(step)
			return
		}
	}
}

// finish moves all views.
func (r *reuser) finish() {
	for _, s := range r.p.Steps {
		r.resolve(s)
	}
	for res, v := range r.p.Results {
		v.Buf = r.buffer(v.Buf)
		r.p.Results[res] = v
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

// pointwise reports whether every load of operand k reads the element that the store writes.
func pointwise(n *loop.Nest, k int, store loop.Store) bool {
	return !slices.ContainsFunc(n.Body, func(in loop.Inst) bool {
		return in.Op == loop.Load && in.Access.Arg == k && !slices.EqualFunc(in.Access.Index, store.Index, sameIndex)
	})
}

func sameIndex(x, y loop.Index) bool {
	return x.Via == y.Via && x.Off.Equal(y.Off) && slices.EqualFunc(x.Terms, y.Terms, func(t, u loop.Term) bool {
		return t.Axis == u.Axis && t.Coef.Equal(u.Coef)
	})
}

// soleView reports whether no other view of the step lies in the operand's buffer.
func soleView(step *plan.Step, k int) bool {
	for i, v := range step.In {
		if i != k && v.Buf == step.In[k].Buf {
			return false
		}
	}
	return !slices.ContainsFunc(step.Out, func(v plan.View) bool { return v.Buf == step.In[k].Buf })
}

package fuse

import (
	"fmt"
	"strings"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
	"mmc/ir/plan"
)

// writer builds the one nest of a group: it copies the bodies of inlined nodes, turning their loads into values that are
// already at hand, further inlined bodies, or loads of stored operands.
type writer struct {
	f     *fusion
	group *plan.Group
	nest  *loop.Nest
	have  map[string]loop.Reg // value and index -> register, within one part of the body
	acc   *ir.Value           // the anchor whose accumulator is at hand in the epilogue
	root  *ir.Value
	seen  map[*ir.Node]bool
}

// group computes the stored results of n.
func (f *fusion) group(n *ir.Node) *plan.Group {
	g := &plan.Group{Out: n.Results, Why: f.why[n.Results[0]]}
	w := &writer{f: f, group: g, root: n.Results[0], seen: map[*ir.Node]bool{}}
	if f.class[n] == anchor {
		for _, nest := range n.Op.Lower(n) {
			g.Nests = append(g.Nests, w.anchor(n, nest))
		}
		return g
	}
	w.nest = &loop.Nest{}
	if a := f.claim[w.root]; a != nil {
		w.nest = w.anchor(a.Node, a.Node.Op.Lower(a.Node)[0])
		w.nest.Stores, w.acc = nil, a
	} else {
		w.nest = pointwise(w.root.Type.Shape)
	}
	w.have = map[string]loop.Reg{}
	r := w.inline(n, identity(w.root.Type.Rank()))
	if w.acc == nil {
		w.nest.Split = len(w.nest.Body)
	}
	w.nest.Stores = []loop.Store{{Index: identity(w.root.Type.Rank()), Value: r}}
	g.Nests = []*loop.Nest{w.nest}
	return g
}

// pointwise is a nest over shape without a body.
func pointwise(shape []dim.Expr) *loop.Nest {
	n := &loop.Nest{}
	for i, d := range shape {
		n.Axes = append(n.Axes, loop.Axis{Name: fmt.Sprintf("i%d", i), Extent: d})
	}
	return n
}

// anchor copies an anchor's own nest; its loads may pull in prologues.
func (w *writer) anchor(n *ir.Node, from *loop.Nest) *loop.Nest {
	w.note(n)
	w.nest = &loop.Nest{Axes: from.Axes, InitOut: from.InitOut}
	w.have = map[string]loop.Reg{}
	regs := make([]loop.Reg, len(from.Body))
	copyPart := func(lo, hi int) {
		for i := lo; i < hi; i++ {
			regs[i] = w.copyInst(n, from.Body[i], regs, nil)
		}
	}
	copyPart(0, from.Split)
	w.nest.Split = len(w.nest.Body)
	for _, a := range from.Accs {
		a.Value = regs[a.Value]
		w.nest.Accs = append(w.nest.Accs, a)
	}
	w.have = map[string]loop.Reg{}
	copyPart(from.Split, len(from.Body))
	for _, s := range from.Stores {
		s.Value = regs[s.Value]
		s.Index = w.via(s.Index, regs)
		w.nest.Stores = append(w.nest.Stores, s)
	}
	if len(from.Accs) == 0 {
		w.nest.Split = len(w.nest.Body)
	}
	return w.nest
}

// copyInst appends one instruction of node n's own nest. at gives n's axes in terms of the nest under construction;
// nil means that they are the same.
func (w *writer) copyInst(n *ir.Node, in loop.Inst, regs []loop.Reg, at []loop.Index) loop.Reg {
	switch {
	case in.Op == loop.Load:
		access := *in.Access
		access.Index = w.via(access.Index, regs)
		for i, x := range access.Index {
			access.Index[i] = compose(x, at)
		}
		return w.load(n.Args[access.Arg], access)
	case in.Op == loop.Position && at != nil:
		return w.position(at[in.Axis], in.Type)
	}
	args := make([]loop.Reg, len(in.Args))
	for i, a := range in.Args {
		args[i] = regs[a]
	}
	in.Args = args
	return w.emit(in)
}

func (w *writer) emit(in loop.Inst) loop.Reg {
	w.nest.Body = append(w.nest.Body, in)
	return loop.Reg(len(w.nest.Body) - 1)
}

// via copies an index list, renaming the registers of indirect entries.
func (w *writer) via(index []loop.Index, regs []loop.Reg) []loop.Index {
	out := make([]loop.Index, len(index))
	for i, x := range index {
		if x.Via != loop.NoReg {
			x.Via = regs[x.Via]
		}
		out[i] = x
	}
	return out
}

// load yields element access.Index of v.
func (w *writer) load(v *ir.Value, access loop.Access) loop.Reg {
	key := key(v, access)
	if r, ok := w.have[key]; ok {
		return r
	}
	r := w.fetch(v, access)
	w.have[key] = r
	return r
}

func (w *writer) fetch(v *ir.Value, access loop.Access) loop.Reg {
	if v == w.acc {
		return w.emit(loop.Inst{Op: loop.Result, Type: v.Type.DType, Axis: 0})
	}
	n := v.Node
	if n == nil || w.f.stored[v] || w.f.class[n] == alias {
		access.Arg = w.operand(v)
		return w.emit(loop.Inst{Op: loop.Load, Type: v.Type.DType, Access: &access})
	}
	if n.Op.Has(ir.View) {
		w.note(n)
		index, _ := reshapeIndex(w.f.g.Facts, n, access.Index)
		access.Index = index
		return w.load(n.Args[0], access)
	}
	return w.inline(n, access.Index)
}

// inline appends the body of n, evaluated at index.
func (w *writer) inline(n *ir.Node, index []loop.Index) loop.Reg {
	w.note(n)
	nest := n.Op.Lower(n)[0]
	regs := make([]loop.Reg, len(nest.Body))
	for i, in := range nest.Body {
		regs[i] = w.copyInst(n, in, regs, index)
	}
	return regs[nest.Stores[0].Value]
}

// position computes an affine form of the axes as a number.
func (w *writer) position(x loop.Index, t dtype.DType) loop.Reg {
	sum := loop.NoReg
	add := func(r loop.Reg) {
		if sum != loop.NoReg {
			r = w.emit(loop.Inst{Op: loop.Add, Type: t, Args: []loop.Reg{sum, r}})
		}
		sum = r
	}
	for _, term := range x.Terms {
		r := w.emit(loop.Inst{Op: loop.Position, Type: t, Axis: term.Axis})
		if !term.Coef.IsConst(1) {
			c := w.emit(loop.Inst{Op: loop.DimValue, Type: t, Dim: term.Coef})
			r = w.emit(loop.Inst{Op: loop.Mul, Type: t, Args: []loop.Reg{r, c}})
		}
		add(r)
	}
	if sum == loop.NoReg || !x.Off.IsConst(0) {
		add(w.emit(loop.Inst{Op: loop.DimValue, Type: t, Dim: x.Off}))
	}
	return sum
}

// operand returns the number of v among the group's operands.
func (w *writer) operand(v *ir.Value) int {
	for i, x := range w.group.In {
		if x == v {
			return i
		}
	}
	w.group.In = append(w.group.In, v)
	return len(w.group.In) - 1
}

func (w *writer) note(n *ir.Node) {
	if !w.seen[n] {
		w.seen[n] = true
		w.group.Nodes = append(w.group.Nodes, n)
	}
}

func key(v *ir.Value, a loop.Access) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%p %t", v, a.Guard)
	for _, x := range a.Index {
		fmt.Fprintf(&b, "|%d", x.Via)
		for _, t := range x.Terms {
			fmt.Fprintf(&b, "+%d*%s", t.Axis, t.Coef.Key())
		}
		b.WriteString("+" + x.Off.Key())
	}
	return b.String()
}

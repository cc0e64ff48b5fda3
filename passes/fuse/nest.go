package fuse

import (
	"fmt"
	"strconv"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
	"mmc/ir/plan"
)

// writer builds the nests of a group: it copies the bodies of inlined nodes, turning their loads into values that are
// already at hand, further inlined bodies, or loads of stored operands.
type writer struct {
	f     *fusion
	group *plan.Group
	nest  *loop.Nest
	have  map[element]loop.Reg // value and index -> register, within one part of the body
	seen  map[*ir.Node]bool
}

// pointwise computes members without anchors over the shape that they share.
func (w *writer) pointwise(members []member) {
	w.nest, w.have = &loop.Nest{}, map[element]loop.Reg{}
	for i, d := range members[0].root.Type.Shape {
		w.nest.Axes = append(w.nest.Axes, loop.Axis{Name: fmt.Sprintf("i%d", i), Extent: d})
	}
	for k, m := range members {
		w.compute(k, m.root, identity(m.root.Type.Rank()))
	}
	w.nest.Split = len(w.nest.Body)
}

// compute computes the element of v at an index and stores it there. It is at hand from now on.
func (w *writer) compute(out int, v *ir.Value, at []loop.Index) {
	r := w.inline(v.Node, at)
	w.have[key(v, loop.Access{Index: at})] = r
	w.nest.Stores = append(w.nest.Stores, loop.Store{Out: out, Index: at, Value: r})
}

// reduction computes members whose anchors have nests over the same axes: what is done at every point for all of them, then
// what follows the reductions.
func (w *writer) reduction(members []member) {
	first := w.f.lower(members[0].anchor)[0]
	w.nest, w.have = &loop.Nest{Axes: first.Axes, InitOut: first.InitOut}, map[element]loop.Reg{}
	regs := make([][]loop.Reg, len(members))
	for k, m := range members {
		w.note(m.anchor)
		from := w.f.lower(m.anchor)[0]
		regs[k] = make([]loop.Reg, len(from.Body))
		w.copyBody(m.anchor, from, regs[k], 0, from.Split, 0)
	}
	w.nest.Split = len(w.nest.Body)
	w.have = map[element]loop.Reg{}
	for k, m := range members {
		w.finish(k, m, w.f.lower(m.anchor)[0], regs[k])
	}
	if len(w.nest.Accs) == 0 {
		w.nest.Split = len(w.nest.Body)
	}
}

// finish appends the accumulators of one member's nest and what follows them.
func (w *writer) finish(out int, m member, from *loop.Nest, regs []loop.Reg) {
	accs := len(w.nest.Accs)
	for _, a := range from.Accs {
		a.Value = regs[a.Value]
		w.nest.Accs = append(w.nest.Accs, a)
	}
	w.copyBody(m.anchor, from, regs, from.Split, len(from.Body), accs)
	if v := m.anchor.Results[0]; v != m.root {
		at := from.Stores[0].Index
		w.have[key(v, loop.Access{Index: at})] = regs[from.Stores[0].Value]
		w.compute(out, m.root, at)
		return
	}
	for _, s := range from.Stores {
		w.nest.Stores = append(w.nest.Stores, loop.Store{
			Out: out + s.Out, Index: w.via(s.Index, regs), Value: regs[s.Value], Accumulate: s.Accumulate,
		})
	}
}

// whole copies one of several nests of an anchor; its loads may pull in prologues.
func (w *writer) whole(n *ir.Node, from *loop.Nest) *loop.Nest {
	w.nest, w.have = &loop.Nest{Axes: from.Axes, InitOut: from.InitOut}, map[element]loop.Reg{}
	regs := make([]loop.Reg, len(from.Body))
	w.copyBody(n, from, regs, 0, from.Split, 0)
	w.nest.Split = len(w.nest.Body)
	w.have = map[element]loop.Reg{}
	w.finish(0, member{n.Results[0], n}, from, regs)
	return w.nest
}

// copyBody appends a part of a node's own nest, whose axes are those of the nest under construction.
func (w *writer) copyBody(n *ir.Node, from *loop.Nest, regs []loop.Reg, lo, hi, accs int) {
	for i := lo; i < hi; i++ {
		in := from.Body[i]
		if in.Op == loop.Result {
			in.Axis += accs
		}
		regs[i] = w.copyInst(n, in, regs, nil)
	}
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
		return w.load(n.Args[access.Arg], access, in.Type)
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

// load yields an element of v, of type t where it comes from memory.
func (w *writer) load(v *ir.Value, access loop.Access, t dtype.DType) loop.Reg {
	key := key(v, access)
	r, ok := w.have[key]
	switch {
	case ok:
		return r
	case w.f.inMemory(v):
		access.Arg = w.operand(v)
		r = w.emit(loop.Inst{Op: loop.Load, Type: t, Access: &access})
	case v.Node.Op.Has(ir.View):
		w.note(v.Node)
		from, _ := reshapeIndex(w.f.facts(), v.Node, access.Index)
		r = w.load(v.Node.Args[0], loop.Access{Index: from}, t)
	default:
		r = w.inline(v.Node, access.Index)
	}
	w.have[key] = r
	return r
}

// inMemory reports whether kernels load v rather than compute it.
func (f *fusion) inMemory(v *ir.Value) bool {
	return v.Node == nil || f.stored[v] || f.class[v.Node] == alias || f.class[v.Node] == given
}

// inline appends the body of n, evaluated at index.
func (w *writer) inline(n *ir.Node, index []loop.Index) loop.Reg {
	w.note(n)
	nest := w.f.lower(n)[0]
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

// element names one element of a value as a function of the position.
type element struct {
	of *ir.Value
	at string
}

func key(v *ir.Value, a loop.Access) element {
	b := make([]byte, 0, 128)
	if a.Guard {
		b = strconv.AppendFloat(append(b, "else "...), a.Fill, 'g', -1, 64)
	}
	for _, x := range a.Index {
		b = strconv.AppendInt(append(b, '|'), int64(x.Via), 10)
		for _, t := range x.Terms {
			b = appendExpr(append(strconv.AppendInt(append(b, '+'), int64(t.Axis), 10), '*'), t.Coef)
		}
		b = appendExpr(append(b, '+'), x.Off)
	}
	return element{v, string(b)}
}

func appendExpr(b []byte, e dim.Expr) []byte {
	if c, ok := e.Const(); ok {
		return strconv.AppendInt(b, c, 10)
	}
	return append(b, e.Key()...)
}

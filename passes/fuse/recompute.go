package fuse

import (
	"slices"

	"mmc/ir"
	"mmc/ir/loop"
)

// mostRecomputed is how many scalar operations a value may take that every user computes anew.
const mostRecomputed = 3

// recomputed reports whether users of v compute it anew rather than load it: that must be cheap, and must read no more memory
// than the stored value would take. It reads one tensor of v's size, which is in memory anyway, and what is small.
func (f *fusion) recomputed(v *ir.Value) bool {
	r := recomputation{f: f, of: v}
	return r.visit(v) && r.cost <= mostRecomputed && (r.source == nil || !wider(r.source, v))
}

// recomputation collects what computing a value takes.
type recomputation struct {
	f      *fusion
	of     *ir.Value
	source *ir.Value
	cost   int
}

// visit follows elementwise nodes down to what is in memory.
func (r *recomputation) visit(v *ir.Value) bool {
	ops, ok := r.f.cheapOps(v.Node)
	if r.cost += ops; !ok || r.cost > mostRecomputed {
		return false
	}
	return !slices.ContainsFunc(v.Node.Args, func(a *ir.Value) bool { return !r.operand(a, v.Node) })
}

// operand accepts leaves, repeated small tensors, one large tensor that is in memory, and what can be recomputed itself.
func (r *recomputation) operand(a *ir.Value, user *ir.Node) bool {
	b, repeated := r.f.behindBroadcast(a)
	inMemory := b.Node == nil || r.f.stored[b]
	switch {
	case r.f.is(b, leaf) || b == r.source:
		return true
	case repeated || b.Type.Rank() == 0:
		return inMemory || r.f.is(b, anchor)
	case r.source == nil && (inMemory || r.f.is(b, anchor) && r.f.usedBeside(b, user)):
		r.source = b
		return true
	}
	return r.f.is(b, elementwise) && !inMemory && a == b && r.visit(b)
}

// behindBroadcast follows index maps and tells whether one of them repeats elements.
func (s *nodes) behindBroadcast(v *ir.Value) (behind *ir.Value, repeated bool) {
	for s.is(v, movement) {
		repeated = repeated || v.Node.Op.Kind == ir.Broadcast
		v = v.Node.Args[0]
	}
	return v, repeated
}

// usedBeside reports whether something else than n uses v, so that v is stored and n can be no epilogue.
func (f *fusion) usedBeside(v *ir.Value, n *ir.Node) bool {
	return slices.ContainsFunc(f.uses[v], func(u *ir.Node) bool { return u != n })
}

// wider reports whether reading x in the place of y would read more bytes. Truth values are not counted: whoever needs a mask
// reads what it was made of anyway.
func wider(x, y *ir.Value) bool {
	return y.Type.DType.IsFloat() && x.Type.DType.Size() > y.Type.DType.Size()
}

// cheapOps counts the scalar operations of an elementwise node, if each costs about as much as an addition. It reads the
// operator's body.
func (s *nodes) cheapOps(n *ir.Node) (ops int, ok bool) {
	nests := s.lower(n)
	if len(nests) != 1 {
		return 0, false
	}
	for _, in := range nests[0].Body {
		if in.Op.Arity == 0 {
			continue
		}
		if ops++; !slices.Contains(cheapScalars, in.Op) {
			return 0, false
		}
	}
	return ops, true
}

var cheapScalars = []*loop.Scalar{
	loop.Add, loop.Sub, loop.Mul, loop.Max, loop.Min, loop.Neg, loop.Abs, loop.Eq, loop.Ne, loop.Lt, loop.Le,
	loop.And, loop.Or, loop.Not, loop.Select, loop.Cast,
}

package fuse

import (
	"slices"

	"mmc/ir"
	"mmc/ir/loop"
)

// Limits of merged kernels: general registers hold a pointer per operand, and results of one kernel are live together, so
// siblings must stand near each other.
const (
	mostOperands = 12
	mostResults  = 4
	reachBack    = 24
)

// siblings merges kernels over the same space that share an operand, or of which one reads the other's result element by
// element. The merged kernel runs where one of the two stood.
func (f *fusion) siblings(kernels []*kernel) []*kernel {
	s := &sibling{f: f, order: kernels}
	for i := 0; i < len(s.order); i++ {
		for j := i - 1; j >= max(0, i-reachBack); j-- {
			if m, at, ok := s.merge(j, i); ok {
				s.order[at] = m
				s.order = slices.Delete(s.order, i+j-at, i+j-at+1)
				i -= 2 // the merged kernel may have siblings before it
				break
			}
		}
		i = max(i, -1)
	}
	return s.order
}

// sibling is the state of the merging.
type sibling struct {
	f     *fusion
	order []*kernel
}

// merge returns what kernels j < i of the order become and which of their places it takes.
func (s *sibling) merge(j, i int) (m *kernel, at int, ok bool) {
	a, b := s.order[j], s.order[i]
	if !s.f.alike(a, b) || len(a.members)+len(b.members) > mostResults || !s.related(a, b) {
		return nil, 0, false
	}
	switch {
	case !s.readsAny(s.order[j+1:i], a):
		at = i
	case !s.f.readsFrom(b, s.order[j+1:i]):
		at = j
	default:
		return nil, 0, false
	}
	m = &kernel{members: slices.Concat(a.members, b.members), joins: true}
	m.group = s.f.group(m.members)
	if len(m.group.In)+len(m.group.Out) > mostOperands || s.readsItself(m) {
		return nil, 0, false
	}
	return m, at, true
}

// readsAny reports whether one of the kernels reads a result of k.
func (s *sibling) readsAny(list []*kernel, k *kernel) bool {
	return slices.ContainsFunc(list, func(x *kernel) bool { return s.f.readsFrom(x, []*kernel{k}) })
}

// readsFrom reports whether k reads a result of one of the kernels, be it under another shape.
func (f *fusion) readsFrom(k *kernel, list []*kernel) bool {
	return slices.ContainsFunc(k.group.In, func(v *ir.Value) bool {
		v = f.source(v)
		return slices.ContainsFunc(list, func(x *kernel) bool { return slices.Contains(x.group.Out, v) })
	})
}

// source is the stored value whose memory v is.
func (f *fusion) source(v *ir.Value) *ir.Value {
	for f.is(v, alias) {
		v = v.Node.Args[0]
	}
	return v
}

// alike reports whether both kernels have one nest over the same axes that merging may join: elementwise, or reductions
// that are no products (those have kernels of their own).
func (f *fusion) alike(a, b *kernel) bool {
	if !a.joins || !b.joins || (a.members[0].anchor == nil) != (b.members[0].anchor == nil) {
		return false
	}
	x, y := a.group.Nests[0], b.group.Nests[0]
	return slices.EqualFunc(x.Axes, y.Axes, func(p, q loop.Axis) bool {
		return p.Reduce == q.Reduce && (p.Extent.Equal(q.Extent) || f.facts().Equal(p.Extent, q.Extent))
	})
}

func (f *fusion) mergeable(k *kernel) bool {
	if len(k.group.Nests) != 1 {
		return false
	}
	nest := k.group.Nests[0]
	if len(nest.InitOut) > 0 || slices.ContainsFunc(nest.Stores, func(s loop.Store) bool { return s.Accumulate }) {
		return false
	}
	if k.members[0].anchor == nil {
		return f.is(k.members[0].root, elementwise)
	}
	_, product := loop.MatchProduct(nest)
	return len(nest.Accs) > 0 && !product
}

// related reports whether merging saves something: a shared operand as large as the space itself, or a result that need not
// be read back. Reductions may not read each other's results: the sum is complete only after the loop.
func (s *sibling) related(a, b *kernel) bool {
	if s.f.readsFrom(b, []*kernel{a}) {
		return a.members[0].anchor == nil
	}
	rank := 0
	if a.members[0].anchor == nil {
		rank = a.members[0].root.Type.Rank()
	}
	return slices.ContainsFunc(b.group.In, func(v *ir.Value) bool {
		return v.Type.Rank() >= rank && slices.Contains(a.group.In, v)
	})
}

// readsItself reports whether a merged kernel still loads one of its own results: at another element than the one at hand.
func (s *sibling) readsItself(k *kernel) bool { return s.f.readsFrom(k, []*kernel{k}) }

package fuse

import (
	"slices"

	"mmc/ir"
	"mmc/ir/loop"
)

type class uint8

const (
	leaf class = iota
	movement
	elementwise
	alias  // another shape of the same dense storage
	given  // a tensor of the package: it lies in memory from the start
	anchor // everything else
)

// nodes holds what is read from the records once: classes and nests.
type nodes struct {
	g       *ir.Graph
	class   map[*ir.Node]class
	lowered map[*ir.Node][]*loop.Nest
}

func classify(g *ir.Graph) *nodes {
	s := &nodes{g: g, class: map[*ir.Node]class{}, lowered: map[*ir.Node][]*loop.Nest{}}
	for _, n := range g.Nodes {
		s.class[n] = s.classOf(n)
	}
	return s
}

// lower is n.Op.Lower(n), made once.
func (s *nodes) lower(n *ir.Node) []*loop.Nest {
	nests, ok := s.lowered[n]
	if !ok && n.Op.Lower != nil {
		nests = n.Op.Lower(n)
		s.lowered[n] = nests
	}
	return nests
}

// classOf reads a node's class from its record.
func (s *nodes) classOf(n *ir.Node) class {
	switch {
	case n.Op.Has(ir.View):
		if _, ok := reshapeIndex(s.facts(), n, identity(n.Result().Type.Rank())); ok {
			return movement
		}
		return alias
	case n.Op.Lower == nil && len(n.Args) == 0:
		return given
	case len(n.Results) != 1:
		return anchor
	case n.Op.Kind == ir.Elementwise && len(n.Args) > 0:
		return elementwise
	case n.Op.Kind == ir.Broadcast || n.Op.Kind == ir.Injective || len(n.Args) == 0:
		return s.affine(n)
	}
	return anchor
}

// affine tells leaves and pure index maps from nodes that need code of their own.
func (s *nodes) affine(n *ir.Node) class {
	nests := s.lower(n)
	if len(nests) != 1 || len(nests[0].Accs) > 0 || !storesIdentity(nests[0]) {
		return anchor
	}
	loads := 0
	for _, in := range nests[0].Body {
		if in.Op == loop.Load {
			loads++
			if in.Access.Guard || slices.ContainsFunc(in.Access.Index, func(i loop.Index) bool { return i.Via != loop.NoReg }) {
				return anchor
			}
		}
	}
	switch {
	case loads == 0:
		return leaf
	case loads == 1 && len(nests[0].Body) == 1:
		return movement
	}
	return anchor
}

// guards reports whether n reads operand i beyond its extents: then the operand must be stored as it is, since an index map
// or an expression has no value there.
func (s *nodes) guards(n *ir.Node, i int) bool {
	for _, nest := range s.lower(n) {
		for _, in := range nest.Body {
			if in.Op == loop.Load && in.Access.Arg == i && in.Access.Guard {
				return true
			}
		}
	}
	return false
}

// indirect reports whether n reads operand i at indices that come from memory.
func (s *nodes) indirect(n *ir.Node, i int) bool {
	for _, nest := range s.lower(n) {
		for _, in := range nest.Body {
			if in.Op == loop.Load && in.Access.Arg == i && slices.ContainsFunc(in.Access.Index, func(x loop.Index) bool { return x.Via != loop.NoReg }) {
				return true
			}
		}
	}
	return false
}

// keepsIndices reports whether an index map only permutes indices and adds constants to them.
func (s *nodes) keepsIndices(n *ir.Node) bool {
	nests := s.lower(n)
	return len(nests) == 1 && !slices.ContainsFunc(nests[0].Body[0].Access.Index, func(x loop.Index) bool {
		return len(x.Terms) > 1 || len(x.Terms) == 1 && !x.Terms[0].Coef.IsConst(1)
	})
}

// behind follows index maps from v to the value whose elements they move.
func (s *nodes) behind(v *ir.Value) *ir.Value {
	for v.Node != nil && s.class[v.Node] == movement {
		v = v.Node.Args[0]
	}
	return v
}

// is reports whether a node of class c computes v.
func (s *nodes) is(v *ir.Value, c class) bool { return v.Node != nil && s.class[v.Node] == c }

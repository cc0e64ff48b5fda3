// Package fuse decides which values are stored in memory and which live only inside a kernel. Its result is a list of
// groups: each stores one value, or a few that are computed over the same space, in one nest whose body holds everything
// that was fused.
//
// Every node falls in one of a few classes, read from its record alone. Leaves (constants, positions) and movement that
// is an affine index map cost nothing and are inlined wherever they are used. Elementwise nodes are inlined when all
// their uses end in the same group, and when they are so cheap that each user may compute them anew. Any other node is an
// anchor: it roots a group of its own, unless its result is used only in one elementwise group, at the same element: then
// that whole group becomes the anchor's epilogue.
//
// Groups so found are then merged with their siblings: elementwise groups over one space that share an operand (the
// slots of an optimiser and the weight that they move), reductions over one space of one operand (the sums of a
// normalisation's gradient, a maximum and its position). What only a merged group uses is inlined in it, so the decision is
// taken once more with that known.
//
// The pass needs a graph without markers and leaves it unchanged.
package fuse

import (
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/loop"
	"mmc/ir/plan"
)

// fusion is the state of one run.
type fusion struct {
	*nodes
	uses map[*ir.Value][]*ir.Node
	families
	roots   map[*ir.Value]map[*ir.Value]bool // value -> roots of the groups that need it inline
	stored  map[*ir.Value]bool
	claim   map[*ir.Value]*ir.Value // root -> the anchor value whose epilogue the root's group is
	claimed map[*ir.Value]*ir.Value // the same the other way round
	why     map[*ir.Value]string
}

// families are the merged groups that an earlier round found. They stay together, so that the rounds come to an end.
type families struct {
	merged map[*ir.Value]*ir.Value // root -> the first root of its group
	kept   map[*ir.Value]*ir.Value // anchor value -> the root whose group is its epilogue
	reason map[*ir.Value]string    // why each root is stored
}

// Run groups the nodes of g. Groups come in an order that respects use-def.
func Run(g *ir.Graph) []*plan.Group {
	n, uses := classify(g), ir.Uses(g)
	known := families{map[*ir.Value]*ir.Value{}, map[*ir.Value]*ir.Value{}, map[*ir.Value]string{}}
	for {
		f := &fusion{
			nodes: n, uses: uses, families: known, roots: map[*ir.Value]map[*ir.Value]bool{}, stored: map[*ir.Value]bool{},
			claim: map[*ir.Value]*ir.Value{}, claimed: map[*ir.Value]*ir.Value{}, why: map[*ir.Value]string{},
		}
		f.decide()
		kernels := f.siblings(f.kernels())
		if !known.grow(kernels, f.why) {
			return groups(kernels)
		}
	}
}

// grow adds what the kernels unite and reports whether that was news.
func (k *families) grow(kernels []*kernel, why map[*ir.Value]string) bool {
	before := len(k.merged)
	for _, x := range kernels {
		if len(x.members) == 1 {
			continue
		}
		for _, m := range x.members {
			if k.merged[m.root] == nil {
				k.merged[m.root], k.reason[m.root] = x.members[0].root, why[m.root]
			}
			if m.anchor != nil && m.anchor.Result() != m.root {
				k.kept[m.anchor.Result()] = m.root
			}
		}
	}
	return len(k.merged) > before
}

// IsIndexMap reports whether n costs nothing at its uses: each element is one element of its operand at an affine index.
func IsIndexMap(g *ir.Graph, n *ir.Node) bool {
	s := &nodes{g: g, lowered: map[*ir.Node][]*loop.Nest{}}
	return s.classOf(n) == movement
}

// facts of the graph, never nil.
func (s *nodes) facts() *dim.Facts {
	if s.g.Facts == nil {
		return new(dim.Facts)
	}
	return s.g.Facts
}

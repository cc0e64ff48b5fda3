// Package fuse decides which values are stored in memory and which live only inside a kernel. Its result is a list of
// groups: each has one root value that it stores, computed by one nest whose body holds everything that was fused.
//
// Every node falls in one of four classes, read from its record alone. Leaves (constants, positions) and movement that
// is an affine index map cost nothing and are inlined wherever they are used. Elementwise nodes are inlined when all
// their uses end in the same group. Any other node is an anchor: it roots a group of its own, unless its result is used
// only in one elementwise group, at the same element: then that whole group becomes the anchor's epilogue.
//
// The pass needs a graph without markers and leaves it unchanged.
package fuse

import (
	"math"
	"slices"

	"mmc/ir"
	"mmc/ir/loop"
	"mmc/ir/plan"
)

type class uint8

const (
	leaf class = iota
	movement
	elementwise
	alias  // another shape of the same dense storage
	anchor // everything else
)

// fusion is the state of one run.
type fusion struct {
	g      *ir.Graph
	uses   map[*ir.Value][]*ir.Node
	class  map[*ir.Node]class
	roots  map[*ir.Value]map[*ir.Value]bool // value -> roots of the groups that need it inline
	stored map[*ir.Value]bool
	claim  map[*ir.Value]*ir.Value // root -> the anchor value whose epilogue the root's group is
	why    map[*ir.Value]string
}

// Run groups the nodes of g. Groups come in an order that respects use-def.
func Run(g *ir.Graph) []*plan.Group {
	f := &fusion{
		g: g, uses: ir.Uses(g),
		class: map[*ir.Node]class{}, roots: map[*ir.Value]map[*ir.Value]bool{},
		stored: map[*ir.Value]bool{}, claim: map[*ir.Value]*ir.Value{}, why: map[*ir.Value]string{},
	}
	for _, n := range g.Nodes {
		f.class[n] = f.classify(n)
	}
	f.decide()
	return f.build()
}

// classify reads a node's class from its record.
func (f *fusion) classify(n *ir.Node) class {
	switch {
	case n.Op.Has(ir.View):
		if _, ok := reshapeIndex(f.g.Facts, n, identity(n.Result().Type.Rank())); ok {
			return movement
		}
		return alias
	case len(n.Results) != 1:
		return anchor
	case n.Op.Kind == ir.Elementwise && len(n.Args) > 0:
		return elementwise
	case n.Op.Kind == ir.Broadcast || n.Op.Kind == ir.Injective || len(n.Args) == 0:
		return affine(n)
	}
	return anchor
}

// IsIndexMap reports whether n costs nothing at its uses: each element is one element of its operand at an affine index.
func IsIndexMap(g *ir.Graph, n *ir.Node) bool {
	f := &fusion{g: g}
	return f.classify(n) == movement
}

// affine tells leaves and pure index maps from nodes that need code of their own.
func affine(n *ir.Node) class {
	if n.Op.Lower == nil {
		return anchor
	}
	nests := n.Op.Lower(n)
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

// decide walks backwards, so that all users of a node are decided before it.
func (f *fusion) decide() {
	for _, r := range f.g.Results {
		f.demand(r.Value, "is a result of the graph")
	}
	for i := len(f.g.Nodes) - 1; i >= 0; i-- {
		n := f.g.Nodes[i]
		for _, v := range n.Results {
			f.place(n, v)
		}
		f.pass(n)
	}
}

// demand makes v stored. Movement and leaves that must be stored are copied by a group of their own.
func (f *fusion) demand(v *ir.Value, why string) {
	if !f.stored[v] {
		f.stored[v], f.why[v] = true, why
	}
}

// place decides where result v of n lives, knowing all its uses.
func (f *fusion) place(n *ir.Node, v *ir.Value) {
	needed := f.roots[v]
	switch f.class[n] {
	case leaf, movement:
		if f.stored[v] {
			f.roots[v] = map[*ir.Value]bool{v: true}
		}
		return
	case elementwise:
		if f.stored[v] || len(needed) != 1 {
			f.demand(v, "is used by several kernels")
		}
	case anchor:
		if root := f.epilogueOf(n, v, needed); root != nil && !f.stored[v] {
			f.claim[root] = v
			return
		}
		f.demand(v, "is not elementwise")
	case alias:
	}
	if f.stored[v] {
		f.roots[v] = map[*ir.Value]bool{v: true}
	}
}

// epilogueOf returns the root of the only group that uses anchor value v, if that group may follow v's own loop: every
// use is elementwise at the same element, and no other anchor has claimed it.
func (f *fusion) epilogueOf(n *ir.Node, v *ir.Value, needed map[*ir.Value]bool) *ir.Value {
	if len(needed) != 1 || len(n.Results) != 1 || n.Op.Lower == nil {
		return nil
	}
	root := only(needed)
	if root.Node == nil || f.class[root.Node] != elementwise || f.claim[root] != nil {
		return nil
	}
	for _, u := range f.uses[v] {
		if f.class[u] != elementwise {
			return nil
		}
	}
	if !v.Type.Equal(ir.Type{DType: v.Type.DType, Shape: root.Type.Shape}, f.g.Facts) {
		return nil
	}
	nests := n.Op.Lower(n)
	if len(nests) != 1 || !storesIdentity(nests[0]) || len(nests[0].Accs) == 0 || correlates(nests[0]) {
		return nil
	}
	return root
}

// correlates tells the gradient of a convolution's weight from a convolution: the window's taps are parallel and the image
// is summed over. Such a result wants an order of axes of its own (columns innermost), which operands of an epilogue,
// often weights in row-major order, would prevent. The two differ in sizes alone: taps are the few.
func correlates(n *loop.Nest) bool {
	for _, in := range n.Body {
		if in.Op != loop.Load {
			continue
		}
		for _, x := range in.Access.Index {
			if len(x.Terms) < 2 {
				continue
			}
			taps, image := int64(1), int64(1)
			for _, t := range x.Terms {
				extent, known := n.Axes[t.Axis].Extent.Const()
				if !known {
					extent = math.MaxInt64
				}
				if n.Axes[t.Axis].Reduce {
					image = extent
				} else {
					taps = extent
				}
			}
			if taps < image {
				return true
			}
		}
	}
	return false
}

// pass tells the operands of n which groups need them.
func (f *fusion) pass(n *ir.Node) {
	for i, a := range n.Args {
		switch c := f.class[n]; {
		case c == alias:
			f.demand(a, "is seen under another shape")
		case c == anchor && guards(n, i):
			f.demand(a, "is padded by "+n.Op.Name)
		case c == anchor && n.Op.Kind != ir.Reduction:
			f.demandThrough(a, "is an operand of "+n.Op.Name)
		case c == anchor:
			f.need(a, f.groupOf(n))
		case n.Op.Kind == ir.Broadcast && computed(f, a):
			f.demandThrough(a, "is repeated by a broadcast")
			f.need(a, f.groupOf(n))
		default:
			f.need(a, f.groupOf(n))
		}
	}
}

// guards reports whether n reads operand i beyond its extents: then the operand must be stored as it is, since an index map
// or an expression has no value there.
func guards(n *ir.Node, i int) bool {
	if n.Op.Lower == nil {
		return false
	}
	for _, nest := range n.Op.Lower(n) {
		for _, in := range nest.Body {
			if in.Op == loop.Load && in.Access.Arg == i && in.Access.Guard {
				return true
			}
		}
	}
	return false
}

// demandThrough stores what an anchor reads: index maps stay with the anchor, what lies behind them is stored.
func (f *fusion) demandThrough(v *ir.Value, why string) {
	for v.Node != nil && f.class[v.Node] == movement && !f.stored[v] {
		v = v.Node.Args[0]
	}
	if v.Node == nil || f.class[v.Node] != leaf {
		f.demand(v, why)
	}
}

// computed reports whether repeating v would repeat arithmetic.
func computed(f *fusion, v *ir.Value) bool {
	for v.Node != nil && f.class[v.Node] == movement {
		v = v.Node.Args[0]
	}
	return v.Node != nil && f.class[v.Node] == elementwise
}

// groupOf returns the roots of the groups that n is evaluated in.
func (f *fusion) groupOf(n *ir.Node) map[*ir.Value]bool {
	v := n.Results[0]
	for root, a := range f.claim {
		if a == v {
			return map[*ir.Value]bool{root: true}
		}
	}
	return f.roots[v]
}

func (f *fusion) need(v *ir.Value, roots map[*ir.Value]bool) {
	if f.roots[v] == nil {
		f.roots[v] = map[*ir.Value]bool{}
	}
	for r := range roots {
		f.roots[v][r] = true
	}
}

func only(set map[*ir.Value]bool) *ir.Value {
	for v := range set {
		return v
	}
	return nil
}

// build makes the groups in the order of their roots.
func (f *fusion) build() []*plan.Group {
	var groups []*plan.Group
	for _, n := range f.g.Nodes {
		if f.class[n] == alias || !slices.ContainsFunc(n.Results, func(v *ir.Value) bool { return f.stored[v] }) {
			continue
		}
		groups = append(groups, f.group(n))
	}
	return groups
}

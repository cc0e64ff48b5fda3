package fuse

import (
	"math"
	"slices"

	"mmc/ir"
	"mmc/ir/loop"
)

// decide settles which values are stored. What must be stored whatever else is decided comes first: results, and operands
// of anchors that are no reductions. The others are decided backwards, all users of a node before it.
func (f *fusion) decide() {
	for _, r := range f.g.Results {
		f.demand(r.Value, "is a result of the graph")
	}
	for v, why := range f.reason {
		f.demand(v, why)
	}
	for i := len(f.g.Nodes) - 1; i >= 0; i-- {
		f.demandOperands(f.g.Nodes[i])
	}
	for i := len(f.g.Nodes) - 1; i >= 0; i-- {
		n := f.g.Nodes[i]
		for _, v := range n.Results {
			f.place(n, v)
		}
		f.pass(n)
	}
}

// demand makes v stored. A leaf that must be stored is computed by a group of its own; an index map that only changes the
// shape becomes another view of its operand, which is stored then.
func (f *fusion) demand(v *ir.Value, why string) {
	if f.stored[v] {
		return
	}
	f.stored[v], f.why[v] = true, why
	if v.Node != nil && v.Node.Op.Has(ir.View) {
		f.class[v.Node] = alias
		f.demand(v.Node.Args[0], "is seen under another shape")
	}
}

// demandOperands stores what n reads from memory in any case.
func (f *fusion) demandOperands(n *ir.Node) {
	for i, a := range n.Args {
		switch c := f.class[n]; {
		case c == alias:
			f.demand(a, "is seen under another shape")
		case c == anchor && f.guards(n, i):
			f.demand(a, "is padded by "+n.Op.Name)
		case c == anchor && n.Op.Kind != ir.Reduction:
			f.demandThrough(a, "is an operand of "+n.Op.Name, f.indirect(n, i))
		case n.Op.Kind == ir.Broadcast && f.is(f.behind(a), elementwise):
			f.demandThrough(a, "is repeated by a broadcast", false)
		}
	}
}

// demandThrough stores what an anchor reads: index maps stay with the anchor, what lies behind them is stored. Under indices
// that come from memory only maps that keep the index can stay.
func (f *fusion) demandThrough(v *ir.Value, why string, indirect bool) {
	for f.is(v, movement) && !f.stored[v] && !(indirect && !f.keepsIndices(v.Node)) {
		v = v.Node.Args[0]
	}
	if !f.is(v, leaf) {
		f.demand(v, why)
	}
}

// place decides where result v of n lives, knowing all its uses.
func (f *fusion) place(n *ir.Node, v *ir.Value) {
	needed := f.roots[v]
	if len(needed) == 0 && !f.stored[v] {
		return // nothing needs it
	}
	switch f.class[n] {
	case elementwise:
		if !f.stored[v] && len(needed) != 1 && !f.recomputed(v) {
			f.demand(v, "is used by several kernels")
		}
	case anchor:
		if root := f.epilogueOf(n, v, needed); root != nil && !f.stored[v] {
			f.claim[root], f.claimed[v] = v, root
			return
		}
		f.demand(v, "is not elementwise")
	}
	if f.stored[v] {
		f.roots[v] = map[*ir.Value]bool{f.family(v): true}
	}
}

// epilogueOf returns the root of the only group that uses anchor value v, if that group may follow v's own loop: every
// way to the root leads through elementwise nodes, and no other anchor has claimed it.
func (f *fusion) epilogueOf(n *ir.Node, v *ir.Value, needed map[*ir.Value]bool) *ir.Value {
	if root := f.kept[v]; root != nil {
		return root
	}
	if len(needed) != 1 || len(n.Results) != 1 || n.Op.Lower == nil {
		return nil
	}
	root := only(needed)
	if !f.is(root, elementwise) || f.claim[root] != nil || f.merged[root] != nil {
		return nil
	}
	if !f.sameShape(v, root) || !f.straight(v, root, map[*ir.Value]bool{}) {
		return nil
	}
	nests := f.lower(n)
	if len(nests) != 1 || !storesElement(nests[0]) || len(nests[0].Accs) == 0 || correlates(nests[0]) {
		return nil
	}
	if f.updates(root) {
		return nil
	}
	return root
}

// updates reports whether v is the next value of a cell. It gets a kernel of its own, which writes the cell in place, with the
// other updates at the end of a step: products keep partial sums where their result goes, which must not be a cell whose
// old value the epilogue reads, and a step should write its cells together.
func (f *fusion) updates(v *ir.Value) bool {
	return slices.ContainsFunc(f.g.Results, func(r *ir.Result) bool { return r.Role == ir.CellOf && r.Value == v })
}

// straight reports whether all ways from v to root lead through elementwise nodes alone: movement would meet other elements.
func (f *fusion) straight(v, root *ir.Value, seen map[*ir.Value]bool) bool {
	if v == root || seen[v] {
		return true
	}
	seen[v] = true
	for _, u := range f.uses[v] {
		if f.class[u] != elementwise || !f.straight(u.Results[0], root, seen) {
			return false
		}
	}
	return true
}

func (f *fusion) sameShape(v, w *ir.Value) bool {
	return v.Type.Equal(ir.Type{DType: v.Type.DType, Shape: w.Type.Shape}, f.facts())
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

// pass tells the operands of n which groups need them inline.
func (f *fusion) pass(n *ir.Node) {
	if c := f.class[n]; c == alias || c == anchor && n.Op.Kind != ir.Reduction {
		return
	}
	for i, a := range n.Args {
		if f.class[n] != anchor || !f.guards(n, i) {
			f.need(a, f.groupOf(n))
		}
	}
}

// groupOf returns the roots of the groups that n is evaluated in.
func (f *fusion) groupOf(n *ir.Node) map[*ir.Value]bool {
	v := n.Results[0]
	if root := f.claimed[v]; root != nil {
		return map[*ir.Value]bool{root: true}
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

// family is the root that stands for v's group.
func (f *fusion) family(v *ir.Value) *ir.Value {
	if first := f.merged[v]; first != nil {
		return first
	}
	return v
}

func only(set map[*ir.Value]bool) *ir.Value {
	for v := range set {
		return v
	}
	return nil
}

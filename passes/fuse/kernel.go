package fuse

import (
	"cmp"
	"slices"

	"mmc/ir"
	"mmc/ir/loop"
	"mmc/ir/plan"
)

// member is one stored value of a kernel. Where anchor is set, its nest computes the value; if the value is not its own
// result, what lies between is its epilogue.
type member struct {
	root   *ir.Value
	anchor *ir.Node
}

// kernel is a group under construction.
type kernel struct {
	members []member
	group   *plan.Group
	joins   bool // it has the form that siblings can have
	at      int  // the number of the node behind which it runs
}

// kernels makes a kernel for each node whose results are stored, in the order of the nodes. An anchor with an epilogue runs as
// soon as what the epilogue reads is there: waiting for the place of its last node would keep its operands alive.
func (f *fusion) kernels() []*kernel {
	var out []*kernel
	number := map[*ir.Node]int{}
	for i, n := range f.g.Nodes {
		number[n] = i
		if f.class[n] == alias || f.class[n] == given || !f.storesAny(n) {
			continue
		}
		k := &kernel{}
		switch {
		case f.class[n] == anchor:
			k.members = []member{{n.Results[0], n}}
		case f.claim[n.Results[0]] != nil:
			k.members = []member{{n.Results[0], f.claim[n.Results[0]].Node}}
		default:
			k.members = []member{{n.Results[0], nil}}
		}
		k.group = f.group(k.members)
		k.joins = f.mergeable(k)
		k.at = i
		if m := k.members[0]; m.anchor != nil && m.anchor != n {
			k.at = number[m.anchor]
			for _, v := range k.group.In {
				if v = f.source(v); v.Node != nil {
					k.at = max(k.at, number[v.Node])
				}
			}
		}
		out = append(out, k)
	}
	slices.SortStableFunc(out, func(a, b *kernel) int { return cmp.Compare(a.at, b.at) })
	return out
}

func (f *fusion) storesAny(n *ir.Node) bool {
	for _, v := range n.Results {
		if f.stored[v] {
			return true
		}
	}
	return false
}

func groups(kernels []*kernel) []*plan.Group {
	out := make([]*plan.Group, len(kernels))
	for i, k := range kernels {
		out[i] = k.group
	}
	return out
}

// group computes the values of the members in one nest; an anchor that takes several nests stands alone.
func (f *fusion) group(members []member) *plan.Group {
	g := &plan.Group{Why: f.why[members[0].root]}
	w := &writer{f: f, group: g, seen: map[*ir.Node]bool{}}
	if n := members[0].anchor; n != nil && (len(f.lower(n)) > 1 || len(n.Results) > 1) {
		g.Out = n.Results
		w.note(n)
		for _, nest := range f.lower(n) {
			g.Nests = append(g.Nests, w.whole(n, nest))
		}
		return g
	}
	for _, m := range members {
		g.Out = append(g.Out, m.root)
	}
	if members[0].anchor != nil {
		w.reduction(members)
	} else {
		w.pointwise(members)
	}
	g.Nests = []*loop.Nest{w.nest}
	return g
}

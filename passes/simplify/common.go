package simplify

import (
	"fmt"
	"strconv"

	"mmc/ir"
	"mmc/passes/rewrite"
)

// Common merges nodes that compute the same from the same, and reports whether it found any. Operators have no side
// effects and draws are arguments, so equal nodes are equal values.
func Common(g *ir.Graph) bool {
	first := make(map[string]*ir.Node, len(g.Nodes))
	ids := numbering{}
	become := map[*ir.Value]*ir.Value{}
	latest := func(v *ir.Value) *ir.Value {
		if w := become[v]; w != nil {
			return w
		}
		return v
	}
	for _, n := range g.Nodes {
		for i, a := range n.Args {
			n.Args[i] = latest(a)
		}
		if len(n.Regions) > 0 {
			ir.Walk(n.Regions[0].Nodes, func(inner *ir.Node) {
				for i, a := range inner.Args {
					inner.Args[i] = latest(a)
				}
			})
			continue
		}
		k := ids.key(n)
		same := first[string(k)]
		if same == nil {
			first[string(k)] = n
			continue
		}
		for i, v := range n.Results {
			become[v] = same.Results[i]
		}
	}
	for _, r := range g.Results {
		r.Value = latest(r.Value)
	}
	rewrite.Dead(g)
	return len(become) > 0
}

// numbering gives each value a number of its own.
type numbering map[*ir.Value]int

func (ids numbering) of(v *ir.Value) int {
	id, ok := ids[v]
	if !ok {
		id = len(ids)
		ids[v] = id
	}
	return id
}

// key is a text that nodes share where they compute the same from the same.
func (ids numbering) key(n *ir.Node) []byte {
	b := append(make([]byte, 0, 128), n.Op.Name...)
	for _, a := range n.Args {
		b = strconv.AppendInt(append(b, ' '), int64(ids.of(a)), 10)
	}
	for _, a := range n.Attrs {
		b = fmt.Appendf(b, "|%v", a)
	}
	return b
}

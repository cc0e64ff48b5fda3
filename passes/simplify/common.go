package simplify

import (
	"fmt"
	"strings"

	"mmc/ir"
	"mmc/passes/rewrite"
)

// Common merges nodes that compute the same from the same, and reports whether it found any. Operators have no side
// effects and draws are arguments, so equal nodes are equal values.
func Common(g *ir.Graph) bool {
	first := map[string]*ir.Node{}
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
		k := key(n)
		same := first[k]
		if same == nil {
			first[k] = n
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

func key(n *ir.Node) string {
	var b strings.Builder
	b.WriteString(n.Op.Name)
	for _, a := range n.Args {
		fmt.Fprintf(&b, " %p", a)
	}
	for _, a := range n.Attrs {
		fmt.Fprintf(&b, "|%v", a)
	}
	return b.String()
}

package ir

// Uses maps each value to the nodes that use it, in order, a node once per use.
func Uses(g *Graph) map[*Value][]*Node {
	uses := map[*Value][]*Node{}
	Walk(g.Nodes, func(n *Node) {
		for _, a := range n.Args {
			uses[a] = append(uses[a], n)
		}
	})
	return uses
}

// Walk calls f for each node in order, a node before those of its regions.
func Walk(nodes []*Node, f func(*Node)) {
	for _, n := range nodes {
		f(n)
		for _, r := range n.Regions {
			Walk(r.Nodes, f)
		}
	}
}

// Renumber gives all values dense IDs in order of definition.
func (g *Graph) Renumber() {
	next := 0
	number := func(vs []*Value) {
		for _, v := range vs {
			v.ID = next
			next++
		}
	}
	for _, a := range g.Args {
		number([]*Value{a.Value})
	}
	Walk(g.Nodes, func(n *Node) {
		number(n.Results)
		for _, r := range n.Regions {
			number(r.Args)
		}
	})
}

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

// EachUse calls f for every value that a node needs: its operands and whatever its regions use.
func (n *Node) EachUse(f func(*Value)) {
	for _, a := range n.Args {
		f(a)
	}
	for _, r := range n.Regions {
		for _, v := range r.Results {
			f(v)
		}
		for _, inner := range r.Nodes {
			inner.EachUse(f)
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

// Inline appends a copy of the region's nodes to b, with args for the region's arguments, and returns the copies of its
// results.
func Inline(b *Builder, r *Region, args []*Value) []*Value {
	to := map[*Value]*Value{}
	for i, a := range r.Args {
		to[a] = args[i]
	}
	for _, n := range r.Nodes {
		b.Emit(n.clone(to))
	}
	return mapped(r.Results, to)
}

// clone copies a node and its regions; to maps old values to new ones and grows by the node's results.
func (n *Node) clone(to map[*Value]*Value) *Node {
	c := *n
	c.Args = mapped(n.Args, to)
	c.Results = make([]*Value, len(n.Results))
	for i, v := range n.Results {
		c.Results[i] = &Value{Type: v.Type, Node: &c, Index: i, Name: v.Name}
		to[v] = c.Results[i]
	}
	c.Regions = make([]*Region, len(n.Regions))
	for i, r := range n.Regions {
		c.Regions[i] = r.clone(to)
	}
	return &c
}

func (r *Region) clone(to map[*Value]*Value) *Region {
	c := &Region{}
	for _, a := range r.Args {
		v := &Value{Type: a.Type, Index: a.Index, Name: a.Name}
		to[a] = v
		c.Args = append(c.Args, v)
	}
	for _, n := range r.Nodes {
		c.Nodes = append(c.Nodes, n.clone(to))
	}
	c.Results = mapped(r.Results, to)
	return c
}

// mapped replaces values that to knows.
func mapped(vs []*Value, to map[*Value]*Value) []*Value {
	out := make([]*Value, len(vs))
	for i, v := range vs {
		out[i] = v
		if w, ok := to[v]; ok {
			out[i] = w
		}
	}
	return out
}

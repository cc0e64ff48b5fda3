// Package rewrite applies rules to graphs. A Rule is a value with a name: one law, one rule, one test. The driver sweeps
// over the nodes in order until nothing fires, removes what is no longer used, and keeps a log of the rules that fired.
// It knows no operator.
package rewrite

import (
	"slices"

	"mmc/ir"
)

// Rule is one law.
type Rule struct {
	Name string
	Law  string   // what becomes what, in one line
	On   []*ir.Op // the operators whose nodes it looks at; nil: all
	// Apply returns a replacement for each result of m.Node, or nil where the law does not apply. It may build nodes
	// through m; they are dropped if it returns nil.
	Apply func(m *Match) []*ir.Value
}

// Match is what a rule sees.
type Match struct {
	*ir.Builder
	Node  *ir.Node
	Graph *ir.Graph
	run   *run
}

// Uses returns how many operands and results v is.
func (m *Match) Uses(v *ir.Value) int { return m.run.uses[v] }

// Users returns the nodes before this one that use v.
func (m *Match) Users(v *ir.Value) []*ir.Node {
	var out []*ir.Node
	for _, n := range m.run.g.Nodes {
		if slices.Contains(n.Args, v) {
			out = append(out, n)
		}
	}
	return out
}

// Weight reports whether v depends on nothing but weights and constants, in a graph that does not train: it is known at
// load.
func (m *Match) Weight(v *ir.Value) bool { return m.run.weight(v) }

// maxSweeps bounds the work: a set of rules that undoes its own work is a bug, and tests would show it as a full log.
const maxSweeps = 64

type run struct {
	g       *ir.Graph
	byOp    map[*ir.Op][]*Rule
	always  []*Rule
	cells   Weights
	args    map[*ir.Value]*ir.Arg
	uses    map[*ir.Value]int
	weights map[*ir.Value]bool
	become  map[*ir.Value]*ir.Value
	fired   []string
}

// Run applies the rules to g until none fires and returns the names of those that did, in order.
func Run(g *ir.Graph, rules []*Rule, weights Weights) []string {
	r := &run{g: g, byOp: map[*ir.Op][]*Rule{}, cells: weights, args: map[*ir.Value]*ir.Arg{}}
	for _, a := range g.Args {
		r.args[a.Value] = a
	}
	for _, rule := range rules {
		if rule.On == nil {
			r.always = append(r.always, rule)
		}
		for _, o := range rule.On {
			r.byOp[o] = append(r.byOp[o], rule)
		}
	}
	for range maxSweeps {
		before := len(r.fired)
		r.sweep()
		Dead(g)
		if len(r.fired) == before {
			break
		}
	}
	return r.fired
}

// sweep goes once over the nodes, replacing as it goes.
func (r *run) sweep() {
	r.count()
	r.become = map[*ir.Value]*ir.Value{}
	r.weights = map[*ir.Value]bool{}
	old := r.g.Nodes
	r.g.Nodes = make([]*ir.Node, 0, len(old))
	for _, n := range old {
		for i, a := range n.Args {
			n.Args[i] = r.latest(a)
		}
		ir.Walk(regionNodes(n), func(inner *ir.Node) {
			for i, a := range inner.Args {
				inner.Args[i] = r.latest(a)
			}
		})
		if !r.try(n) {
			r.g.Nodes = append(r.g.Nodes, n)
		}
	}
	for _, res := range r.g.Results {
		res.Value = r.latest(res.Value)
	}
}

func regionNodes(n *ir.Node) []*ir.Node {
	var out []*ir.Node
	for _, reg := range n.Regions {
		out = append(out, reg.Nodes...)
	}
	return out
}

func (r *run) count() {
	r.uses = map[*ir.Value]int{}
	ir.Walk(r.g.Nodes, func(n *ir.Node) {
		for _, a := range n.Args {
			r.uses[a]++
		}
	})
	for _, res := range r.g.Results {
		r.uses[res.Value]++
	}
}

// latest follows replacements.
func (r *run) latest(v *ir.Value) *ir.Value {
	for r.become[v] != nil {
		v = r.become[v]
	}
	return v
}

// try fires the first rule that applies to n; the nodes that it built stand where n stood.
func (r *run) try(n *ir.Node) bool {
	var built []*ir.Node
	b := &ir.Builder{Facts: r.g.Facts, Emit: func(x *ir.Node) { built = append(built, x) }}
	m := &Match{Builder: b.At(n), Node: n, Graph: r.g, run: r}
	for _, rules := range [][]*Rule{r.byOp[n.Op], r.always} {
		for _, rule := range rules {
			built = nil
			with := rule.Apply(m)
			if with == nil {
				continue
			}
			r.g.Nodes = append(r.g.Nodes, built...)
			for i, v := range n.Results {
				if with[i] != v {
					r.become[v] = with[i]
					if with[i].Name == "" {
						with[i].Name = v.Name
					}
				}
			}
			r.fired = append(r.fired, rule.Name)
			return true
		}
	}
	return false
}

func (r *run) weight(v *ir.Value) bool {
	if r.g.Train {
		return false
	}
	known, seen := r.weights[v]
	if !seen {
		known = r.findWeight(v)
		r.weights[v] = known
	}
	return known
}

func (r *run) findWeight(v *ir.Value) bool {
	if v.Node == nil {
		a := r.args[v]
		return a != nil && a.Role == ir.CellOf && r.cells[a.Cell]
	}
	for _, a := range v.Node.Args {
		if !r.weight(r.latest(a)) {
			return false
		}
	}
	return len(v.Node.Regions) == 0
}

// Dead removes nodes that no result needs.
func Dead(g *ir.Graph) {
	live := make(map[*ir.Node]bool, len(g.Nodes))
	var mark func(v *ir.Value)
	mark = func(v *ir.Value) {
		if v.Node == nil || live[v.Node] {
			return
		}
		live[v.Node] = true
		v.Node.EachUse(mark)
	}
	for _, r := range g.Results {
		mark(r.Value)
	}
	kept := g.Nodes[:0]
	for _, n := range g.Nodes {
		if live[n] {
			kept = append(kept, n)
		}
	}
	g.Nodes = kept
}

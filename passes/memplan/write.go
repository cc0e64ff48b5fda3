package memplan

import (
	"slices"

	"mmc/ir/dim"
	"mmc/ir/plan"
)

// end is where an item ends: its own offset's symbol, unless that is zero, plus its size.
type end struct {
	item     *item // nil for a mark
	symbolic bool
	expr     dim.Expr
}

// mostEnds is how many ends one maximum joins; more are joined by marks: places in the arena that only stand for a maximum.
const mostEnds = 24

// write turns an order into symbolic offsets.
func (m *planner) write(x *stacking) {
	w := &writer{planner: m, ends: make([]end, len(m.items))}
	for _, i := range x.order {
		item := m.items[i]
		item.buf.Offset = w.highest(x.below[i])
		m.p.Arena.Order = append(m.p.Arena.Order, item.buf)
		w.ends[i] = end{item, false, item.bytes}
		if !item.buf.Offset.IsConst(0) {
			w.ends[i] = end{item, true, dim.Sym(plan.OffsetSymbol(item.buf.ID)).Add(item.bytes)}
		}
	}
	m.p.Arena.Bytes = w.highest(x.top)
	m.bounds()
}

// writer holds the ends of what has been written, by item.
type writer struct {
	*planner
	ends  []end
	marks int
}

// highest is the maximum of the ends of the items. An end that is a size alone is left out where the size of another provably
// reaches it; ends over different offsets cannot be compared.
func (w *writer) highest(items []int32) dim.Expr {
	var ends []end
	for n, i := range items {
		e := w.ends[i]
		covered := !e.symbolic && slices.ContainsFunc(items, func(j int32) bool { return j != i && w.covers(w.ends[j], e, slices.Contains(items[:n], j)) })
		if !covered {
			ends = append(ends, e)
		}
	}
	for len(ends) > mostEnds {
		joined := end{symbolic: true, expr: w.mark(ends[:mostEnds])}
		ends = append(slices.Clone(ends[mostEnds:]), joined)
	}
	return maximum(ends)
}

func maximum(ends []end) dim.Expr {
	if len(ends) == 0 {
		return dim.Int(0)
	}
	out := ends[0].expr
	for _, e := range ends[1:] {
		out = dim.Max(out, e.expr)
	}
	return out
}

// mark adds a place at the maximum of the ends and returns its symbol.
func (w *writer) mark(ends []end) dim.Expr {
	w.marks++
	b := &plan.Buffer{ID: len(w.p.Buffers) + w.marks, Name: "mark", Space: plan.ArenaSpace, Last: -1, Offset: maximum(ends)}
	w.p.Arena.Order = append(w.p.Arena.Order, b)
	return dim.Sym(plan.OffsetSymbol(b.ID))
}

// covers reports whether f's size is at least e's; of two equal ones the earlier counts.
func (w *writer) covers(f, e end, earlier bool) bool {
	for s := range w.samples {
		if f.item.sizes[s] < e.item.sizes[s] {
			return false
		}
	}
	return w.facts.AtMost(e.item.bytes, f.item.bytes) && (f.symbolic || earlier || !w.facts.AtMost(f.item.bytes, e.item.bytes))
}

// bounds states the lower bound of this order, as far as the samples tell at which steps it is reached, and the sum of all
// buffers.
func (m *planner) bounds() {
	a := &m.p.Arena
	a.LowerBound, a.Unplanned = dim.Int(0), dim.Int(0)
	for _, x := range m.items {
		a.Unplanned = a.Unplanned.Add(x.bytes)
	}
	var steps []int
	for _, s := range m.samples {
		if worst := slices.Index(s.live, s.bound); !slices.Contains(steps, worst) {
			steps = append(steps, worst)
			a.LowerBound = dim.Max(a.LowerBound, m.liveAt(worst))
		}
	}
}

// liveAt is the sum of what is live at a step.
func (m *planner) liveAt(step int) dim.Expr {
	sum := dim.Int(0)
	for _, x := range m.items {
		if x.buf.First <= step && step <= x.buf.Last {
			sum = sum.Add(x.bytes)
		}
	}
	return sum
}

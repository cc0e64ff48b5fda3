// Package memplan puts the arena buffers of a program into memory without knowing its sizes.
//
// Every pair of buffers that is live at the same time must be ordered: one lies wholly below the other. The pass packs the
// buffers at sample sizes, reads that order off the packing, and writes each offset as the maximum of the ends of the
// buffers below it. A plan made so is valid for all sizes, whatever the packing was; it is tight where the sizes keep their
// proportions, which they do in networks whose activations all scale with the same product of dims.
//
// Before packing, elementwise kernels take over the buffer of an operand that dies there. The packing is greedy by size,
// with a fixed number of perturbed tries (the number, not the clock, bounds the work: the output must not depend on the
// machine).
package memplan

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"mmc/ir/dim"
	"mmc/ir/plan"
)

const (
	alignment = 64 // bytes: one vector, one cache line
	tries     = 200
	visits    = 20_000_000 // pairs of buffers looked at, over all tries: what keeps large programs quick
)

// Run sets the offsets of the program's arena buffers and its Arena.
func Run(p *plan.Program) {
	reuse(p)
	m := &planner{p: p, facts: p.Graph.Facts}
	m.collect()
	best := m.pack(m.bySize())
	random := rand.New(rand.NewPCG(1, 2))
	for range min(tries, visits/(1+len(m.items)*len(m.items))) {
		if best.top == m.bound {
			break
		}
		if try := m.pack(m.perturbed(random)); try.top < best.top {
			best = try
		}
	}
	m.write(best)
}

// item is one buffer to place.
type item struct {
	buf   *plan.Buffer
	bytes dim.Expr // symbolic, a multiple of alignment
	size  int64    // the same at the sample sizes
}

// placing is an offset for each item at the sample sizes.
type placing struct {
	at  []int64
	top int64
}

type planner struct {
	p     *plan.Program
	facts *dim.Facts
	items []*item
	live  []int64 // bytes that are live at each step, at the sample sizes
	bound int64   // the largest of them: no packing is smaller
}

// collect makes the items and finds which overlap in time.
func (m *planner) collect() {
	for _, b := range m.p.Buffers {
		if b.Space != plan.ArenaSpace || b.Last < b.First {
			continue
		}
		m.items = append(m.items, &item{buf: b, bytes: m.aligned(b)})
	}
	sample := sampler(m.facts)
	for _, x := range m.items {
		x.size = sample(x.bytes)
	}
	m.live = make([]int64, len(m.p.Steps)+2)
	for _, x := range m.items {
		m.live[x.buf.First] += x.size
		m.live[x.buf.Last+1] -= x.size
	}
	for step := range m.live[1:] {
		m.live[step+1] += m.live[step]
	}
	m.bound = slices.Max(m.live)
}

// aligned is the buffer's size in bytes, rounded up.
func (m *planner) aligned(b *plan.Buffer) dim.Expr {
	bytes := m.facts.Norm(b.Size.Mul(dim.Int(int64(b.DType.Size()))))
	if !m.facts.Divides(alignment, bytes) {
		bytes = bytes.CeilDiv(dim.Int(alignment)).Mul(dim.Int(alignment))
	}
	return m.facts.Original(bytes)
}

// sampler evaluates sizes at one assignment that respects the facts' divisibility: the free symbols behind the user's all
// get middling values, distinct so that no accidental equality decides.
func sampler(facts *dim.Facts) func(dim.Expr) int64 {
	values := map[string]int64{}
	return func(e dim.Expr) int64 {
		n := facts.Norm(e)
		v, err := n.Eval(func(sym string) (int64, bool) {
			if values[sym] == 0 {
				values[sym] = 7 + 2*int64(len(values)%4)
				if lo, _, known, _ := facts.Range(dim.Sym(sym)); known {
					values[sym] = max(values[sym], lo)
				}
			}
			return values[sym], true
		})
		if err != nil {
			return alignment
		}
		return max(v, 0)
	}
}

func (m *planner) bySize() []int {
	order := make([]int, len(m.items))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(m.items[j].size, m.items[i].size) })
	return order
}

// perturbed is the order by size with each size off by up to a half.
func (m *planner) perturbed(r *rand.Rand) []int {
	weight := make([]float64, len(m.items))
	for i, x := range m.items {
		weight[i] = float64(x.size) * (0.5 + r.Float64())
	}
	order := m.bySize()
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(weight[j], weight[i]) })
	return order
}

// pack places items in the given order, each into the smallest gap that holds it, else on top.
func (m *planner) pack(order []int) placing {
	p := placing{at: make([]int64, len(m.items))}
	var placed, near []int // by offset
	for _, i := range order {
		near = near[:0]
		for _, j := range placed {
			if m.items[i].meets(m.items[j]) {
				near = append(near, j)
			}
		}
		p.at[i] = m.gap(near, p.at, m.items[i].size)
		at, _ := slices.BinarySearchFunc(placed, i, func(a, b int) int { return cmp.Or(cmp.Compare(p.at[a], p.at[b]), cmp.Compare(a, b)) })
		placed = slices.Insert(placed, at, i)
		p.top = max(p.top, p.at[i]+m.items[i].size)
	}
	return p
}

// meets reports whether both items are live at some step.
func (x *item) meets(y *item) bool { return x.buf.First <= y.buf.Last && y.buf.First <= x.buf.Last }

// gap returns the start of the tightest hole between the neighbours, or the end of the last.
func (m *planner) gap(near []int, at []int64, size int64) int64 {
	best, room, end := int64(-1), int64(0), int64(0)
	for _, j := range near {
		if hole := at[j] - end; hole >= size && (best < 0 || hole < room) {
			best, room = end, hole
		}
		end = max(end, at[j]+m.items[j].size)
	}
	if best < 0 {
		return end
	}
	return best
}

// end is where an item ends: its own offset's symbol, unless that is zero, plus its size.
type end struct {
	item     *item
	symbolic bool
	expr     dim.Expr
}

// write turns a packing into symbolic offsets.
func (m *planner) write(p placing) {
	order := make([]int, len(m.items))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p.at[i], p.at[j]) })
	below := make([][]end, len(order))
	var top []end
	for r, i := range order {
		x := m.items[i]
		x.buf.Offset = m.highest(below[i])
		m.p.Arena.Order = append(m.p.Arena.Order, x.buf)
		e := end{x, !x.buf.Offset.IsConst(0), x.bytes}
		if e.symbolic {
			e.expr = dim.Sym(plan.OffsetSymbol(x.buf.ID)).Add(x.bytes)
		}
		above := m.above(r, order)
		for _, j := range above {
			below[j] = append(below[j], e)
		}
		if len(above) == 0 {
			top = append(top, e)
		}
	}
	m.p.Arena.Bytes = m.highest(top)
	m.bounds()
}

// above lists the items that must be compared with item order[r]: those that lie above it while it lives, but for those with
// another one in between. Three items of which each two meet are live together at some step, so it suffices to know at
// which steps of the item's life something above it has been seen.
func (m *planner) above(r int, order []int) []int {
	x := m.items[order[r]].buf
	seen, open := make([]bool, x.Last-x.First+1), x.Last-x.First+1
	var out []int
	for _, j := range order[r+1:] {
		y := m.items[j].buf
		first, last := max(x.First, y.First), min(x.Last, y.Last)
		if first > last {
			continue
		}
		both := seen[first-x.First : last-x.First+1]
		if !slices.Contains(both, true) {
			out = append(out, j)
		}
		for s := range both {
			if !both[s] {
				both[s] = true
				open--
			}
		}
		if open == 0 {
			break
		}
	}
	return out
}

// highest is the maximum of the ends. An end that is a size alone is left out where the size of another provably reaches it;
// ends over different offsets cannot be compared.
func (m *planner) highest(ends []end) dim.Expr {
	out, any := dim.Int(0), false
	for i, e := range ends {
		if !e.symbolic && slices.ContainsFunc(ends, func(f end) bool { return f.item != e.item && m.covers(f, e, ends[:i]) }) {
			continue
		}
		if !any {
			out, any = e.expr, true
		} else {
			out = dim.Max(out, e.expr)
		}
	}
	return out
}

// covers reports whether f's size is at least e's; of two equal ones the earlier counts, which is in before.
func (m *planner) covers(f, e end, before []end) bool {
	if f.item.size < e.item.size || !m.facts.AtMost(e.item.bytes, f.item.bytes) {
		return false
	}
	return f.symbolic || slices.Contains(before, f) || !m.facts.AtMost(f.item.bytes, e.item.bytes)
}

// bounds states the lower bound of this order and the sum of all buffers, as formulas.
func (m *planner) bounds() {
	worst := slices.Index(m.live, m.bound)
	bound, sum := dim.Int(0), dim.Int(0)
	for _, x := range m.items {
		sum = sum.Add(x.bytes)
		if x.buf.First <= worst && worst <= x.buf.Last {
			bound = bound.Add(x.bytes)
		}
	}
	m.p.Arena.LowerBound, m.p.Arena.Unplanned = bound, sum
}

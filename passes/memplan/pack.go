package memplan

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// bySize orders the items by falling size at a sample.
func (m *planner) bySize(s int) []int {
	order := make([]int, len(m.items))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(m.items[j].sizes[s], m.items[i].sizes[s]) })
	return order
}

// perturbed is the order by size with each size off by up to a half.
func (m *planner) perturbed(r *rand.Rand, s int) []int {
	weight := make([]float64, len(m.items))
	for i, x := range m.items {
		weight[i] = float64(x.sizes[s]) * (0.5 + r.Float64())
	}
	order := m.bySize(s)
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(weight[j], weight[i]) })
	return order
}

// pack places items in the given order at the sizes of sample s, each into the smallest gap that holds it, else on top. It
// returns the items by rising offset.
func (m *planner) pack(order []int, s int) []int {
	at := make([]int64, len(m.items))
	var placed, near []int // by offset
	for _, i := range order {
		near = near[:0]
		for _, j := range placed {
			if m.items[i].meets(m.items[j]) {
				near = append(near, j)
			}
		}
		at[i] = m.gap(near, at, i, s)
		k, _ := slices.BinarySearchFunc(placed, i, func(a, b int) int { return cmp.Or(cmp.Compare(at[a], at[b]), cmp.Compare(a, b)) })
		placed = slices.Insert(placed, k, i)
	}
	return placed
}

// gap returns the start of the tightest hole between the neighbours that holds item i, or the end of the last.
func (m *planner) gap(near []int, at []int64, i, s int) int64 {
	best, room, end, size := int64(-1), int64(0), int64(0), m.items[i].sizes[s]
	for _, j := range near {
		if hole := at[j] - end; hole >= size && (best < 0 || hole < room) {
			best, room = end, hole
		}
		end = max(end, at[j]+m.items[j].sizes[s])
	}
	if best < 0 {
		return end
	}
	return best
}

// stacking is an order of the items from bottom to top. Valid for all sizes, since each item lies above those in below.
type stacking struct {
	order []int
	below [][]int // by item; what lies below those is not listed
	top   []int   // the items with nothing above them
	worst float64 // the greatest ratio of the arena's size to the lower bound, over the samples
	sum   float64 // of all ratios
}

// judged finds what each item must be compared with, and computes the arena's size at all samples.
func (m *planner) judged(order []int) *stacking {
	x := &stacking{order: order, below: make([][]int, len(order))}
	for r, i := range order {
		above := m.above(r, order)
		for _, j := range above {
			x.below[j] = append(x.below[j], i)
		}
		if len(above) == 0 {
			x.top = append(x.top, i)
		}
	}
	end := make([]int64, len(order))
	for s := range m.samples {
		arena := int64(0)
		for _, i := range order {
			at := int64(0)
			for _, j := range x.below[i] {
				at = max(at, end[j])
			}
			end[i] = at + m.items[i].sizes[s]
			arena = max(arena, end[i])
		}
		ratio := float64(arena) / max(1, float64(m.samples[s].bound))
		x.worst, x.sum = max(x.worst, ratio), x.sum+ratio
	}
	return x
}

func better(a, b *stacking) *stacking {
	if b.worst < a.worst || b.worst == a.worst && b.sum < a.sum {
		return b
	}
	return a
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

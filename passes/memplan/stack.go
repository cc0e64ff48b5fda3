package memplan

import "slices"

// stacking says for each item what it lies on.
type stacking struct {
	order []int32
	below [][]int32 // by item; what lies below those is not listed
	top   []int32   // the items with nothing above them
}

// stacked reads the neighbours off an order. At every step that two items share, the later one lies above the earlier; where
// something else lies between them at one of these steps, the order follows from its neighbours.
func (m *planner) stacked(order []int32) *stacking {
	x := &stacking{order: order, below: make([][]int32, len(order))}
	highest := make([]int32, m.starts) // the item on top at each step, and none is -1
	for t := range highest {
		highest[t] = -1
	}
	covered, seen := make([]bool, len(order)), make([]int, len(order))
	for _, i := range order {
		steps := highest[m.items[i].first : m.items[i].last+1]
		for _, j := range steps {
			if j >= 0 {
				seen[j]++
			}
		}
		for t, j := range steps {
			steps[t] = i
			if j < 0 {
				continue
			}
			if seen[j] == m.items[i].shared(m.items[j]) {
				x.below[i] = append(x.below[i], j)
			}
			seen[j], covered[j] = 0, true
		}
	}
	for _, i := range order {
		if !covered[i] {
			x.top = append(x.top, i)
		}
	}
	return x
}

// shared counts the steps at which both items are live.
func (x *item) shared(y *item) int { return min(x.last, y.last) - max(x.first, y.first) + 1 }

// excess is how many times its lower bound the arena of an order takes at each sample. An item lies on the highest of those
// before it that it shares a step with.
func (m *planner) excess(order []int32) []float64 {
	out := make([]float64, len(m.samples))
	height := make([]int64, m.starts)
	for s := range m.samples {
		clear(height)
		arena := int64(0)
		for _, i := range order {
			x := m.items[i]
			steps := height[x.first : x.last+1]
			end := slices.Max(steps) + x.sizes[s]
			for t := range steps {
				steps[t] = end
			}
			arena = max(arena, end)
		}
		out[s] = float64(arena) / float64(max(1, m.samples[s].bound))
	}
	return out
}

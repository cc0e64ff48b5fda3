package memplan

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// bySize orders the items by falling size.
func bySize(sizes []int64) []int32 {
	order := make([]int32, len(sizes))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(i, j int32) int { return cmp.Or(cmp.Compare(sizes[j], sizes[i]), cmp.Compare(i, j)) })
	return order
}

// perturbed are the sizes, each off by up to a half.
func perturbed(sizes []int64, random *rand.Rand) []int64 {
	out := make([]int64, len(sizes))
	for i, n := range sizes {
		out[i] = int64(float64(n) * (0.5 + random.Float64()))
	}
	return out
}

// spot is where a packing puts an item.
type spot struct {
	first, last int32 // life
	at, end     int64
}

// pack places the items in the given order, each into the smallest gap that holds it, else on top. It returns them by rising
// offset.
func (m *planner) pack(order []int32, sizes []int64) []int32 {
	spots := make([]spot, len(m.items))
	placed := make([]int32, 0, len(m.items)) // by offset
	for _, i := range order {
		x := m.items[i]
		at := gap(placed, spots, int32(x.first), int32(x.last), sizes[i])
		spots[i] = spot{int32(x.first), int32(x.last), at, at + sizes[i]}
		k, _ := slices.BinarySearchFunc(placed, i, func(a, b int32) int { return cmp.Or(cmp.Compare(spots[a].at, spots[b].at), cmp.Compare(a, b)) })
		placed = slices.Insert(placed, k, i)
	}
	return placed
}

// gap returns the start of the tightest hole that holds size for a life from first to last, or the end of all that is live then.
func gap(placed []int32, spots []spot, first, last int32, size int64) int64 {
	best, room, end := int64(-1), int64(math.MaxInt64), int64(0)
	for _, j := range placed {
		y := &spots[j]
		if y.first > last || y.last < first {
			continue
		}
		if hole := y.at - end; hole >= size && hole < room {
			best, room = end, hole
		}
		end = max(end, y.end)
	}
	if best < 0 {
		return end
	}
	return best
}

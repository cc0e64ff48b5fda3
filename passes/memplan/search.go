package memplan

import (
	"math/rand/v2"
	"slices"
)

const (
	mixtures = 8              // weightings of the samples that are tried
	tries    = 200            // packings of mixtures, most of them in perturbed order
	visits   = 12_000_000     // pairs of buffers looked at, over all tries: what keeps large programs quick
	enough   = 1.005          // times the lower bound, at every sample: nothing to look for any more
	whole    = int64(1) << 30 // the lower bound of a sample in a mixture
	eager    = 16             // how much faster the weights of bad samples grow than their excess
)

// search looks for an order whose arena is near the lower bound at every sample.
//
// A packing at one sample is near the bound there and may be far from it elsewhere. One at a mixture, where the size of an item
// is the weighted sum of its shares of the samples' bounds, is a compromise. Each round packs a mixture and then lets the samples
// weigh the more the further this packing exceeded their bound: the method of multiplicative weights (Arora, Hazan and Kale, 2012).
// Then the best packing's mixture is packed in perturbed orders. The number of tries, not the clock, bounds the work: the output
// must not depend on the machine.
func (m *planner) search() []int32 {
	var best candidate
	for s := range m.samples {
		best = best.or(m.candidate(m.only(s), nil))
	}
	weights := make([]float64, len(m.samples))
	for s := range weights {
		weights[s] = 1
	}
	random := rand.New(rand.NewPCG(1, 2))
	for t := range max(mixtures, min(tries, visits/(1+len(m.items)*len(m.items)))) {
		if best.worst <= enough {
			break
		}
		if t >= mixtures || len(m.samples) == 1 {
			best = best.or(m.candidate(best.sizes, random))
			continue
		}
		c := m.candidate(m.mixture(weights), nil)
		best = best.or(c)
		for s, e := range c.excess {
			weights[s] *= 1 + float64(eager*(e-1))
		}
	}
	return best.order
}

// candidate is an order with its arena's excess over the lower bounds.
type candidate struct {
	sizes      []int64 // that were packed
	order      []int32
	excess     []float64 // by sample
	worst, sum float64
}

// candidate packs the items by falling size, or nearly so, and judges the packing.
func (m *planner) candidate(sizes []int64, random *rand.Rand) candidate {
	first := sizes
	if random != nil {
		first = perturbed(sizes, random)
	}
	c := candidate{sizes: sizes, order: m.pack(bySize(first), sizes)}
	c.excess = m.excess(c.order)
	c.worst = slices.Max(c.excess)
	for _, e := range c.excess {
		c.sum += e
	}
	return c
}

// or is the better of two candidates; the zero value is none.
func (c candidate) or(d candidate) candidate {
	if c.excess == nil || d.worst < c.worst || d.worst == c.worst && d.sum < c.sum {
		return d
	}
	return c
}

// only are the sizes at one sample.
func (m *planner) only(s int) []int64 {
	sizes := make([]int64, len(m.items))
	for i, x := range m.items {
		sizes[i] = x.sizes[s]
	}
	return sizes
}

// mixture are the items' shares of the bounds, weighted. The sum is one of integers, whose order does not matter.
func (m *planner) mixture(weights []float64) []int64 {
	greatest := slices.Max(weights)
	sizes := make([]int64, len(m.items))
	for i, x := range m.items {
		for s, w := range weights {
			share := float64(x.sizes[s]) / float64(max(1, m.samples[s].bound))
			sizes[i] += int64(float64(whole) * share * w / greatest)
		}
	}
	return sizes
}

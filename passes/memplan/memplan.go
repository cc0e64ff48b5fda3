// Package memplan puts the arena buffers of a program into memory without knowing its sizes.
//
// Every pair of buffers that is live at the same time must be ordered: one lies wholly below the other. The pass packs the
// buffers at sample sizes, reads that order off the packing, and writes each offset as the maximum of the ends of the
// buffers below it. A plan made so is valid for all sizes, whatever the packing was; it is tight where the sizes keep their
// proportions, which they do in networks whose activations all scale with the same product of dims. Where they do not (the
// gradients of weights beside activations), the order of one sample may waste memory at another: so several samples are
// packed and each order is judged at all of them.
//
// Before packing, elementwise kernels take over the buffer of an operand that dies there. The packing is greedy by size,
// with a fixed number of perturbed tries (the number, not the clock, bounds the work: the output must not depend on the
// machine).
package memplan

import (
	"math/rand/v2"

	"mmc/ir/dim"
	"mmc/ir/plan"
)

const (
	alignment = 64         // bytes: one vector, one cache line
	tries     = 200        // perturbed packings
	visits    = 20_000_000 // pairs of buffers looked at, over all tries: what keeps large programs quick
)

// Run sets the offsets of the program's arena buffers and its Arena.
func Run(p *plan.Program) {
	reuse(p)
	m := &planner{p: p, facts: p.Graph.Facts}
	m.collect()
	best := m.judged(m.pack(m.bySize(0), 0))
	for s := 1; s < len(m.samples); s++ {
		best = better(best, m.judged(m.pack(m.bySize(s), s)))
	}
	random := rand.New(rand.NewPCG(1, 2))
	for t := range min(tries, visits/(1+len(m.items)*len(m.items))) {
		if best.worst <= 1 {
			break
		}
		s := t % len(m.samples)
		best = better(best, m.judged(m.pack(m.perturbed(random, s), s)))
	}
	m.write(best)
}

// item is one buffer to place.
type item struct {
	buf   *plan.Buffer
	bytes dim.Expr // symbolic, a multiple of alignment
	sizes []int64  // the same at each sample
}

// meets reports whether both items are live at some step.
func (x *item) meets(y *item) bool { return x.buf.First <= y.buf.Last && y.buf.First <= x.buf.Last }

type planner struct {
	p       *plan.Program
	facts   *dim.Facts
	items   []*item
	samples []sample
}

// collect makes the items and samples.
func (m *planner) collect() {
	for _, b := range m.p.Buffers {
		if b.Space == plan.ArenaSpace && b.Last >= b.First {
			m.items = append(m.items, &item{buf: b, bytes: m.aligned(b)})
		}
	}
	m.sample()
}

// aligned is the buffer's size in bytes, rounded up.
func (m *planner) aligned(b *plan.Buffer) dim.Expr {
	bytes := m.facts.Norm(b.Size.Mul(dim.Int(int64(b.DType.Size()))))
	if !m.facts.Divides(alignment, bytes) {
		bytes = bytes.CeilDiv(dim.Int(alignment)).Mul(dim.Int(alignment))
	}
	return m.facts.Original(bytes)
}

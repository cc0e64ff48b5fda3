// Package memplan puts the arena buffers of a program into memory without knowing its sizes.
//
// Every pair of buffers that is live at the same time must be ordered: one lies wholly below the other. The pass packs the
// buffers at sample sizes, reads that order off the packing, and writes each offset as the maximum of the ends of the
// buffers below it. A plan made so is valid for all sizes, whatever the packing was; it is tight where the sizes keep their
// proportions, which they do in networks whose activations all scale with the same product of dims. Where they do not (the
// gradients of weights beside activations), the order of one sample may waste memory at another: so each order is judged at
// several samples, and the search packs mixtures of them.
//
// Before packing, elementwise kernels take over the buffer of an operand that dies there. The packing is greedy by size.
package memplan

import (
	"mmc/ir/dim"
	"mmc/ir/plan"
)

const alignment = 64 // bytes: one vector, one cache line

// Run sets the offsets of the program's arena buffers and its Arena.
func Run(p *plan.Program) {
	reuse(p)
	m := &planner{p: p, facts: p.Graph.Facts}
	m.collect()
	m.write(m.stacked(m.search()))
}

// item is a buffer to place.
type item struct {
	buf         *plan.Buffer
	bytes       dim.Expr // symbolic, a multiple of alignment
	sizes       []int64  // the same at each sample
	first, last int      // life, counted in the steps at which some item begins
}

// planner is one run of the pass.
type planner struct {
	p       *plan.Program
	facts   *dim.Facts
	items   []*item
	samples []sample
	starts  int // steps at which some item begins
}

func (m *planner) collect() {
	for _, b := range m.p.Buffers {
		if b.Space == plan.ArenaSpace && b.Last >= b.First {
			m.items = append(m.items, &item{buf: b, bytes: m.aligned(b)})
		}
	}
	m.compress()
	m.sample()
}

// compress renumbers the steps: two items meet at a step where one of them begins or nowhere, so the others need not be looked at.
func (m *planner) compress() {
	begins := make([]int, len(m.p.Steps)+2)
	for _, x := range m.items {
		begins[x.buf.First+1] = 1
	}
	for s := range begins[1:] {
		begins[s+1] += begins[s] // how many such steps there are before step s+1
	}
	m.starts = begins[len(begins)-1]
	for _, x := range m.items {
		x.first, x.last = begins[x.buf.First], begins[x.buf.Last+1]-1
	}
}

// aligned is a buffer's size in bytes, rounded up to the alignment, in the user's symbols.
func (m *planner) aligned(b *plan.Buffer) dim.Expr {
	bytes := m.facts.Norm(b.Size.Mul(dim.Int(int64(b.DType.Size()))))
	if !m.facts.Divides(alignment, bytes) {
		bytes = bytes.CeilDiv(dim.Int(alignment)).Mul(dim.Int(alignment))
	}
	return m.facts.Original(bytes)
}

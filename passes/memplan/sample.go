package memplan

import (
	"slices"

	"mmc/ir/dim"
)

// sample is one choice of sizes.
type sample struct {
	live  []int64 // bytes that are live at each step
	bound int64   // the largest of them: no packing is smaller
}

// levels are the values that the free symbols take in the samples: all small, all large; every other one at its least, as a
// batch of one large image, or a large batch of small ones.
var levels = []func(i int) int64{
	func(int) int64 { return 64 },
	func(int) int64 { return 8 },
	func(int) int64 { return 1 },
	func(i int) int64 { return []int64{1, 96}[i%2] },
	func(i int) int64 { return []int64{96, 1}[i%2] },
}

// sample evaluates all sizes at each level. Symbols are the free ones behind the user's, so that all facts of divisibility
// hold; of their bounds only the lower is kept.
func (m *planner) sample() {
	norm := make([]dim.Expr, len(m.items))
	var symbols []string
	for i, x := range m.items {
		norm[i] = m.facts.Norm(x.bytes)
		symbols = append(symbols, norm[i].Syms()...)
	}
	slices.Sort(symbols)
	symbols = slices.Compact(symbols)
	if len(symbols) == 0 {
		m.evaluate(norm, nil)
	}
	for _, level := range levels[:min(len(levels), 5*len(symbols))] {
		values := map[string]int64{}
		for i, sym := range symbols {
			values[sym] = level(i)
			if lo, _, known, _ := m.facts.Range(dim.Sym(sym)); known {
				values[sym] = max(values[sym], lo)
			}
		}
		m.evaluate(norm, values)
	}
}

// evaluate adds a sample.
func (m *planner) evaluate(bytes []dim.Expr, values map[string]int64) {
	s := sample{live: make([]int64, len(m.p.Steps)+2)}
	for i, x := range m.items {
		v, err := bytes[i].Eval(func(sym string) (int64, bool) { n, ok := values[sym]; return n, ok })
		if err != nil || v < 0 {
			v = alignment // sizes that this sample does not allow
		}
		x.sizes = append(x.sizes, v)
		s.live[x.buf.First] += v
		s.live[x.buf.Last+1] -= v
	}
	for step := range s.live[1:] {
		s.live[step+1] += s.live[step]
	}
	s.bound = slices.Max(s.live)
	m.samples = append(m.samples, s)
}

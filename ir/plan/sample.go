package plan

import (
	"math/rand/v2"
	"slices"
	"strings"

	"mmc/ir/dim"
)

// sampler draws sizes that a call of the program could have.
type sampler struct {
	facts   *dim.Facts
	symbols []string // the user's
	free    []string // those that the user's are made of, where facts bind them
	shapes  []dim.Expr
	rng     *rand.Rand
}

// largestSample bounds the drawn sizes; a third of them is 1, where most mistakes hide.
const largestSample = 40

func newSampler(p *Program) *sampler {
	s := &sampler{facts: p.Graph.Facts, rng: rand.New(rand.NewPCG(1, 2))}
	if s.facts == nil {
		s.facts = new(dim.Facts)
	}
	note := func(e dim.Expr) {
		for _, sym := range s.facts.Original(e).Syms() {
			if !strings.HasPrefix(sym, offsetPrefix) {
				s.symbols = append(s.symbols, sym)
			}
		}
	}
	for _, a := range p.Graph.Args {
		s.shapes = append(s.shapes, a.Value.Type.Shape...)
	}
	for _, st := range p.Steps {
		for _, v := range slices.Concat(st.In, st.Out) {
			s.shapes = append(s.shapes, v.Shape...)
		}
		for _, a := range st.Nest.Axes {
			note(a.Extent)
		}
	}
	for _, b := range p.Buffers {
		note(b.Size)
	}
	for _, e := range s.shapes {
		note(e)
	}
	slices.Sort(s.symbols)
	s.symbols = slices.Compact(s.symbols)
	for _, sym := range s.symbols {
		s.free = append(s.free, s.facts.Norm(dim.Sym(sym)).Syms()...)
	}
	slices.Sort(s.free)
	s.free = slices.Compact(s.free)
	return s
}

// maxDraws bounds the search for sizes that satisfy the facts.
const maxDraws = 1000

// draw returns the sizes of the user's symbols; false where none were found.
func (s *sampler) draw() (map[string]int64, bool) {
	for range maxDraws {
		free := map[string]int64{}
		for _, sym := range s.free {
			free[sym] = s.value(sym)
		}
		sizes, ok := map[string]int64{}, true
		for _, sym := range s.symbols {
			v, err := s.facts.Norm(dim.Sym(sym)).Eval(lookup(free))
			ok = ok && err == nil && v >= 0
			sizes[sym] = v
		}
		if ok && s.valid(sizes) {
			return sizes, true
		}
	}
	return nil, false
}

func (s *sampler) value(sym string) int64 {
	lo, hi, loKnown, hiKnown := s.facts.Range(dim.Sym(sym))
	if !loKnown {
		lo = 0
	}
	if !hiKnown || hi > lo+largestSample {
		hi = lo + largestSample
	}
	if s.rng.IntN(3) == 0 {
		return lo
	}
	return lo + s.rng.Int64N(hi-lo+1)
}

// valid tests what generated code tests of a call: the conditions, and that no size is negative.
func (s *sampler) valid(sizes map[string]int64) bool {
	for _, c := range s.facts.Conditions() {
		if ok, err := c.Holds(lookup(sizes)); err != nil || !ok {
			return false
		}
	}
	for _, e := range s.shapes {
		if v, err := s.facts.Original(e).Eval(lookup(sizes)); err != nil || v < 0 {
			return false
		}
	}
	return true
}

func lookup(m map[string]int64) func(string) (int64, bool) {
	return func(sym string) (int64, bool) { v, ok := m[sym]; return v, ok }
}

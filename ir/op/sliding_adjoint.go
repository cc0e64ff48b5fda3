package op

import (
	"mmc/ir/dim"
	"mmc/ir/loop"
)

// phase is the adjoint's view of one spatial axis. Input positions u = i + low with the same remainder of stride are met
// by the same taps, first, first+step, ..; within a phase both the tap's output position and the input position are
// affine, so that adjoints are sums over taps as well, not scattered additions.
type phase struct {
	count, taps dim.Expr                         // input positions; taps that meet them
	image       func(q loop.Index) loop.Index    // input position of q
	tap         func(t loop.Index) loop.Index    // number of tap t
	output      func(q, t loop.Index) loop.Index // output position at which tap t meets image(q)
}

// phases lists the phases of axis i for an input of that size. Phases without taps have taps 0.
func (s sliding) phases(i int, size dim.Expr) []phase {
	stride, dilation, low := s.stride[i], s.dilation[i], s.low[i]
	step := stride / gcd(stride, dilation)
	var out []phase
	for r := range stride {
		begin := low.Sub(konst(r)).CeilDiv(konst(stride))
		p := phase{
			count: size.Add(low).Sub(konst(r)).CeilDiv(konst(stride)).Sub(begin),
			taps:  zero,
			image: func(q loop.Index) loop.Index {
				return shift(scale(q, konst(stride)), begin.Mul(konst(stride)).Add(konst(r)).Sub(low))
			},
		}
		if first, ok := firstTap(r, stride, dilation, step); ok {
			p.taps = s.kernel[i].Sub(konst(first)).CeilDiv(konst(step))
			p.tap = func(t loop.Index) loop.Index { return shift(scale(t, konst(step)), konst(first)) }
			p.output = func(q, t loop.Index) loop.Index {
				back := scale(t, konst(-step*dilation/stride))
				return shift(plus(q, back), begin.Add(konst((r-first*dilation)/stride)))
			}
		}
		if n, known := p.count.Const(); !known || n > 0 {
			out = append(out, p)
		}
	}
	return out
}

// firstTap is the smallest tap k with k*dilation = r (mod stride).
func firstTap(r, stride, dilation, step int64) (int64, bool) {
	for k := range step {
		if (k*dilation-r)%stride == 0 {
			return k, true
		}
	}
	return 0, false
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// adjoint builds a nest for every combination of phases. body adds the axes that lead, calls walk to add the spatial ones
// and finishes the nest; where no tap meets the phase, empty does so.
func (s sliding) adjoint(size []dim.Expr, body func(k *nest, ps []phase), empty func(k *nest, ps []phase)) []*loop.Nest {
	var out []*loop.Nest
	var choose func(i int, ps []phase)
	choose = func(i int, ps []phase) {
		if i < len(size) {
			for _, p := range s.phases(i, size[i]) {
				choose(i+1, append(ps[:i:i], p))
			}
			return
		}
		k, finish := newNest(), body
		for _, p := range ps {
			if n, known := p.taps.Const(); known && n <= 0 {
				finish = empty
			}
		}
		finish(k, ps)
		out = append(out, &k.Nest)
	}
	choose(0, nil)
	return out
}

// always reports whether every input position is met by every tap, so that adjoints need no guard.
func (s sliding) always() bool {
	for i, k := range s.kernel {
		if !k.IsConst(1) || s.stride[i] != 1 {
			return false
		}
	}
	return !s.guard()
}

package kernel

import "mmc/codegen/vec"

// PeakFMAs is how many independent fused multiply-adds one round of a Peak kernel does on each lane.
const PeakFMAs = 24

// Peak builds func(x []float32, n int): n rounds of PeakFMAs independent multiply-adds on registers, which is the most that a
// core can do: 2*PeakFMAs*Lanes operations per round. x has two vectors: the factors, and a place for the sums.
func Peak(name string, t *vec.Target) (*vec.Func, error) {
	b := vec.New(name, t, vec.Slice("x", vec.F32), vec.Int("n"))
	x := b.Load(vec.At(b.Ptr("x"), 0), 0)
	var acc [PeakFMAs]vec.V
	for k := range acc {
		acc[k] = b.Zero()
	}
	b.LoopArg("n", func() {
		for _, a := range acc {
			b.Fma(a, x, x)
		}
	})
	for _, a := range acc[1:] {
		b.Set(acc[0], b.Add(acc[0], a))
	}
	b.Store(acc[0], vec.At(b.Ptr("x"), b.Lanes()), 0)
	return b.Build()
}

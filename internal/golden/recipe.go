package golden

import (
	"hash/fnv"
	"math"
)

// golden ratio's fraction in 64 bits: the increment of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
const increment = 0x9E3779B97F4A7C15

// seedOf is FNV-1a of a tensor's full name.
func seedOf(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}

// unit returns the value of flat index i in [0, 1): a counter-based draw, so that tensors may be made in any order.
func unit(seed uint64, i int) float64 {
	z := seed + uint64(i+1)*increment
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	z ^= z >> 31
	return float64(z>>40) / (1 << 24)
}

// between maps u to [lo, hi). The conversion forbids a fused multiply-add, which would round once instead of twice.
func between(lo, hi, u float64) float64 { return lo + float64((hi-lo)*u) }

func uniform(name string, lo, hi float64, n int) []float32 {
	seed := seedOf(name)
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(between(lo, hi, unit(seed, i)))
	}
	return out
}

func integers(name string, lo, hi float64, n int) []int64 {
	seed := seedOf(name)
	out := make([]int64, n)
	for i := range out {
		out[i] = int64(math.Floor(between(lo, hi, unit(seed, i))))
	}
	return out
}

// normal draws by Box and Muller; the last bit may differ where log and cos do.
func normal(name string, n int) []float32 {
	first, second := seedOf(name+"#1"), seedOf(name+"#2")
	out := make([]float32, n)
	for i := range out {
		u1, u2 := 1-unit(first, i), unit(second, i)
		out[i] = float32(math.Sqrt(-2*math.Log(u1)) * math.Cos(2*math.Pi*u2))
	}
	return out
}

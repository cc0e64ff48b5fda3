package rt

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var sample = Draw{Seed: 42, Path: "h.3.dropout1.keep", Step: 7, Ordinal: 1, Iter: 2}

// draws are all the distributions, as float32 tensors.
var draws = map[string]func(d Draw, dst []float32, first int){
	"uniform":   func(d Draw, dst []float32, first int) { Uniform(d, dst, first, -2, 3) },
	"normal":    func(d Draw, dst []float32, first int) { Normal(d, dst, first, 1, 2) },
	"bernoulli": func(d Draw, dst []float32, first int) { Bernoulli(d, dst, first, 0.3) },
	"randint": func(d Draw, dst []float32, first int) {
		if err := RandInt(d, dst, first, -5, 100); err != nil {
			panic(err)
		}
	},
}

// The words of a draw are Philox under the documented key and counter.
func TestDrawAddress(t *testing.T) {
	h := Hash64(42, "h.3.dropout1.keep")
	key := [2]uint32{uint32(h), uint32(h >> 32)}
	assert.Equal(t, key, sample.Key())
	w := Philox([4]uint32{5, 7, 1, 2}, key)
	assert.Equal(t, w, sample.Words(key, 5))
	got := make([]float64, 4)
	Uniform(sample, got, 20, 0, 1)
	for i := range got {
		assert.Equal(t, float64(w[i]>>8)/(1<<24), got[i])
	}
}

func TestDrawsDoNotDependOnTheCut(t *testing.T) {
	const n = 1003
	for name, draw := range draws {
		whole := make([]float32, n)
		draw(sample, whole, 0)
		for _, piece := range []int{1, 2, 3, 4, 7, 64, 1000} {
			parts := make([]float32, n)
			for at := 0; at < n; at += piece {
				draw(sample, parts[at:min(at+piece, n)], at)
			}
			assert.Equal(t, whole, parts, "%s in pieces of %d", name, piece)
		}
	}
}

func TestDrawsDifferByAddress(t *testing.T) {
	const n = 64
	others := []Draw{sample, sample, sample, sample, sample}
	others[0].Seed++
	others[1].Path += "x"
	others[2].Step++
	others[3].Ordinal++
	others[4].Iter++
	for name, draw := range draws {
		a := make([]float32, n)
		draw(sample, a, 0)
		for i, d := range others {
			b := make([]float32, n)
			draw(d, b, 0)
			assert.NotEqual(t, a, b, "%s %d", name, i)
		}
	}
}

func TestWiderDrawsAreTheSame(t *testing.T) {
	const n = 257
	f, d := make([]float32, n), make([]float64, n)
	i, l := make([]int32, n), make([]int64, n)
	same := func() {
		t.Helper()
		for j := range f {
			require.Equal(t, float64(f[j]), d[j])
		}
	}
	Normal(sample, f, 3, 0.1, 0.7)
	Normal(sample, d, 3, 0.1, 0.7)
	same()
	Uniform(sample, f, 3, 0.1, 0.7)
	Uniform(sample, d, 3, 0.1, 0.7)
	same()
	require.NoError(t, RandInt(sample, f, 0, -9, 1000))
	require.NoError(t, RandInt(sample, d, 0, -9, 1000))
	same()
	require.NoError(t, RandInt(sample, i, 0, -9, 1000))
	require.NoError(t, RandInt(sample, l, 0, -9, 1000))
	for j := range i {
		require.Equal(t, int64(i[j]), l[j])
		require.Equal(t, float32(i[j]), f[j])
	}
	keep := make([]bool, n)
	Bernoulli(sample, i, 5, 0.3)
	BernoulliBool(sample, keep, 5, 0.3)
	for j := range keep {
		require.Equal(t, keep[j], i[j] == 1)
	}
}

// TestNormalFollowsItsFormula compares with Box and Muller in float64.
func TestNormalFollowsItsFormula(t *testing.T) {
	const n = 1 << 16
	got := make([]float32, n)
	Normal(sample, got, 0, 0, 1)
	key := sample.Key()
	for i := 0; i < n; i += 2 {
		w := sample.Words(key, uint32(i/4))
		radial, angular := w[i%4], w[i%4+1]
		r := math.Sqrt(-2 * math.Log((float64(radial>>8)+1)/(1<<24)))
		sin, cos := math.Sincos(2 * math.Pi * float64(angular>>8) / (1 << 24))
		require.InDelta(t, r*cos, got[i], 1e-6)
		require.InDelta(t, r*sin, got[i+1], 1e-6)
	}
}

func TestLogarithm(t *testing.T) {
	worst := 0.0
	for k := int32(1); k <= 1<<24; k += 1 + k>>10 { // every small number, and a thousand in each octave
		want := math.Log(float64(k) / (1 << 24))
		worst = max(worst, math.Abs(float64(lnUnit(k))-want)/math.Abs(want-1e-30))
	}
	for k := int32(1<<24 - 5000); k < 1<<24; k++ {
		want := math.Log(float64(k) / (1 << 24))
		worst = max(worst, math.Abs(float64(lnUnit(k))-want)/math.Abs(want))
	}
	assert.Less(t, worst, 2.5e-7, "relative error")
	assert.Zero(t, lnUnit(1<<24))
}

func TestSineAndCosine(t *testing.T) {
	worst := 0.0
	for k := 0; k < 1<<24; k += 97 {
		sin, cos := sinCosTurn(uint32(k)<<8 | 0xFF)
		s, c := math.Sincos(2 * math.Pi * float64(k) / (1 << 24))
		worst = max(worst, math.Abs(float64(sin)-s), math.Abs(float64(cos)-c))
	}
	assert.Less(t, worst, 1.5e-7)
	for quarter, want := range [4][2]float32{{0, 1}, {1, 0}, {0, -1}, {-1, 0}} {
		sin, cos := sinCosTurn(uint32(quarter) << 30)
		assert.Equal(t, want[0], sin+0)
		assert.Equal(t, want[1], cos+0)
	}
}

// moments are mean, deviation, skewness and excess kurtosis.
func moments(x []float32) (mean, deviation, skew, kurtosis float64) {
	n := float64(len(x))
	for _, v := range x {
		mean += float64(v) / n
	}
	var m2, m3, m4 float64
	for _, v := range x {
		d := float64(v) - mean
		m2 += d * d / n
		m3 += d * d * d / n
		m4 += d * d * d * d / n
	}
	return mean, math.Sqrt(m2), m3 / math.Pow(m2, 1.5), m4/(m2*m2) - 3
}

// kolmogorov is sqrt(n) times the largest distance between the empirical and a continuous distribution function;
// above 1.95 it refutes at the level of 0.1 %.
func kolmogorov(x []float32, cdf func(float64) float64) float64 {
	s := slices.Clone(x)
	slices.Sort(s)
	n, d := float64(len(s)), 0.0
	for i, v := range s {
		p := cdf(float64(v))
		d = max(d, p-float64(i)/n, float64(i+1)/n-p)
	}
	return d * math.Sqrt(n)
}

func TestUniformStatistics(t *testing.T) {
	const n = 1 << 18
	x := make([]float32, n)
	Uniform(sample, x, 0, -2, 3)
	assert.GreaterOrEqual(t, slices.Min(x), float32(-2))
	assert.Less(t, slices.Max(x), float32(3))
	mean, deviation, skew, kurtosis := moments(x)
	assert.InDelta(t, 0.5, mean, 4*1.4434/512)
	assert.InDelta(t, 5/math.Sqrt(12), deviation, 0.01)
	assert.InDelta(t, 0, skew, 0.02)
	assert.InDelta(t, -1.2, kurtosis, 0.02)
	assert.Less(t, kolmogorov(x, func(v float64) float64 { return (v + 2) / 5 }), 1.95)
}

// Rounding must not reach the upper end: 1 + (1 - 2^-24) would be 2.
func TestUniformStaysBelow(t *testing.T) {
	l := uniformLaw{lo: 1, width: 1, last: below(2)}
	v := l.values([4]uint32{math.MaxUint32, 0, 0, 0})
	assert.Less(t, v[0], float32(2))
	assert.Equal(t, float32(1), v[1])
	x := make([]float32, 9)
	Uniform(sample, x, 0, 3, 3)
	assert.Equal(t, float32(3), slices.Min(x))
	assert.Equal(t, float32(3), slices.Max(x))
}

func TestNormalStatistics(t *testing.T) {
	const n = 1 << 18
	x := make([]float32, n)
	Normal(sample, x, 0, 0, 1)
	mean, deviation, skew, kurtosis := moments(x)
	assert.InDelta(t, 0, mean, 4.0/512)
	assert.InDelta(t, 1, deviation, 4.0/512/math.Sqrt2)
	assert.InDelta(t, 0, skew, 4*math.Sqrt(6.0/n))
	assert.InDelta(t, 0, kurtosis, 4*math.Sqrt(24.0/n))
	assert.Less(t, kolmogorov(x, func(v float64) float64 { return math.Erfc(-v/math.Sqrt2) / 2 }), 1.95)
	for _, lag := range []int{1, 2, 3, 4} { // pairs share a radius, blocks a counter
		c, sq := 0.0, 0.0
		for i := lag; i < n; i++ {
			a, b := float64(x[i]), float64(x[i-lag])
			c += a * b / n
			sq += (a*a - 1) * (b*b - 1) / (2 * n)
		}
		assert.InDelta(t, 0, c, 4.0/512, "lag %d", lag)
		assert.InDelta(t, 0, sq, 4.0/512, "lag %d", lag)
	}
}

func TestBernoulliStatistics(t *testing.T) {
	const n = 1 << 18
	x := make([]float32, n)
	for _, p := range []float32{0, 0.001, 0.3, 0.5, 0.9, 1} {
		Bernoulli(sample, x, 0, p)
		mean, _, _, _ := moments(x)
		assert.InDelta(t, p, mean, 4*math.Sqrt(float64(p*(1-p)))/512+1e-9)
		for _, v := range x {
			if v != 0 && v != 1 {
				t.Fatal(v)
			}
		}
	}
}

// chiSquare of counts that should be equal, less its mean, in units of its deviation: about normal for many cells.
func chiSquare(counts []int) float64 {
	total, x := 0, 0.0
	for _, c := range counts {
		total += c
	}
	want := float64(total) / float64(len(counts))
	for _, c := range counts {
		x += (float64(c) - want) * (float64(c) - want) / want
	}
	free := float64(len(counts) - 1)
	return (x - free) / math.Sqrt(2*free)
}

func TestRandInt(t *testing.T) {
	const n = 1 << 18
	x := make([]int32, n)
	require.NoError(t, RandInt(sample, x, 0, -50, 50))
	counts := make([]int, 100)
	for _, v := range x {
		counts[v+50]++ // out of range panics
	}
	assert.InDelta(t, 0, chiSquare(counts), 4)

	wide := make([]int64, 1000)
	require.NoError(t, RandInt(sample, wide, 0, math.MinInt64, math.MinInt64+1<<32))
	key := sample.Key()
	for i, v := range wide {
		require.Equal(t, int64(math.MinInt64)+int64(sample.Words(key, uint32(i/4))[i%4]), v)
	}
	require.NoError(t, RandInt(sample, wide, 0, 7, 8))
	assert.Equal(t, int64(7), slices.Max(wide))
	assert.Equal(t, int64(7), slices.Min(wide))
	for _, bad := range [][2]int64{{0, 0}, {1, 0}, {0, 1<<32 + 1}, {math.MinInt64, math.MaxInt64}} {
		assert.ErrorContains(t, RandInt(sample, wide, 0, bad[0], bad[1]), "randint(")
	}
}

func TestPermutation(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 5, 1000} {
		x := make([]int64, n)
		Permutation(sample, x)
		s := slices.Clone(x)
		slices.Sort(s)
		for i, v := range s {
			require.Equal(t, int64(i), v)
		}
	}
	counts := make([]int, 24) // every order of four equally often
	d := sample
	for i := range 24_000 {
		d.Step = uint32(i)
		var x [4]int32
		Permutation(d, x[:])
		code := 0
		for i, v := range x {
			less := 0
			for _, w := range x[i+1:] {
				if w < v {
					less++
				}
			}
			code = code*(4-i) + less
		}
		counts[code]++
	}
	assert.InDelta(t, 0, chiSquare(counts), 4)
}

func TestDrawsAllocateNothing(t *testing.T) {
	x := make([]float32, 100)
	for name, draw := range draws {
		assert.Zero(t, testing.AllocsPerRun(10, func() { draw(sample, x, 3) }), name)
	}
}

func BenchmarkNormal(b *testing.B) {
	x := make([]float32, 1<<16)
	b.SetBytes(int64(4 * len(x)))
	for b.Loop() {
		Normal(sample, x, 0, 0, 1)
	}
}

func BenchmarkUniform(b *testing.B) {
	x := make([]float32, 1<<16)
	b.SetBytes(int64(4 * len(x)))
	for b.Loop() {
		Uniform(sample, x, 0, 0, 1)
	}
}

package rt

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFloorDivAndMod(t *testing.T) {
	for a := -20; a <= 20; a++ {
		assert.Equal(t, 0, FloorDiv(a, 0))
		assert.Equal(t, a, FloorMod(a, 0))
		for b := -7; b <= 7; b++ {
			if b == 0 {
				continue
			}
			want := int(math.Floor(float64(a) / float64(b)))
			require.Equal(t, want, FloorDiv(a, b), "%d %d", a, b)
			require.Equal(t, a-b*want, FloorMod(a, b), "%d %d", a, b)
			require.Equal(t, float64(a-b*want), Mod(float64(a), float64(b)))
		}
	}
	assert.Equal(t, int32(math.MinInt32), FloorDiv[int32](math.MinInt32, -1), "wraps, and does not panic")
	assert.Equal(t, uint8(3), FloorMod[uint8](255, 4))
	assert.InDelta(t, 1.5, Mod(-0.5, 2), 1e-15)
	assert.InDelta(t, -0.5, Mod(1.5, -2), 1e-15)
	assert.True(t, math.IsNaN(Mod(1, 0)))
}

func TestPowInt(t *testing.T) {
	for a := int64(-9); a <= 9; a++ {
		for b := int64(0); b <= 15; b++ {
			want := new(big.Int).Exp(big.NewInt(a), big.NewInt(b), nil).Int64()
			require.Equal(t, want, PowInt(a, b), "%d ** %d", a, b)
		}
	}
	assert.Equal(t, int64(1), PowInt[int64](1, -5))
	assert.Equal(t, int64(-1), PowInt[int64](-1, -5))
	assert.Equal(t, int64(1), PowInt[int64](-1, -4))
	assert.Equal(t, int64(0), PowInt[int64](2, -1))
	assert.Equal(t, uint8(0), PowInt[uint8](16, 2), "wraps")
}

func TestSignAbsClamp(t *testing.T) {
	negative := math.Copysign(0, -1)
	assert.Equal(t, []float64{1, -1}, []float64{Sign(0.25), Sign(-3.0)})
	assert.True(t, math.Signbit(Sign(negative)))
	assert.True(t, math.IsNaN(Sign(math.NaN())))
	assert.Equal(t, uint8(1), Sign[uint8](9))
	assert.False(t, math.Signbit(Abs(negative)))
	assert.Equal(t, 2.5, Abs(-2.5))
	assert.True(t, math.IsNaN(Abs(math.NaN())))
	assert.Equal(t, []int{0, 0, 4, 4}, []int{Clamp(-3, 5), Clamp(0, 5), Clamp(4, 5), Clamp(9, 5)})
	assert.Equal(t, []float64{0, 0.5, 1}, []float64{Sigmoid(math.Inf(-1)), Sigmoid(0), Sigmoid(math.Inf(1))})
	assert.Equal(t, float32(0.0999755859375), RoundF16(0.1))
	assert.Equal(t, float32(0.10009765625), RoundBF16(0.1))
}

// Chunks of a split cover the axis that was cut once, and the others whole.
func TestSplitCovers(t *testing.T) {
	for _, work := range []int{0, 1, minChunk, 10 * minChunk, 1000 * minChunk} {
		for _, extents := range [][]int{{1}, {7}, {3, 100}, {1000, 1000}, {0, 5}, {100, 3, 64}} {
			var s Split
			chunks := s.Cut(work, extents...)
			require.Positive(t, chunks)
			require.LessOrEqual(t, chunks, maxSplit)
			cut := 0
			for axis, n := range extents {
				end, whole := 0, true
				for c := range chunks {
					from, to := s.Range(axis, c, n)
					if from != 0 || to != n {
						whole = false
					}
					if c > 0 && !whole {
						require.Equal(t, end, from)
					}
					end = to
				}
				require.Equal(t, n, end)
				if !whole {
					cut++
				}
			}
			require.Equal(t, chunks > 1, cut == 1, "%v", extents)
		}
	}
}

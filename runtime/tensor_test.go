package rt

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNew(t *testing.T) {
	x, err := New[float32](2, 3)
	require.NoError(t, err)
	assert.Equal(t, 6, x.Len())
	assert.Equal(t, 2, x.Rank())
	x, err = New[float32]()
	require.NoError(t, err)
	assert.Equal(t, 1, x.Len(), "a scalar")
	x, err = New[float32](3, 0)
	require.NoError(t, err)
	assert.Zero(t, x.Len())
	for _, shape := range [][]int{{-1}, {math.MaxInt, 2}, {math.MaxInt}, {1 << 20, 1 << 20}, {0, -1}} {
		_, err = New[float64](shape...)
		var bad *ShapeError
		assert.ErrorAs(t, err, &bad, "%v", shape)
	}
}

func TestFromSlice(t *testing.T) {
	data := []int32{1, 2, 3, 4}
	shape := []int{2, 2}
	x, err := FromSlice(data, shape...)
	require.NoError(t, err)
	shape[0] = 9
	data[0] = 7
	assert.Equal(t, []int{2, 2}, x.Shape, "the shape is copied")
	assert.Equal(t, int32(7), x.Data[0], "the data is shared")
	c := x.Clone()
	x.Data[0], x.Shape[0] = 0, 0
	assert.Equal(t, int32(7), c.Data[0])
	assert.Equal(t, []int{2, 2}, c.Shape)
	_, err = FromSlice(data, 3, 2)
	assert.EqualError(t, err, "shape [3, 2] has 6 elements, the data 4")
}

func TestTensorString(t *testing.T) {
	for want, x := range map[string]interface{ String() string }{
		"f32[3] 0.1 0 NaN":     tensor(t, 0.1, 0, float32(math.NaN())),
		"f64[1] 0.333333":      tensor(t, 1.0/3),
		"i32[2] -1 7":          tensor[int32](t, -1, 7),
		"i64[8] 0 1 2 3 4 5 …": tensor[int64](t, 0, 1, 2, 3, 4, 5, 6, 7),
		"u8[1] 255":            tensor[uint8](t, 255),
		"bool[2] true false":   tensor(t, true, false),
		"f16[1] 1.5":           tensor(t, ToF16(1.5)),
		"bf16[1] -2":           tensor(t, ToBF16(-2)),
		"f32[0]":               tensor[float32](t),
	} {
		assert.Equal(t, want, x.String())
	}
}

// TestHalfRoundTrip widens every half and rounds it back.
func TestHalfRoundTrip(t *testing.T) {
	for i := range 1 << 16 {
		f, b := F16(i).Float32(), BF16(i).Float32()
		if f == f {
			require.Equal(t, F16(i), ToF16(f), "%#04x", i)
		} else {
			require.Equal(t, F16(i)|0x200, ToF16(f), "%#04x: a quiet NaN", i)
		}
		if b == b {
			require.Equal(t, BF16(i), ToBF16(b), "%#04x", i)
		} else {
			require.Equal(t, BF16(i)|0x40, ToBF16(b), "%#04x: a quiet NaN", i)
		}
	}
}

// value is what the bits of a half mean, by the definition.
func value(exp, frac, expBits, fracBits int) float64 {
	bias := 1<<(expBits-1) - 1
	if exp == 0 {
		return math.Ldexp(float64(frac), 1-bias-fracBits)
	}
	return math.Ldexp(float64(frac)+math.Ldexp(1, fracBits), exp-bias-fracBits)
}

// TestHalfRounds checks values around every midpoint of two neighbours: the even one wins the tie.
func TestHalfRounds(t *testing.T) {
	for i := range 0x7C00 {
		low := value(i>>10, i&0x3FF, 5, 10)
		high := 65536.0 // where the number after the largest would be
		if i+1 < 0x7C00 {
			high = value((i+1)>>10, (i+1)&0x3FF, 5, 10)
		}
		require.Equal(t, low, float64(F16(i).Float32()), "%#04x", i)
		mid := float32((low + high) / 2)
		require.Equal(t, F16(i+i&1), ToF16(mid), "%#04x", i)
		require.Equal(t, F16(i), ToF16(math.Nextafter32(mid, 0)), "%#04x", i)
		require.Equal(t, F16(i+1), ToF16(math.Nextafter32(mid, math.MaxFloat32)), "%#04x", i)
		require.Equal(t, F16(i+i&1)|0x8000, ToF16(-mid), "%#04x", i)
	}
	for i := range 0x7F80 {
		require.Equal(t, value(i>>7, i&0x7F, 8, 7), float64(BF16(i).Float32()), "%#04x", i)
		mid := math.Float32frombits(uint32(i)<<16 | 0x8000)
		require.Equal(t, BF16(i+i&1), ToBF16(mid), "%#04x", i)
		require.Equal(t, BF16(i), ToBF16(math.Float32frombits(uint32(i)<<16|0x7FFF)), "%#04x", i)
		require.Equal(t, BF16(i+1), ToBF16(math.Float32frombits(uint32(i)<<16|0x8001)), "%#04x", i)
	}
}

func TestDTypes(t *testing.T) {
	for d := InvalidDType + 1; d < numDTypes; d++ {
		got, ok := ParseDType(d.String())
		assert.True(t, ok, d)
		assert.Equal(t, d, got)
		assert.Positive(t, d.Bits())
	}
	_, ok := ParseDType("invalid")
	assert.False(t, ok)
	assert.Equal(t, "invalid", DType(200).String())
	assert.Equal(t, []DType{F32, F64, I32, I64, U8, BOOL, F16Type, BF16Type}, []DType{DTypeOf[float32](), DTypeOf[float64](),
		DTypeOf[int32](), DTypeOf[int64](), DTypeOf[uint8](), DTypeOf[bool](), DTypeOf[F16](), DTypeOf[BF16]()})
}

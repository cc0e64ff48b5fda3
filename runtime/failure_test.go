package rt

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lookup is a kernel whose chunk i reads at position at[i] of five.
type lookup struct{ at []int64 }

func (l *lookup) Chunks() int { return len(l.at) }
func (l *lookup) Chunk(i int) { Index(l.at[i], 5) }

// A wrong index ends its kernel, whoever ran it, and the next one is not affected.
func TestIndex(t *testing.T) {
	for _, threads := range []int{1, 3} {
		m := &Machine{Pool: NewPool(threads)}
		for _, at := range []int64{5, -1, math.MaxInt64, math.MinInt64} {
			require.NoError(t, m.Enter())
			m.Do(&lookup{[]int64{0, 4, 2, at, 1}})
			m.At("f: take (m.mm:3)")
			err := m.Failed()
			m.Leave()
			e := (*IndexError)(nil)
			require.ErrorAs(t, err, &e)
			assert.Equal(t, IndexError{Index: at, Size: 5, Where: "f: take (m.mm:3)"}, *e)
		}
		m.Do(&lookup{[]int64{0, 4}})
		m.At("f")
		require.NoError(t, m.Failed())
	}
	assert.EqualError(t, &IndexError{Index: 7, Size: 5, Where: "f"}, "f: index 7 is outside 0 .. 4")
}

func TestLoss(t *testing.T) {
	m := new(Machine)
	m.Loss("step", "loss", 1e300)
	require.NoError(t, m.Failed())
	for x, text := range map[float64]string{math.Inf(1): "infinite", math.Inf(-1): "infinite", math.NaN(): "NaN"} {
		m.Loss("step", "loss", x)
		m.Loss("step", "other", 0)
		require.EqualError(t, InStep(m.Failed(), 6), "step: loss is "+text+" in step 7")
	}
	m.AnyLoss = true
	m.Loss("step", "loss", math.NaN())
	require.NoError(t, m.Failed())
	assert.Equal(t, context.Canceled, InStep(context.Canceled, 6))
}

func TestTorn(t *testing.T) {
	m, cause := new(Machine), errors.New("cause")
	err := m.Torn(cause)
	require.ErrorIs(t, err, cause)
	for range 2 {
		require.Equal(t, err, m.Enter())
	}
	require.NoError(t, m.Occupy(), "a refused call does not stay")
	m.Mended()
	m.Leave()
	require.NoError(t, m.Enter())
}

func TestCheckNumbers(t *testing.T) {
	nan := math.NaN()
	f, d, h, b, i := []float32{1, float32(nan)}, []float64{nan}, []F16{ToF16(float32(nan))}, []BF16{ToBF16(float32(nan))}, []int32{-1}
	cell := func(name string, data Slice) Cell { return Cell{ParamSpec{Name: name}, data} }
	for _, c := range []Cell{cell("f", SliceOf(&f)), cell("d", SliceOf(&d)), cell("h", SliceOf(&h)), cell("b", SliceOf(&b))} {
		require.EqualError(t, CheckNumbers([]Cell{cell("i", SliceOf(&i)), c}), c.Name+" holds NaN: it is not saved")
		c.Data.fill(math.Inf(1))
		require.NoError(t, CheckNumbers([]Cell{c}))
	}
}

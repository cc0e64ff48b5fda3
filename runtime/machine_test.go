package rt

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type counted struct {
	marks
	n int
}

func (c *counted) Chunks() int { return c.n }

func TestMachine(t *testing.T) {
	m := Machine{Pool: NewPool(2)}
	defer m.Pool.Close()
	require.NoError(t, m.Enter())
	assert.ErrorContains(t, m.Enter(), "two calls at the same time")
	for _, n := range []int{1, 5, 0} {
		k := &counted{marks{make([]int32, n)}, n}
		m.Do(k)
		k.allOnce(t)
		assert.Equal(t, n != 1, m.awake, "workers are woken by the first kernel for many, and stay up")
	}
	require.NoError(t, m.Failed())
	m.Leave()
	assert.False(t, m.awake)
	assert.Zero(t, m.Pool.t.calls.Load())
	require.NoError(t, m.Enter(), "the call before has ended")
	m.Leave()
}

type failing struct{ faulty }

func (f *failing) Chunks() int { return 4 }

func TestMachineKeepsTheFirstFailure(t *testing.T) {
	m := Machine{Pool: NewPool(2)}
	defer m.Pool.Close()
	require.NoError(t, m.Enter())
	m.Do(&failing{faulty{2, "first"}})
	m.Do(&failing{faulty{0, "second"}})
	assert.EqualError(t, m.Failed(), "internal error: panic in chunk 2: first")
	assert.NoError(t, m.Failed(), "is forgotten")
	m.Leave()
}

func TestTape(t *testing.T) {
	tape := Tape{"h.0.keep#0": tensor[float32](t, 0, 1, 2)}
	dst := make([]int32, 3)
	found, err := Fill(tape, "h.0.keep#0", dst)
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, []int32{0, 1, 2}, dst)
	keep := make([]bool, 3)
	found, err = FillBool(tape, "h.0.keep#0", keep)
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, []bool{false, true, true}, keep)
	found, err = Fill(tape, "h.1.keep#0", dst)
	require.NoError(t, err)
	assert.False(t, found)
	_, err = Fill(tape, "h.0.keep#0", dst[:2])
	assert.EqualError(t, err, "h.0.keep#0 has 3 elements on the noise tape, want 2")
	_, err = FillBool(tape, "h.0.keep#0", keep[:2])
	assert.Error(t, err)
}

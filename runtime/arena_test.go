package rt

import (
	"math"
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestArenaIsAligned(t *testing.T) {
	for _, size := range []int{1, 63, 64, 65, 1000, 4096, 100_000} {
		var a Arena
		require.NoError(t, a.Grow(size))
		assert.Equal(t, size, a.Size())
		assert.Zero(t, uintptr(unsafe.Pointer(&View[uint8](&a, 0, size)[0]))%Alignment)
	}
}

func TestArenaGrowsOnly(t *testing.T) {
	var a Arena
	require.NoError(t, a.Grow(256))
	x := View[float32](&a, 64, 8)
	x[0] = 1
	require.NoError(t, a.Grow(100))
	require.NoError(t, a.Grow(0))
	assert.Equal(t, 256, a.Size())
	assert.Equal(t, float32(1), View[float32](&a, 64, 8)[0], "same block")
	assert.Zero(t, testing.AllocsPerRun(10, func() { _ = a.Grow(256); _ = View[float64](&a, 128, 4) }))
}

func TestArenaRefuses(t *testing.T) {
	a := Arena{Limit: 1 << 20}
	assert.EqualError(t, a.Grow(3<<19), "these sizes need 1.5 MiB of working memory, over the limit of 1.0 MiB")
	a.Limit = 0
	for _, size := range []int{-1, math.MinInt, math.MaxInt, maxBytes + 1} {
		assert.EqualError(t, a.Grow(size), "these sizes need more memory than can be addressed")
		assert.Zero(t, a.Size())
	}
	if have := machineMemory(); have > 0 && have < int64(maxBytes) {
		assert.ErrorContains(t, a.Grow(maxBytes), "and the machine has")
		assert.Zero(t, a.Size())
	}
	assert.NoError(t, a.Grow(64), "still usable")
}

func TestViews(t *testing.T) {
	var a Arena
	require.NoError(t, a.Grow(64))
	f := View[float32](&a, 0, 4)
	f[0] = 1
	assert.Equal(t, int32(0x3F800000), View[int32](&a, 0, 1)[0])
	assert.Equal(t, 4, cap(f), "append cannot run into a neighbour")
	assert.Nil(t, View[float32](&a, 64, 0))
	assert.Panics(t, func() { View[float32](&a, 2, 1) })
	assert.Panics(t, func() { View[float32](&a, 60, 2) })
	assert.Panics(t, func() { View[float32](&a, -4, 1) })
}

func TestPoison(t *testing.T) {
	var a Arena
	require.NoError(t, a.Grow(256))
	if Poison {
		assert.True(t, math.IsNaN(View[float64](&a, 0, 32)[31]), "new memory is poisoned")
	}
	a.Poison(64, 64)
	for _, v := range View[float32](&a, 64, 16) {
		assert.True(t, v != v)
	}
	for _, v := range View[BF16](&a, 64, 32) {
		assert.True(t, v.Float32() != v.Float32())
	}
	assert.Equal(t, int64(-1), View[int64](&a, 64, 8)[0])
	if !Poison {
		assert.Zero(t, View[uint8](&a, 63, 1)[0])
		assert.Zero(t, View[uint8](&a, 128, 1)[0])
	}
}

func TestByteText(t *testing.T) {
	assert.Equal(t, "1023 bytes", byteText(1023))
	assert.Equal(t, "1.0 KiB", byteText(1024))
	assert.Equal(t, "1.5 GiB", byteText(3<<29))
}

func TestMachineMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux is asked")
	}
	assert.Greater(t, machineMemory(), int64(64<<20))
}

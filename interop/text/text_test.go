package text

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"mmc/interop/tensor"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBothWays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	want := []byte("Größe\x00\xff\n")
	require.NoError(t, os.WriteFile(path, want, 0o644))
	x, err := ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, []int{1, len(want)}, x.Shape)
	assert.Equal(t, int32(0xc3), x.Data.([]int32)[2])
	var b bytes.Buffer
	require.NoError(t, Write(&b, x))
	assert.Equal(t, want, b.Bytes())

	_, err = ReadFile(filepath.Join(t.TempDir(), "none.txt"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestWriteRefuses(t *testing.T) {
	for says, x := range map[string]*tensor.Tensor{
		"element 1 is 256":       {Shape: []int{2}, Data: []int64{1, 256}},
		"element 0 is -1":        {Shape: []int{1, 1}, Data: []int32{-1}},
		"no implicit conversion": {Shape: []int{1}, Data: []float32{65}},
		"is no text":             {Shape: []int{2, 1}, Data: []int32{65, 65}},
		"2 elements":             {Shape: []int{2}, Data: []int32{65}},
	} {
		assert.ErrorContains(t, Write(&bytes.Buffer{}, x), says)
	}
}

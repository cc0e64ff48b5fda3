package npy

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/interop/tensor"
)

// zeros is a deflated archive whose entries hold so many zeros each: a thousandth of what it stands for.
func zeros(t *testing.T, n int, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		w, err := z.Create(name + ".npy")
		require.NoError(t, err)
		require.NoError(t, writeHeader(w, "f4", []int{n}))
		_, err = io.CopyN(w, endless{}, int64(4*n))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	require.Less(t, b.Len(), 4*n*len(names)/500)
	return b.Bytes()
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// allocated is how many bytes f asks for.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

const million = 1 << 20

// An archive of some kilobytes that stands for many megabytes costs nothing where its shape does not fit, and what it stands for,
// once, where it does. Its other entries cost nothing.
func TestDenseArchives(t *testing.T) {
	const n = 8 * million
	bomb := zeros(t, n, "x", "y")
	read := func(ask Ask) (all []tensor.Named, cost uint64, err error) {
		cost = allocated(func() { all, err = ReadArchive(bytes.NewReader(bomb), int64(len(bomb)), ask) })
		return all, cost, err
	}
	_, cost, err := read(Ask{Name: "y", Fits: func(shape []int) error { return fmt.Errorf("the shape is %v", shape) }})
	require.ErrorContains(t, err, `entry "y": the shape is [8388608]`)
	assert.Less(t, cost, uint64(million))
	all, cost, err := read(Ask{Name: "y", Fits: func([]int) error { return nil }})
	require.NoError(t, err)
	assert.Less(t, cost, uint64(4*n+million))
	require.Len(t, all, 2)
	assert.Nil(t, all[0].Tensor)
	assert.Equal(t, []int{n}, all[1].Tensor.Shape)
}

// A header that declares more than its entry or file can hold, or than the machine, is refused at once.
func TestLiesCostNothing(t *testing.T) {
	entry := func(shape string, stated uint64, method uint16) []byte {
		data := file("{'descr': '<f8', 'fortran_order': False, 'shape': (" + shape + "), }")
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.CreateRaw(&zip.FileHeader{
			Name: "x.npy", Method: method, CompressedSize64: uint64(len(data)), UncompressedSize64: stated, CRC32: crc32.ChecksumIEEE(data),
		})
		require.NoError(t, err)
		_, err = w.Write(data)
		require.NoError(t, err)
		require.NoError(t, z.Close())
		return b.Bytes()
	}
	for shape, stated := range map[string]uint64{"1000000000,": 1 << 40, "50000000,": 1 << 20, "1048576, 1099511627776": 1<<63 - 1, "2000000,": 1 << 30} {
		b := entry(shape, stated, zip.Store)
		cost := allocated(func() {
			_, err := ReadArchive(bytes.NewReader(b), int64(len(b)), Ask{})
			assert.True(t, errors.Is(err, io.ErrUnexpectedEOF), "%s: %v", shape, err)
		})
		assert.Less(t, cost, uint64(million), shape)
	}
}

package interop

import (
	"math"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"mmc/interop/tensor"
	rt "mmc/runtime"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func f32(shape []int, data ...float32) *Tensor { return &Tensor{Shape: shape, Data: data} }

// One value for each format that all of them hold exactly.
var samples = map[string]*Tensor{
	".npy":         f32([]int{2, 1}, 1, -2.5),
	".npz":         f32([]int{2, 1}, 1, -2.5),
	".safetensors": f32([]int{2, 1}, 1, -2.5),
	".png":         f32([]int{1, 3, 1, 2}, 0, 1, 0.2, 0.4, 0.6, 0.8),
	".jpg":         f32([]int{1, 3, 1, 1}, 1, 1, 1),
	".jpeg":        f32([]int{1, 3, 1, 1}, 0, 0, 0),
	".wav":         f32([]int{1, 2, 2}, 0.5, -0.5, 0, -1),
	".txt":         {Shape: []int{1, 3}, Data: []int32{72, 105, 255}},
}

func TestEveryFormatBothWays(t *testing.T) {
	require.Len(t, samples, len(Extensions()))
	for _, ext := range Extensions() {
		path := filepath.Join(t.TempDir(), "x"+ext)
		for range 2 { // the second time over the first
			require.NoError(t, WriteTensor(path, "x", samples[ext]), ext)
		}
		got, note, err := ReadTensor(path, Want{})
		require.NoError(t, err, ext)
		assert.Empty(t, note)
		assert.Equal(t, samples[ext], got, ext)
		files, err := os.ReadDir(filepath.Dir(path))
		require.NoError(t, err)
		assert.Len(t, files, 1, "%s: nothing temporary is left", ext)
	}
}

func TestEveryTruncatedFileIsAnError(t *testing.T) {
	for _, ext := range Extensions() {
		path := filepath.Join(t.TempDir(), "x"+ext)
		require.NoError(t, WriteTensor(path, "x", samples[ext]))
		whole, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, whole[:len(whole)/2], 0o644))
		_, _, err = ReadTensor(path, Want{})
		if ext == ".txt" { // half a text is a text
			assert.NoError(t, err)
			continue
		}
		assert.ErrorContains(t, err, path, ext)
	}
}

func TestWriteFaults(t *testing.T) {
	for _, ext := range Extensions() {
		gone := filepath.Join(t.TempDir(), "none", "x"+ext)
		assert.ErrorIs(t, WriteTensor(gone, "x", samples[ext]), os.ErrNotExist, ext)
		_, _, err := ReadTensor(gone, Want{})
		assert.ErrorIs(t, err, os.ErrNotExist, ext)

		folder := filepath.Join(t.TempDir(), "x"+ext)
		require.NoError(t, os.Mkdir(folder, 0o755))
		assert.Error(t, WriteTensor(folder, "x", samples[ext]), ext)
		_, _, err = ReadTensor(folder, Want{})
		assert.Error(t, err, ext)
	}
}

// Linux has a device that is always full. A link to it carries the ending.
func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full here")
	}
	for _, ext := range Extensions() {
		path := filepath.Join(t.TempDir(), "x"+ext)
		require.NoError(t, os.Symlink("/dev/full", path))
		err := WriteTensor(path, "x", samples[ext])
		assert.ErrorIs(t, err, syscall.ENOSPC, ext)
		assert.ErrorContains(t, err, path)
	}
	info, err := os.Stat("/dev/full")
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeDevice, "the device is still one")
}

// What cannot be written must leave the old file alone.
func TestFailedWriteKeepsTheOldFile(t *testing.T) {
	for _, ext := range Extensions() {
		path := filepath.Join(t.TempDir(), "x"+ext)
		require.NoError(t, WriteTensor(path, "x", samples[ext]))
		before, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Error(t, WriteTensor(path, "x", f32([]int{5}, 1)), ext)
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, before, after, ext)
	}
}

func TestArchives(t *testing.T) {
	want := []Named{
		{Name: "f16", Tensor: &Tensor{Shape: []int{1}, Data: []tensor.Half{0x3c00}}},
		{Name: "image", Tensor: f32([]int{2}, 3, 4)},
		{Name: "mask", Tensor: &Tensor{Shape: []int{2}, Data: []bool{true, false}}},
		{Name: "count", Tensor: &Tensor{Shape: []int{}, Data: []int64{7}}},
	}
	for _, ext := range []string{".npz", ".safetensors"} {
		path := filepath.Join(t.TempDir(), "x"+ext)
		require.NoError(t, WriteTensors(path, want))
		all, err := ReadTensors(path)
		require.NoError(t, err)
		assert.ElementsMatch(t, want, all, ext)

		x, _, err := ReadTensor(path, Want{Name: "image"})
		require.NoError(t, err)
		assert.Equal(t, want[1].Tensor, x)
		_, _, err = ReadTensor(path, Want{Name: "nonesuch"})
		assert.ErrorContains(t, err, `none is "nonesuch"`)
		assert.ErrorContains(t, err, "image")
		_, _, err = ReadTensor(path, Want{})
		assert.ErrorContains(t, err, "4 tensors")
		assert.Error(t, WriteTensors(path, []Named{want[0], want[0]}), "a name twice")
	}
	assert.ErrorContains(t, WriteTensors(filepath.Join(t.TempDir(), "x.npy"), want), "one tensor, not 4")
}

// bfloat16 and the types that no program computes with.
func TestSafeTensorsTypes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	require.NoError(t, WriteTensors(path, []Named{
		{Name: "bf16", Tensor: &Tensor{Shape: []int{1}, Data: []tensor.BHalf{0x3f80}}},
		{Name: "u16", Tensor: &Tensor{Shape: []int{1}, Data: []uint16{65535}}},
		{Name: "i8", Tensor: &Tensor{Shape: []int{1}, Data: []int8{-1}}},
	}))
	x, _, err := ReadTensor(path, Want{Name: "bf16"})
	require.NoError(t, err)
	assert.Equal(t, []rt.BF16{0x3f80}, x.Data)
	x, _, err = ReadTensor(path, Want{Name: "u16", DType: tensor.I32})
	require.NoError(t, err)
	assert.Equal(t, []int32{65535}, x.Data)
	x, _, err = ReadTensor(path, Want{Name: "i8"})
	require.NoError(t, err)
	assert.Equal(t, []int64{-1}, x.Data)
}

func TestConversions(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.npy")
	require.NoError(t, WriteTensor(path, "", &Tensor{Shape: []int{1}, Data: []float64{math.Pi}}))
	x, note, err := ReadTensor(path, Want{DType: tensor.F32})
	require.NoError(t, err)
	assert.Equal(t, []float32{math.Pi}, x.Data)
	assert.Contains(t, note, "x.npy: f64 values were rounded")
	_, _, err = ReadTensor(path, Want{DType: tensor.I64})
	assert.ErrorContains(t, err, "x.npy: elements are f64, want i64")

	picture := filepath.Join(dir, "x.png")
	require.NoError(t, WriteTensor(picture, "", &Tensor{Shape: []int{1, 1}, Data: []float64{0.2}}), "f64 is fine enough for 8 bits")
	x, _, err = ReadTensor(picture, Want{Channels: 1})
	require.NoError(t, err)
	assert.Equal(t, f32([]int{1, 1, 1, 1}, 0.2), x)
	x, _, err = ReadTensor(picture, Want{})
	require.NoError(t, err)
	assert.Equal(t, f32([]int{1, 3, 1, 1}, 0.2, 0.2, 0.2), x)
}

func TestUnknownEnding(t *testing.T) {
	_, _, err := ReadTensor("x.tiff", Want{})
	assert.ErrorContains(t, err, ".png")
	_, err = ReadTensors("x")
	assert.ErrorContains(t, err, "ending")
	assert.ErrorContains(t, WriteTensor("x.mp3", "x", samples[".wav"]), ".wav")
}

// Folders and files without a byte are called so, whatever their ending; a text may be empty.
func TestNothingToRead(t *testing.T) {
	dir := t.TempDir()
	for _, ending := range Extensions() {
		folder, file := filepath.Join(dir, "folder"+ending), filepath.Join(dir, "file"+ending)
		require.NoError(t, os.Mkdir(folder, 0o777))
		require.NoError(t, os.WriteFile(file, nil, 0o666))
		_, _, err := ReadTensor(folder, Want{})
		require.EqualError(t, err, folder+" is a folder")
		_, err = ReadTensors(file)
		if ending == ".txt" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, file+" is empty")
	}
	_, err := ReadTensors(dir)
	require.EqualError(t, err, dir+" is a folder")
}

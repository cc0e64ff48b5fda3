package main

import (
	"context"
	"encoding/binary"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// blobs writes pictures in MNIST's format: a bright square somewhere in each.
func blobs(t *testing.T, count int) string {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	file := binary.BigEndian.AppendUint32(nil, 0x803)
	for _, n := range []int{count, 28, 28} {
		file = binary.BigEndian.AppendUint32(file, uint32(n))
	}
	for range count {
		picture := make([]byte, pixels)
		left, top := random.IntN(20), random.IntN(20)
		for i := range 64 {
			picture[(top+i/8)*28+left+i%8] = 255
		}
		file = append(file, picture...)
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "train-images-idx3-ubyte"), file, 0o644))
	return dir
}

func train4(t *testing.T, data string, stops ...int) (checkpoint []byte, o options) {
	t.Helper()
	dir := t.TempDir()
	o = options{data: data, checkpoint: filepath.Join(dir, "vae.safetensors"), samples: filepath.Join(dir, "samples.png"),
		epochs: 2, batch: 16, save: 1, seed: 7}
	for _, o.steps = range stops {
		require.NoError(t, run(context.Background(), o))
	}
	checkpoint, err := os.ReadFile(o.checkpoint)
	require.NoError(t, err)
	return checkpoint, o
}

// A training that is interrupted, between epochs or in one, ends in the same bits.
func TestResume(t *testing.T) {
	data := blobs(t, 50)
	straight, _ := train4(t, data, 6)
	resumed, _ := train4(t, data, 1, 3, 6)
	assert.Equal(t, straight, resumed)
	shorter, _ := train4(t, data, 5)
	assert.NotEqual(t, straight, shorter)
}

func TestSamples(t *testing.T) {
	_, o := train4(t, blobs(t, 40), 2)
	f, err := os.Open(o.samples)
	require.NoError(t, err)
	defer f.Close()
	img, err := png.Decode(f)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, img.Bounds().Dx(), 280, "ten digits in a row")
}

func TestMissingData(t *testing.T) {
	_, err := load(t.TempDir())
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorContains(t, run(context.Background(), options{data: blobs(t, 3), epochs: 1, batch: 8}), "less than a batch")
}

// The package in the repository is what the compiler makes of vae.mm today; `go generate` renews it.
func TestGenerated(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the compiler")
	}
	work, err := os.MkdirTemp(".", "_fresh") // in this module, but no package of it
	require.NoError(t, err)
	defer os.RemoveAll(work)
	dir := filepath.Join(work, "vae")
	out, err := exec.Command("go", "run", "mmc/cmd/mmc", "build", "vae.mm", "-o", dir, "--runtime=module").CombinedOutput()
	require.NoError(t, err, "%s", out)
	want, err := os.ReadDir(dir)
	require.NoError(t, err)
	got, err := os.ReadDir("vae")
	require.NoError(t, err)
	require.Len(t, got, len(want), "run go generate in examples/vae")
	for _, f := range want {
		fresh, err := os.ReadFile(filepath.Join(dir, f.Name()))
		require.NoError(t, err)
		kept, err := os.ReadFile(filepath.Join("vae", f.Name()))
		require.NoError(t, err)
		assert.True(t, string(fresh) == string(kept), "%s is stale: run go generate in examples/vae", f.Name())
	}
}

//go:build unix

package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// program builds the example and gives its command in a folder of its own.
func program(t *testing.T) func(dir, data string) *exec.Cmd {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "vae")
	out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return func(dir, data string) *exec.Cmd {
		c := exec.Command(binary, "-data", data, "-epochs", "5", "-batch", "16", "-save", "1", "-seed", "7")
		c.Dir = dir
		return c
	}
}

// A training that is killed or interrupted at any moment, over and over, ends in the bits of one that was left alone.
func TestKilledTraining(t *testing.T) {
	data, command := blobs(t, 120), program(t) // 7 steps in an epoch
	alone := t.TempDir()
	out, err := command(alone, data).CombinedOutput()
	require.NoError(t, err, "%s", out)

	dir, random := t.TempDir(), rand.New(rand.NewPCG(1, 2))
	checkpoint := filepath.Join(dir, "vae.safetensors")
	for i, signal := range []os.Signal{os.Kill, os.Interrupt, os.Kill, os.Interrupt, os.Kill} {
		c := command(dir, data)
		var stderr bytes.Buffer
		c.Stderr = &stderr
		before := changed(checkpoint)
		require.NoError(t, c.Start())
		for begin := time.Now(); changed(checkpoint).Equal(before); time.Sleep(time.Millisecond) {
			require.Less(t, time.Since(begin), time.Minute, "no progress")
		}
		time.Sleep(time.Duration(random.IntN(20)) * time.Millisecond)
		require.NoError(t, c.Process.Signal(signal))
		require.Error(t, c.Wait(), "run %d came to its end before the signal", i)
		require.NoFileExists(t, filepath.Join(dir, "samples.png"))
		if signal == os.Interrupt {
			assert.Equal(t, 1, c.ProcessState.ExitCode())
			assert.Contains(t, stderr.String(), "interrupted after step ")
		} else {
			assert.Equal(t, syscall.SIGKILL, c.ProcessState.Sys().(syscall.WaitStatus).Signal())
		}
	}
	out, err = command(dir, data).CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, name := range []string{"vae.safetensors", "samples.png"} {
		want, err := os.ReadFile(filepath.Join(alone, name))
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.True(t, bytes.Equal(want, got), "%s is another one", name)
	}
}

// changed is when a file was written last; a file that is not there has never been.
func changed(file string) time.Time {
	info, err := os.Stat(file)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// Weights so large that the loss is not a number: the program says so, and leaves the checkpoint as it was.
func TestLossOutOfRange(t *testing.T) {
	data, command, dir := blobs(t, 40), program(t), t.TempDir()
	out, err := command(dir, data).CombinedOutput()
	require.NoError(t, err, "%s", out)
	checkpoint := filepath.Join(dir, "vae.safetensors")
	spoiled, err := os.ReadFile(checkpoint)
	require.NoError(t, err)
	spoil(t, spoiled, "fc1.weight", 1e38)
	require.NoError(t, os.WriteFile(checkpoint, spoiled, 0o666))
	c := command(dir, data)
	c.Args = append(c.Args, "-epochs", "9")
	out, err = c.CombinedOutput()
	require.Error(t, err)
	assert.Regexp(t, `vae: elbo: \w+ is (NaN|infinite) in step 11\b`, string(out))
	after, err := os.ReadFile(checkpoint)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(spoiled, after), "the checkpoint was written over")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		assert.False(t, strings.Contains(e.Name(), "tmp"), e.Name())
	}
}

// spoil sets all elements of a tensor in a safetensors file.
func spoil(t *testing.T, file []byte, name string, value float32) {
	t.Helper()
	size := binary.LittleEndian.Uint64(file)
	var header map[string]struct {
		Offsets [2]int `json:"data_offsets"`
	}
	require.NoError(t, json.Unmarshal(file[8:8+size], &header))
	data := file[8+size:][header[name].Offsets[0]:header[name].Offsets[1]]
	require.NotEmpty(t, data)
	for ; len(data) > 0; data = data[4:] {
		binary.LittleEndian.PutUint32(data, math.Float32bits(value))
	}
}

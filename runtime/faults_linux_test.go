package rt

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWriteSafeTensorsToFullDevice(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	assert.ErrorIs(t, WriteSafeTensors(full, nil, []Source{SourceOf("x", shaped(10))}), syscall.ENOSPC)
}

// A test that needs a process of its own runs itself again, with its task in this variable.
const childVariable = "RT_TEST_CHILD"

func child(t *testing.T, task string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), childVariable+"="+task)
	return cmd
}

// TestSaveWithoutRoom saves under a limit on file sizes, which fails as a full disk does.
func TestSaveWithoutRoom(t *testing.T) {
	if path := os.Getenv(childVariable); path != "" {
		signal.Ignore(syscall.SIGXFSZ) // so that write fails instead
		var before syscall.Rlimit
		require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before))
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 4096, Max: before.Max}))
		defer func() { require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before)) }() // for a coverage report
		require.ErrorIs(t, SaveCheckpoint(path, Place{Step: 2}, "", []Source{SourceOf("x", shaped(100_000))}), syscall.EFBIG)
		return
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "run.safetensors")
	require.NoError(t, SaveCheckpoint(path, Place{Step: 1}, "", []Source{SourceOf("x", shaped(3))}))
	old, err := os.ReadFile(path)
	require.NoError(t, err)
	out, err := child(t, path).CombinedOutput()
	require.NoError(t, err, "%s", out)
	holds(t, dir, map[string]string{"run.safetensors": string(old)})
}

// TestSaveIsKilled kills a process that saves without end: whatever stands under the name must be whole, and of
// one piece.
func TestSaveIsKilled(t *testing.T) {
	if path := os.Getenv(childVariable); path != "" {
		x := shaped(200_000)
		for step := uint64(1); ; step++ {
			for i := range x.Data {
				x.Data[i] = float32(step)
			}
			require.NoError(t, SaveCheckpoint(path, Place{Step: step}, "", []Source{SourceOf("x", x)}))
		}
	}
	if testing.Short() {
		t.Skip("takes a second")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "run.safetensors")
	require.NoError(t, SaveCheckpoint(path, Place{}, "", []Source{SourceOf("x", shaped(200_000))}))
	for round := range 8 {
		cmd := child(t, path)
		require.NoError(t, cmd.Start())
		time.Sleep(time.Duration(100+13*round) * time.Millisecond)
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait()

		s, err := OpenSafeTensors(path)
		require.NoError(t, err)
		at, found, err := PlaceOf(s, "")
		require.NoError(t, err)
		require.True(t, found)
		x, err := LoadTensor[float32](s, "x")
		require.NoError(t, err)
		for _, v := range x.Data {
			if v != float32(at.Step) {
				t.Fatalf("step %d holds %v", at.Step, v)
			}
		}
		require.NoError(t, s.Close())
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		assert.True(t, e.Name() == "run.safetensors" || strings.HasPrefix(e.Name(), ".run.safetensors.tmp-"), e.Name())
	}
}

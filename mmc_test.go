package mmc

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// copyRuntime writes the embedded runtime into a module of its own that has no dependency.
func copyRuntime(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, "internal", "rt")
	require.NoError(t, os.MkdirAll(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, "go.mod"), []byte("module copied\n\ngo 1.26\n"), 0o644))
	files, err := RuntimeSources()
	require.NoError(t, err)
	for _, f := range files {
		assert.False(t, strings.HasSuffix(f.Name, "_test.go"), f.Name)
		require.NoError(t, os.WriteFile(filepath.Join(dir, f.Name), f.Text, 0o644))
	}
	return root
}

func TestRuntimeSourcesAreComplete(t *testing.T) {
	files, err := RuntimeSources()
	require.NoError(t, err)
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	onDisk, err := filepath.Glob("runtime/*")
	require.NoError(t, err)
	var want []string
	for _, path := range onDisk {
		if info, err := os.Stat(path); err == nil && !info.IsDir() && !strings.HasSuffix(path, "_test.go") {
			want = append(want, filepath.Base(path))
		}
	}
	assert.Equal(t, want, names)
}

// TestCopiedRuntimeBuilds vets the copy, alone in a module, for every platform that generated packages promise.
func TestCopiedRuntimeBuilds(t *testing.T) {
	if testing.Short() {
		t.Skip("builds for many platforms")
	}
	root := copyRuntime(t)
	for _, target := range []string{
		"linux/amd64", "linux/arm64", "windows/amd64", "windows/arm64", "darwin/amd64", "darwin/arm64", "js/wasm", "wasip1/wasm",
	} {
		system, arch, _ := strings.Cut(target, "/")
		cmd := exec.Command("go", "vet", "./...")
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+arch, "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
		out, err := cmd.CombinedOutput()
		assert.NoError(t, err, "%s\n%s", target, out)
	}
}

// TestRuntimeIsLean keeps heavy packages out of every generated program.
func TestRuntimeIsLean(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "./...")
	cmd.Dir = copyRuntime(t)
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	deps := strings.Fields(string(out))
	for _, heavy := range []string{"fmt", "reflect", "encoding/json", "encoding/binary", "net/http", "net", "log", "runtime/debug", "math/big"} {
		assert.NotContains(t, deps, heavy)
	}
	for _, dep := range deps {
		assert.NotContains(t, dep, ".", "outside of the standard library")
	}
}

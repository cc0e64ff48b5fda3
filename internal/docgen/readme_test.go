package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func readme(t *testing.T) string {
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	return string(text)
}

func TestModelOfTheReadme(t *testing.T) {
	for _, src := range fenced(readme(t), "mm") {
		assert.Empty(t, compile("README.md", src))
	}
}

// TestProgramOfTheReadme builds the package that the program imports, and runs the program.
func TestProgramOfTheReadme(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a generated package")
	}
	programs := fenced(readme(t), "go")
	require.Len(t, programs, 1)
	dir := t.TempDir()
	put := func(name string, data []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o666))
	}
	put("go.mod", []byte("module use\n\ngo 1.26\n"))
	put("main.go", []byte(programs[0]))
	weights, err := os.ReadFile(filepath.Join(root, "examples", "superres", "superres.safetensors"))
	require.NoError(t, err)
	put("superres.safetensors", weights)
	invoke(t, root, "go", "run", "./cmd/mmc", "build", "examples/superres/superres.mm", "-o", filepath.Join(dir, "superres"))
	assert.Equal(t, "[1 3 144 192]", strings.TrimSpace(invoke(t, dir, "go", "run", ".")))
}

func invoke(t *testing.T, dir string, command ...string) string {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

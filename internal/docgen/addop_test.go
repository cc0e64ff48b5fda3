package main

import (
	"encoding/json"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAddAnOp follows docs/add-an-op.md: its file is laid over the source tree, and its test commands are run.
func TestAddAnOp(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the tests of two packages")
	}
	text := page(t, "add-an-op.md")
	name := regexp.MustCompile("`(ir/op/[a-z]+\\.go)`").FindStringSubmatch(text)
	require.NotNil(t, name, "the page names the file")
	sources := fenced(text, "go")
	require.Len(t, sources, 1)
	source := strings.TrimLeft(sources[0], "\n")
	formatted, err := format.Source([]byte(source))
	require.NoError(t, err)
	require.Equal(t, string(formatted), source)

	overlay := overlayOf(t, name[1], source)
	commands := strings.Split(strings.TrimSpace(fenced(text, "sh")[0]), "\n")
	require.Len(t, commands, 2)
	for _, line := range commands {
		words := strings.Fields(line)
		require.Equal(t, []string{"go", "test"}, words[:2])
		args := append([]string{"test", "-overlay", overlay, "-run", "cumsum|/cumsum|//cumsum", "-v"}, words[2:]...)
		cmd := exec.Command("go", args...)
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		require.Contains(t, string(out), "cumsum", "no test ran over the new operator")
	}
}

// overlayOf writes a file beside the tree and tells the go command where it belongs.
func overlayOf(t *testing.T, name, text string) string {
	dir := t.TempDir()
	file := filepath.Join(dir, "added.go")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o666))
	place, err := filepath.Abs(filepath.Join(root, filepath.FromSlash(name)))
	require.NoError(t, err)
	data, err := json.Marshal(map[string]map[string]string{"Replace": {place: file}})
	require.NoError(t, err)
	overlay := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(overlay, data, 0o666))
	return overlay
}

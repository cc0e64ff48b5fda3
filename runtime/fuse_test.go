package rt

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDrawsAreNotFused reads the compiler's listing for processors that have fused multiply-add: one in laws.go
// would give other bits there than elsewhere.
func TestDrawsAreNotFused(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles for other processors")
	}
	// On its own the file needs package math alone, and little is compiled.
	dir := t.TempDir()
	text, err := os.ReadFile("laws.go")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "laws.go"), text, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module laws\n\ngo 1.26\n"), 0o644))
	for _, c := range []struct{ env, multiply string }{
		{"GOARCH=arm64", "FMULS"},
		{"GOAMD64=v3", "MULSS"},
	} {
		cmd := exec.Command("go", "build", "-gcflags=-S", ".")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", c.env)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		multiplies := 0
		for line := range strings.Lines(string(out)) {
			if !strings.Contains(line, "laws.go:") {
				continue
			}
			if strings.Contains(line, c.multiply) {
				multiplies++
			}
			for _, fused := range []string{"FMADD", "FMSUB", "FNMADD", "FNMSUB", "VFM", "VFNM"} {
				assert.NotContains(t, line, fused, c.env)
			}
		}
		assert.Greater(t, multiplies, 20, "the listing shows laws.go")
	}
}

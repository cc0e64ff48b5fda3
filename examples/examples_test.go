// Package examples holds what is true of all examples.
package examples

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/lang/syntax"
)

// sources lists the .mm files of the examples.
func sources(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*/*.mm")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

// Every example is laid out as `mmc fmt` does it.
func TestFormatted(t *testing.T) {
	for _, name := range sources(t) {
		src, err := os.ReadFile(name)
		require.NoError(t, err)
		f, diags := syntax.Parse(name, string(src))
		require.Empty(t, diags)
		assert.Equal(t, string(syntax.Format(f)), string(src), name)
	}
}

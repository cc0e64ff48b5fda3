package syntax_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/lang/syntax"
)

// shared is the optional folder of design material beside the module.
func shared(t testing.TB) string {
	dir := os.Getenv("MMC_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no folder of shared material; set MMC_SHARED")
	}
	return dir
}

func TestDesignSystems(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shared(t), "design", "mm", "*.mm"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			src, err := os.ReadFile(name)
			require.NoError(t, err)
			f, found := syntax.Parse(filepath.Base(name), string(src))
			assert.Empty(t, found)
			assert.NotEmpty(t, f.Decls)
			checkFormat(t, name, string(src))
		})
	}
}

func TestGoodPrograms(t *testing.T) {
	files, err := filepath.Glob("testdata/good/*.mm")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			src, err := os.ReadFile(name)
			require.NoError(t, err)
			f, found := syntax.Parse(filepath.Base(name), string(src))
			assert.Empty(t, found)
			assert.NotEmpty(t, f.Decls)
			checkFormat(t, name, string(src))
		})
	}
}

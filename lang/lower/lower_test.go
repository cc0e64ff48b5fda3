package lower_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/ir"
	"mmc/ir/op"
	"mmc/lang/check"
	"mmc/lang/lower"
)

// Every example lowers to modules whose graphs verify.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob("../../examples/*/*.mm")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			parsed, diags := check.Load(name, os.ReadFile)
			require.Empty(t, diags)
			p, diags := check.Check(parsed, check.Options{Ops: op.Lookup})
			require.Empty(t, diags)
			require.NotEmpty(t, p.Models)
			for _, m := range p.Models {
				mod, diags := lower.Lower(m)
				require.Empty(t, diags)
				for _, g := range mod.Graphs {
					require.NoError(t, ir.Verify(g))
				}
			}
		})
	}
}

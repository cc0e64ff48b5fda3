package layout_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/internal/plancheck"
	"mmc/ir"
	"mmc/ir/op"
)

var update = flag.Bool("update", false, "write the plans into the files, to be read by a person")

// Each file of testdata holds a module and the steps of its plan, with where operands and results lie.
func TestPlans(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			parts := plancheck.Sections(string(text))
			m, err := ir.ParseModule(parts["module"], op.Lookup)
			require.NoError(t, err)
			sizes := plancheck.Sizes{"N": 2, "H": 5, "W": 4, "B": 2, "T": 3, "S": 33, "M": 2}
			one := plancheck.Sizes{"N": 1, "H": 1, "W": 1, "B": 1, "T": 1, "S": 1, "M": 1}
			pkg, err := plancheck.Module(m, sizes, one)
			require.NoError(t, err)
			got := plancheck.Show(pkg.Graphs[0])
			if pkg.Prepare != nil {
				got += "at load:\n" + plancheck.Show(pkg.Prepare)
			}
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(parts[""]+"-- module --\n"+parts["module"]+"-- plan --\n"+got), 0o644))
				return
			}
			require.Equal(t, parts["plan"], got)
		})
	}
}

package passes_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/internal/plancheck"
	"mmc/ir"
	"mmc/ir/op"
)

// planFile is a module with what is expected of its plan: lines "# key: value" before the text.
type planFile struct {
	module *ir.Module
	expect map[string]string
}

func readPlanFile(t *testing.T, path string) planFile {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	f := planFile{expect: map[string]string{}}
	body := ""
	for line := range strings.Lines(string(text)) {
		comment, isComment := strings.CutPrefix(line, "#")
		if !isComment {
			body += line
		} else if key, value, ok := strings.Cut(comment, ":"); ok {
			f.expect[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	f.module, err = ir.ParseModule(body, op.Lookup)
	require.NoError(t, err)
	return f
}

// sizes reads "N=1 H=3; N=2 H=4".
func (f planFile) sizes(t *testing.T) []plancheck.Sizes {
	t.Helper()
	var out []plancheck.Sizes
	for one := range strings.SplitSeq(f.expect["sizes"], ";") {
		sizes := plancheck.Sizes{}
		for _, word := range strings.Fields(one) {
			name, value, ok := strings.Cut(word, "=")
			require.True(t, ok, word)
			n, err := strconv.ParseInt(value, 10, 64)
			require.NoError(t, err)
			sizes[name] = n
		}
		out = append(out, sizes)
	}
	return out
}

// TestPlans plans the modules of testdata/plans and compares with the evaluator. A file may state how many copies of cells
// its graphs make, and how many tensors are prepared at load.
func TestPlans(t *testing.T) {
	files, err := filepath.Glob("testdata/plans/*.ir")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".ir"), func(t *testing.T) {
			f := readPlanFile(t, path)
			pkg, err := plancheck.Module(f.module, f.sizes(t)...)
			require.NoError(t, err)
			copies, prepared := 0, 0
			for _, p := range pkg.Graphs {
				copies += p.Stats.CellCopies
			}
			if pkg.Prepare != nil {
				prepared = len(pkg.Prepare.Graph.Results)
			}
			for key, got := range map[string]int{"copies": copies, "prepared": prepared} {
				if want, ok := f.expect[key]; ok {
					require.Equal(t, want, strconv.Itoa(got), key)
				}
			}
		})
	}
}

package law

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/modfile"
)

// TestDependenciesHaveReasons: every module that some file imports has a line in docs/rationale.md, and only those; go.mod marks the others
// as indirect.
func TestDependenciesHaveReasons(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	mod, err := modfile.Parse("go.mod", data, nil)
	require.NoError(t, err)
	var used []string
	for _, f := range goFiles(t) {
		for _, imp := range f.Imports(t) {
			if m := moduleOf(mod, imp); m != "" && !slices.Contains(used, m) {
				used = append(used, m)
			}
		}
	}
	for _, r := range mod.Require {
		require.Equal(t, !slices.Contains(used, r.Mod.Path), r.Indirect, "go.mod: %s", r.Mod.Path)
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "rationale.md"))
	require.NoError(t, err)
	var explained []string
	for _, row := range regexp.MustCompile(`(?m)^\| (\S+\.\S+/\S+) \|`).FindAllStringSubmatch(string(page), -1) {
		explained = append(explained, row[1])
	}
	slices.Sort(used)
	slices.Sort(explained)
	require.Equal(t, used, explained)
}

// moduleOf finds the required module that a package belongs to.
func moduleOf(mod *modfile.File, imp string) string {
	for _, r := range mod.Require {
		if imp == r.Mod.Path || strings.HasPrefix(imp, r.Mod.Path+"/") {
			return r.Mod.Path
		}
	}
	return ""
}

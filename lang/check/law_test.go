package check_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/internal/diag"
	"mmc/lang/check"
	"mmc/lang/syntax"
	"mmc/stdlib"
)

var declared = regexp.MustCompile(`(?m)^(?:block|optimizer|model) (\w+)`)

// The compiler knows no layer by name: with every block, model and optimiser of the library renamed, all programs
// elaborate as before.
func TestRenamedLibrary(t *testing.T) {
	sources := map[string]string{}
	names := map[string]bool{}
	for _, name := range stdlib.Names() {
		src, err := stdlib.Read(name)
		require.NoError(t, err)
		sources[name] = string(src)
		for _, m := range declared.FindAllStringSubmatch(string(src), -1) {
			names[m[1]] = true
		}
	}
	require.GreaterOrEqual(t, len(names), 20)
	word := regexp.MustCompile(`\b(` + strings.Join(slices.Sorted(maps.Keys(names)), "|") + `)\b`)
	rename := func(src string) string { return word.ReplaceAllString(src, "Other$1") }

	library := make([]*syntax.File, 0, len(sources))
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		f, diags := syntax.Parse(name, rename(sources[name]))
		require.Empty(t, diags)
		library = append(library, f)
	}
	for _, pattern := range []string{"testdata/good/*.mm", "../../examples/*/*.mm"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, name := range files {
			src, err := os.ReadFile(name)
			require.NoError(t, err)
			f, diags := syntax.Parse(name, rename(string(src)))
			require.Empty(t, diags)
			p, diags := check.Check(append([]*syntax.File{f}, library...), options())
			assert.Empty(t, diags, name)
			assert.NotEmpty(t, p.Models, name)
		}
	}
}

// What the checker proposes mends the program: U-Net without facts needs just the fix that is offered.
func TestProposedFact(t *testing.T) {
	const name = "testdata/bad/unet_without_facts.mm"
	found := findings(name)
	require.Len(t, found, 1)
	require.Len(t, found[0].Fixes, 1)
	assert.Contains(t, found[0].Hint, "where H % 16 == 0, W % 16 == 0")
	src, err := os.ReadFile(name)
	require.NoError(t, err)
	fixed := apply(string(src), found[0].Fixes[0])
	parsed, diags := check.Load(name, only(name, fixed))
	require.Empty(t, diags)
	_, diags = check.Check(parsed, options())
	assert.Empty(t, diags)
}

func apply(src string, f diag.Fix) string {
	return src[:f.Range.Start.Offset] + f.NewText + src[f.Range.End.Offset:]
}

// Hyperparameters can be given as text; facts that a file states hold for the defaults only.
func TestInstantiate(t *testing.T) {
	parsed, diags := check.Load("../../examples/unet/unet.mm", os.ReadFile)
	require.Empty(t, diags)
	p, diags := check.Check(parsed, check.Options{Ops: options().Ops, Models: []string{}})
	require.Empty(t, diags)
	m, diags := check.Instantiate(p, "UNet", map[string]string{"width": "8", "classes": "1"})
	require.Empty(t, diags)
	shapes := map[string]string{} // by name; UNet takes one channel
	for _, c := range m.Cells {
		shapes[c.Name] = c.Type.String()
	}
	assert.Contains(t, slices.Collect(maps.Values(shapes)), "f32[8, 1, 3, 3]")

	_, diags = check.Instantiate(p, "UNet", map[string]string{"width": "\"wide\""})
	require.NotEmpty(t, diags)
	assert.Contains(t, diags[0].Message, "width of UNet must be an int")
	_, diags = check.Instantiate(p, "UNet", map[string]string{"wdth": "8"})
	require.NotEmpty(t, diags)
	assert.Contains(t, diags[0].Hint, "width")
	_, diags = check.Instantiate(p, "Unet", nil)
	require.NotEmpty(t, diags)
	assert.Contains(t, diags[0].Hint, "UNet")
}

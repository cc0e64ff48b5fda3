package law

import (
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/lang/syntax"
)

// exempt are the folders that may know layers, models and optimisers, since examples are their subject: they compare the examples
// with PyTorch's results, and measure them. All others must know none.
var exempt = []string{"examples", "bench", "internal/parity", "internal/golden"}

// common are names that no compiler may know even if the library should lose them.
var common = regexp.MustCompile(`(?i)batch_?norm|conv2d|lstm|attention|adam|resnet|unet|dropout`)

// libraryNames lists what the library and the examples declare: blocks, models, optimisers. Functions are left out, since
// many of them have the name of what they compute (relu, mean).
func libraryNames(t *testing.T) map[string]bool {
	names := map[string]bool{}
	walk(t, false, func(name string) {
		if !strings.HasSuffix(name, ".mm") {
			return
		}
		src, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		file, diags := syntax.Parse(name, string(src))
		require.False(t, diags.HasErrors(), "%s: %v", name, diags)
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *syntax.Block:
				names[d.Name.Name] = true
			case *syntax.Model:
				names[d.Name.Name] = true
			case *syntax.OptimizerDecl:
				names[d.Name.Name] = true
			}
		}
	})
	require.Greater(t, len(names), 10)
	return names
}

// TestNoLayerByName reads all identifiers and string literals of the compiler. A literal of several words is a text for
// people: a hint may show `minimize loss = … using adam(lr: 1e-3)`, but no program can compare with that.
func TestNoLayerByName(t *testing.T) {
	names := libraryNames(t)
	judge := func(f *goFile, at token.Pos, word string) {
		if common.MatchString(word) || names[word] {
			t.Errorf("%s: the compiler names %q", f.Set.Position(at), word)
		}
	}
	for _, f := range goFiles(t) {
		if f.Test || anyWithin(f.Folder, exempt) {
			continue
		}
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if common.MatchString(n.Name) {
					judge(f, n.Pos(), n.Name)
				}
			case *ast.BasicLit:
				if n.Kind != token.STRING {
					break
				}
				text, err := strconv.Unquote(n.Value)
				require.NoError(t, err)
				if !strings.ContainsAny(strings.TrimSpace(text), " \n\t") {
					judge(f, n.Pos(), text)
				}
			}
			return true
		})
	}
}

// TestTemplatesNameNoLayer reads the texts that are copied into generated packages.
func TestTemplatesNameNoLayer(t *testing.T) {
	walk(t, false, func(name string) {
		if filepath.Ext(name) == ".tmpl" {
			src, err := os.ReadFile(filepath.Join(root, name))
			require.NoError(t, err)
			assert.False(t, common.Match(src), "%s names %s", name, common.Find(src))
		}
	})
}

func anyWithin(folder string, list []string) bool {
	for _, l := range list {
		if within(folder, l) {
			return true
		}
	}
	return false
}

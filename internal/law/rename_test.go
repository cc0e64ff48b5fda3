package law

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/ir/op"
	"mmc/lang/check"
	"mmc/lang/lower"
	"mmc/lang/syntax"
	"mmc/stdlib"
)

// TestNamesOfLayersDoNotMatter renames every block, function, model and optimiser of the library and of the examples, by script, and
// compiles all examples again: the modules must be the same to the letter. New names have the length of the old
// ones, so that positions agree.
func TestNamesOfLayersDoNotMatter(t *testing.T) {
	texts := map[string]string{}
	for _, name := range stdlib.Names() {
		src, err := stdlib.Read(name)
		require.NoError(t, err)
		texts[name] = string(src)
	}
	examples, err := filepath.Glob(filepath.Join(root, "examples", "*", "*.mm"))
	require.NoError(t, err)
	require.NotEmpty(t, examples)
	names := declared(t, texts)
	require.Greater(t, len(names), 5)
	for _, file := range examples {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".mm"), func(t *testing.T) {
			src, err := os.ReadFile(file)
			require.NoError(t, err)
			own := declared(t, map[string]string{"main.mm": string(src)})
			all := append(own, names...)
			renamed := map[string]string{}
			for name, text := range texts {
				renamed[name] = rename(text, all)
			}
			changed := rename(string(src), all)
			assert.NotEqual(t, string(src), changed)
			// Blocks that are hyperparameters are printed by name.
			assert.Equal(t, rename(modules(t, string(src), texts), all), modules(t, changed, renamed))
		})
	}
}

// declared lists the blocks, functions, models and optimisers of files.
func declared(t *testing.T, texts map[string]string) []string {
	var out []string
	for name, text := range texts {
		file, diags := syntax.Parse(name, text)
		require.False(t, diags.HasErrors(), diags)
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *syntax.Block:
				out = append(out, d.Name.Name)
			case *syntax.OptimizerDecl:
				out = append(out, d.Name.Name)
			case *syntax.Model:
				out = append(out, d.Name.Name)
			case *syntax.Fn:
				out = append(out, d.Name.Name)
			}
		}
	}
	return out
}

// rename turns the letters of names by half the alphabet wherever the names stand as words.
func rename(text string, names []string) string {
	turn := func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return 'a' + (r-'a'+13)%26
		case r >= 'A' && r <= 'Z':
			return 'A' + (r-'A'+13)%26
		}
		return r
	}
	words := regexp.MustCompile(`\b(` + strings.Join(names, "|") + `)\b`)
	return words.ReplaceAllStringFunc(text, func(w string) string { return strings.Map(turn, w) })
}

// modules compiles all models of a file and prints them.
func modules(t *testing.T, main string, library map[string]string) string {
	file, diags := syntax.Parse("main.mm", main)
	files := []*syntax.File{file}
	for _, name := range stdlib.Names() {
		f, more := syntax.Parse(name, library[name])
		files, diags = append(files, f), append(diags, more...)
	}
	require.False(t, diags.HasErrors(), diags)
	program, diags := check.Check(files, check.Options{Ops: op.Lookup})
	require.False(t, diags.HasErrors(), diags)
	var out bytes.Buffer
	for _, m := range program.Models {
		module, diags := lower.Lower(m)
		require.False(t, diags.HasErrors(), diags)
		require.NoError(t, module.Print(&out))
	}
	require.NotEmpty(t, out.String())
	return out.String()
}

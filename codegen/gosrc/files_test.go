package gosrc

import (
	"go/format"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/codegen/emit"
)

// A file takes declarations as long as it does not grow beyond the limit; one that is longer than that has a file of its own.
func TestSplit(t *testing.T) {
	decl := func(name string, lines int) declaration {
		return func(w *emit.Go) {
			w.Line("var ", name, " = []int{")
			for range lines - 2 {
				w.Line("\t0,")
			}
			w.Line("}")
		}
	}
	g := &generator{opt: Options{Package: "p"}}
	parts := g.split(newFileNames(), "steps", decl("a", longest/2), decl("b", longest/2-3), decl("c", longest/2), decl("d", 2*longest), decl("e", 2))
	want := []struct {
		name  string
		decls []string
	}{{"steps.go", []string{"a", "b"}}, {"steps_2.go", []string{"c"}}, {"steps_3.go", []string{"d"}}, {"steps_4.go", []string{"e"}}}
	require.Len(t, parts, len(want))
	for i, w := range want {
		assert.Equal(t, w.name, parts[i].name)
		var got []string
		for line := range strings.Lines(parts[i].text) {
			if name, ok := strings.CutPrefix(line, "var "); ok {
				got = append(got, name[:1])
			}
		}
		assert.Equal(t, w.decls, got, w.name)
	}
	files, err := g.print(parts)
	require.NoError(t, err)
	for _, f := range files {
		formatted, err := format.Source(f.Data)
		require.NoError(t, err)
		require.Equal(t, string(formatted), string(f.Data))
	}
}

// A text that is no Go is an error that names its file, whatever the other files are.
func TestPrintNamesTheFile(t *testing.T) {
	g := &generator{opt: Options{Package: "p"}}
	var good, bad emit.Go
	good.Line("var x int")
	bad.Line("var y")
	_, err := g.print([]part{g.part("good.go", &good), g.part("bad.go", &bad)})
	require.ErrorContains(t, err, "bad.go")
}

// Packages are imported for words before a dot: not in comments, not in quotes, not behind another dot.
func TestQualifiers(t *testing.T) {
	used := qualifiers("// math.Pi\nx := rt.From(a.sync.b, \"errors.go\")\n\tctx context.Context\n")
	assert.True(t, used["rt"])
	assert.True(t, used["context"])
	for _, word := range []string{"math", "sync", "errors"} {
		assert.False(t, used[word], word)
	}
}

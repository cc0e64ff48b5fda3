package emit_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/codegen/emit"
)

func TestBlocksAreFormatted(t *testing.T) {
	var w emit.Go
	w.Line("package p")
	w.Line()
	w.Doc("f adds.\n\nIt is short.")
	w.Block("func f(a, b int) int", func() {
		w.Block("if a == 0", func() { w.Line("return ", "b") })
		w.Text("c := a+b\nreturn c\n")
	})
	got, err := w.Source()
	require.NoError(t, err)
	assert.Equal(t, "package p\n\n// f adds.\n//\n// It is short.\nfunc f(a, b int) int {\n\tif a == 0 {\n\t\treturn b\n\t}\n\tc := a + b\n\treturn c\n}\n", string(got))
}

func TestTheFirstErrorStays(t *testing.T) {
	var w emit.Go
	first := errors.New("first")
	w.Fail(first)
	w.Failf("second %d", 2)
	_, err := w.Source()
	assert.ErrorIs(t, err, first)
}

func TestBadTextNamesItsLine(t *testing.T) {
	var w emit.Go
	w.Line("package p")
	w.Line("func {")
	_, err := w.Source()
	assert.ErrorContains(t, err, "   2  func {")
}

func TestDocWraps(t *testing.T) {
	var w emit.Go
	long := ""
	for range 40 {
		long += "word "
	}
	w.Doc(long)
	assert.Equal(t, 2, countLines(w.String()))
}

func countLines(s string) (n int) {
	for _, c := range s {
		if c == '\n' {
			n++
		}
	}
	return n
}

// Text keeps its lines whatever the indentation, with a line end behind the last; empty lines stay empty.
func TestText(t *testing.T) {
	for _, text := range []string{"a\n\n\tb\n", "a\n\n\tb"} {
		var w emit.Go
		w.Text(text)
		w.Indented(func() { w.Text(text) })
		w.Text("")
		assert.Equal(t, "a\n\n\tb\n\ta\n\n\t\tb\n", w.String())
	}
}

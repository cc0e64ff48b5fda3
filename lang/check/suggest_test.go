package check_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/internal/diag"
	"mmc/lang/check"
)

// A misspelt name of any kind gets the name that was meant, and points at the name.
func TestSuggestions(t *testing.T) {
	for _, c := range []struct{ statement, at, hint string }{
		{"graph f(x: [N, 4]) -> [N, 4] { x |> sigmoyd }", "sigmoyd", "sigmoid"},
		{"graph f(x: [N, 4]) -> [N, 4] { ReLU(x) }", "ReLU", "relu"},
		{"graph f(x: [N, 4]) -> [N, 4] { reshap(x, [N, 4]) }", "reshap", "reshape"},
		{"graph f(x: [N, 4]) -> [N, 4] { x |> b: BatchNorm1D() }", "BatchNorm1D", "BatchNorm1d"},
		{"graph f(x: [N, 4]) -> [N, 4] { x |> fc: Linera(4) }", "Linera", "Linear"},
		{"graph f(x: [N, 4]) -> [N, 4] { x |> fc: Linear(4, bais: false) }", "bais", "bias"},
		{"graph f(x: [N, 4]) -> [N, 4] { softmax(x, axs: 1) }", "axs", "axis"},
		{"graph f(x: [N, 4]) -> [N, 4] { split(x, 2, axs: 1)[0] }", "axs", "axis"},
		{"graph f(x: [N, 4]) -> [N, 4] { x * p }", "p", ""},
		{"graph f(x: [N, 4]) -> [N, 4] { x * pii }", "pii", "pi"},
		{"graph f(image: [N, 4]) -> [N, 4] { -imge }", "imge", "image"},
		{"graph f(x: [N, 4]) -> [N, oot] { x }", "oot", "out"},
		{"graph f(x: f23[N, 4]) -> f32[N, 4] { x }", "f23[N, 4]", "f32"},
		{"graph f(z: [N, 4] = nromal()) -> [N, 4] { z }", "nromal", "normal"},
		{"graph f(z: [N, 4] = normal(men: 1)) -> [N, 4] { z }", "men", "mean"},
		{"train f(x: [N, 4]) { minimize l = sum(x |> fc: Linear(1)) using admm(lr: 1) }", "admm", "adam"},
		{"train f(x: [N, 4]) { minimize l = sum(x |> fc: Linear(1)) using adam(rl: 1) }", "rl", ""},
		{"train f(x: [N, 4]) { minimize l = sum(x |> head: Linear(1)) over haed using adam() }", "haed", "head"},
		{"train f(x: [N, 4]) { minimize l = sum(x |> fc: Linear(1)) using adam() over fc }", "over", "the clauses of a minimize stand in this order: over, using, clip, accumulate, except"},
		{"param w: [4] intt uniform(0, 1)", "intt", "init"},
		{"expect parms(f) == 3", "parms", "params"},
	} {
		source := "model M(out: int = 4) {\n  " + c.statement + "\n}\n"
		found := diagnose(source)
		require.NotEmpty(t, found, c.statement)
		want := c.hint
		if len(want) > 0 && len(want) < 20 {
			want = "did you mean " + want + "?"
		}
		r := found[0].Range
		assert.Equal(t, c.at, source[r.Start.Offset:r.End.Offset], c.statement)
		assert.Equal(t, want, unquoted(found[0].Hint), c.statement)
	}
	found := diagnose("import \"std/vison\"\nmodel M { graph f(x: [N]) -> [N] { x } }\n")
	require.Len(t, found, 1)
	assert.Equal(t, "there is no file std/vison.mm", found[0].Message)
	assert.Equal(t, "did you mean std/vision.mm?", found[0].Hint)
}

func unquoted(s string) string {
	out := ""
	for _, r := range s {
		if r != '`' {
			out += string(r)
		}
	}
	return out
}

// diagnose checks a program that is written in the test.
func diagnose(source string) diag.List {
	parsed, diags := check.Load("m.mm", func(name string) ([]byte, error) {
		if filepath.Base(name) == "m.mm" {
			return []byte(source), nil
		}
		return nil, os.ErrNotExist
	})
	if diags.HasErrors() {
		return diags.Sort()
	}
	_, more := check.Check(parsed, options())
	return more.Sort()
}

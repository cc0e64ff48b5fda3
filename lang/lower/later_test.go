package lower_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/internal/diag"
	"mmc/ir/op"
	"mmc/lang/check"
	"mmc/lang/lower"
)

// lowered is what lowering finds in all models of a program that checks without a finding.
func lowered(t *testing.T, name string, read func(string) ([]byte, error)) (found diag.List) {
	t.Helper()
	parsed, diags := check.Load(name, read)
	require.Empty(t, diags)
	p, diags := check.Check(parsed, check.Options{Ops: op.Lookup})
	require.Empty(t, diags, diags.Error())
	for _, m := range p.Models {
		_, diags := lower.Lower(m)
		found = append(found, diags...)
	}
	return found
}

func loweredText(t *testing.T, src string) diag.List {
	t.Helper()
	return lowered(t, "test.mm", func(string) ([]byte, error) { return []byte(src), nil })
}

// What is checked but not compiled yet is said where it stands.
func TestLater(t *testing.T) {
	codes := map[string]bool{}
	for _, d := range lowered(t, "../check/testdata/good/recurrent.mm", os.ReadFile) {
		assert.True(t, d.Range.IsValid())
		assert.Contains(t, d.Message, "is not compiled yet")
		codes[d.Code] = true
	}
	assert.Equal(t, map[string]bool{"later.scan": true, "later.loop": true, "later.cond": true, "later.cache": true, "later.size": true}, codes)
}

// A cache is reported once, at its declaration, however often it is read and written.
func TestCachesAreReportedOnce(t *testing.T) {
	found := loweredText(t, `block Keep(n: int)(x: [B, T, 2], pos: dim) -> [B, T, 2] where pos + T <= n {
  cache past: [B, n, 2]
  update past[:, pos : pos + T] = x
  past[:, pos : pos + T] + past[:, pos : pos + T]
}
model M {
  keep: Keep(8)
  graph f(x: [B, T, 2], pos: dim) -> [B, T, 2] where pos + T <= 8 { in decoding { keep(x, pos: pos) } }
  graph g(x: [B, T, 2], pos: dim) -> [B, T, 2] where pos + T <= 8 { in decoding { keep(x, pos: pos) } }
}
`)
	require.Len(t, found, 1, found.Error())
	assert.Equal(t, "later.cache", found[0].Code)
	assert.Equal(t, 2, found[0].Range.Start.Line)
}

// Halves are kept, moved and converted; what would compute with them is told of where it stands in the user's file.
func TestHalves(t *testing.T) {
	assert.Empty(t, loweredText(t, `model M {
  param w: bf16[4] init 0.1
  graph f(x: [N, 4], y: f16[N, 4]) -> bf16[4, N] { bf16(x * f32(w) + f32(y[:, :])).T }
  train step(x: f16[N, 4]) { minimize loss = sum(f32(x) |> fc: Linear(1)) using adam() }
}
`))
	for _, c := range []struct{ src, message string }{
		{"graph f(x: [N, 4]) -> [N, 4] {\n in bf16 { x |> fc: Linear(4) }\n }", "a first value that is drawn in bf16 is not compiled yet"},
		{"graph f(x: bf16[N, 4]) -> bf16[N, 4] {\n x + x\n }", "computing in bf16 is not compiled yet"},
		{"graph f(x: f16[N, 4]) -> bool[N, 4] {\n x > 0\n }", "computing in f16 is not compiled yet"},
		{"graph f(x: f16[N, 4]) -> f16[N] {\n x |> sum(axes: [1])\n }", "computing in f16 is not compiled yet"},
		{"graph f(\n x: f16[N, 4] = normal()) -> f16[N, 4] { x }", "drawing in f16 is not compiled yet"},
		{"graph f(x: f16[N, 4]) -> f16[N, 4] {\n grad(sum(f32(x)), x)\n }", "a gradient in f16 is not compiled yet"},
		{"param w: f16[4] init 1\n train t(x: [4]) { minimize l = sum(f32(w) * x)\n using sgd(lr: 0.1) }", ""},
		{"train t(x: [4]) {\n y = f32(bf16(x |> fc: Linear(4))); minimize l = sum(y) using sgd(lr: 0.1) }", "computing in bf16 is not compiled yet"},
	} {
		found := loweredText(t, "model M {\n "+c.src+"\n}\n")
		require.NotEmpty(t, found, c.src)
		for _, d := range found {
			assert.Equal(t, "later.half", d.Code, c.src)
			assert.Equal(t, "test.mm", d.Range.File, c.src)
			assert.Contains(t, d.Hint, "f32(x)")
		}
		if c.message != "" {
			assert.Equal(t, c.message, found[0].Message, c.src)
			assert.Equal(t, 3, found[0].Range.Start.Line, c.src)
		}
	}
}

// A slot that begins with something computed is told of, where it is declared, rather than compiled to something else.
func TestComputedSlots(t *testing.T) {
	for _, first := range []string{"p", "normal()"} {
		found := loweredText(t, "optimizer slow(lr: float)(p, g) {\n  state far: like p init "+first+"\n  update far = 0.5 * far\n  update p = far - lr * g\n}\n"+
			"model M {\n  param w: [3] init 1\n  train step(x: [3]) { minimize l = sum(w * x) using slow(lr: 0.1) }\n}\n")
		require.Len(t, found, 1)
		assert.Equal(t, "later.slot", found[0].Code)
		assert.Equal(t, 2, found[0].Range.Start.Line)
	}
}

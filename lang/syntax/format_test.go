package syntax_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/lang/syntax"
)

// checkFormat asserts what must hold for the formatted text of any correct program.
func checkFormat(t *testing.T, name, src string) string {
	t.Helper()
	before, found := syntax.Parse(name, src)
	require.Empty(t, found)
	once := string(syntax.Format(before))
	after, found := syntax.Parse(name, once)
	require.Empty(t, found, "the formatted text has errors:\n%s", once)
	assert.True(t, syntax.Equal(before, after), "the tree has changed:\n%s", once)
	assert.Equal(t, once, string(syntax.Format(after)), "formatting twice is not formatting once")
	require.Len(t, after.Comments, len(before.Comments))
	for i := range before.Comments {
		assert.Equal(t, before.Comments[i].Text, after.Comments[i].Text)
		assert.Equal(t, before.Comments[i].Tail, after.Comments[i].Tail)
	}
	return once
}

func TestFormat(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"spaces", "const   a=1+ 2 *-3 ** -  b\nconst c = f( x,y : 2 )[ 0 ] . T", "const a = 1 + 2 * -3**-b\nconst c = f(x, y: 2)[0].T\n"},
		{"alignment", "const ab  = 1\nconst c   = x     |> f", "const ab = 1\nconst c = x |> f\n"},
		{"ranges and slices", "const a = x[0:1, a:b, a :, : b, :, a+1 : -1, ::2, 1:-1]; const b = 0 .. n",
			"const a = x[0:1, a : b, a:, :b, :, a + 1 : -1, ::2, 1:-1]; const b = 0..n\n"},
		{"types", "fn f( a:f32 [ N,... ] , b : inout[ 2 ],c:i32 )->[ ?K<=n ]{a}", "fn f(a: f32[N, ...], b: inout [2], c: i32) -> [?K <= n] { a }\n"},
		{"empty lines", "\n\nconst a = 1\n\n\n\nconst b = 2\n\nmodel M() {\n\n  a: F()\n\n\n  b: F()\n\n}\n\n",
			"const a = 1\n\nconst b = 2\n\nmodel M() {\n  a: F()\n\n  b: F()\n}\n"},
		{"bodies", "model M(){a: F();b: F()}\nmodel N()\n{ a: F()\n b: F() }\nmodel O() { }\nmodel P() {\n}",
			"model M() { a: F(); b: F() }\nmodel N() {\n  a: F()\n  b: F()\n}\nmodel O() {}\nmodel P() {}\n"},
		{"nested bodies", "fn f() { for a in b { for c in d {\nx = y\n} } }", "fn f() {\n  for a in b {\n    for c in d {\n      x = y\n    }\n  }\n}\n"},
		{"a head of several lines", "block B(h: int)\n(x: [N])\n-> [N]\nwhere N > 1 {\nx\n}",
			"block B(h: int)\n  (x: [N])\n  -> [N]\n  where N > 1\n{\n  x\n}\n"},
		{"arguments on several lines", "fn f(x: [N],\n y: [N]) -> [N] {\n a = g(\n x,\n y +\n x\n )\n a }",
			"fn f(x: [N],\n  y: [N]) -> [N]\n{\n  a = g(\n    x,\n    y +\n      x\n  )\n  a\n}\n"},
		{"pipes", "const a = x\n       |> f\n  |> g", "const a = x\n  |> f\n  |> g\n"},
		{"else", "fn f() {\n  if a {\n    b\n  }\n  else if c { d }\n  else {\n    e\n  }\n}",
			"fn f() {\n  if a {\n    b\n  } else if c { d } else {\n    e\n  }\n}\n"},
		{"comments", "//a\n//\n  //  b\nconst a = 1//c\nmodel M() {//d\n//e\n}\n\n//f",
			"// a\n//\n//  b\nconst a = 1  // c\nmodel M() {  // d\n  // e\n}\n\n// f\n"},
		{"comments inside statements", "const a = f(x, // one\n// two\ny) // three\n // four\n |> g",
			"const a = f(x,  // one\n  // two\n  y)  // three\n  // four\n  |> g\n"},
		{"paths", "model M() {\n layer{ i+1 } .{ b }.0 : F()\n}", "model M() {\n  layer{i + 1}.{b}.0: F()\n}\n"},
		{"semicolons", "const a = 1;const b = 2;\nconst c = 3", "const a = 1; const b = 2\nconst c = 3\n"},
		{"nothing", " \n\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, checkFormat(t, "t.mm", c.in))
		})
	}
}

// Text with errors is not touched.
func TestFormatOfErrors(t *testing.T) {
	text, found := syntax.FormatSource("t.mm", "const a = (1\n")
	assert.Nil(t, text)
	assert.True(t, found.HasErrors())
	for _, src := range []string{"const a = (1\n", "const  a = 1 $\n", "((((\n"} {
		f, _ := syntax.Parse("t.mm", src)
		assert.Equal(t, src, string(syntax.Format(f)))
	}
}

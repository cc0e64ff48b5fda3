package syntax_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/internal/diag"
	"mmc/lang/syntax"
)

// goodPrograms parses all of testdata/good.
func goodPrograms(t *testing.T) []*syntax.File {
	names, err := filepath.Glob("testdata/good/*.mm")
	require.NoError(t, err)
	var files []*syntax.File
	for _, name := range names {
		src, err := os.ReadFile(name)
		require.NoError(t, err)
		f, found := syntax.Parse(name, string(src))
		require.Empty(t, found)
		files = append(files, f)
	}
	return files
}

// walk visits every node below v with the node around it.
func walk(v reflect.Value, parent syntax.Node, visit func(node, parent syntax.Node)) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), parent, visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), parent, visit)
		}
	case reflect.Struct:
		if n, ok := v.Addr().Interface().(syntax.Node); ok && v.Type() != reflect.TypeFor[syntax.At]() {
			if reflect.ValueOf(n).Elem().Type() == reflect.TypeFor[syntax.Ident]() && n.(*syntax.Ident).Name == "" {
				return // an optional name that is not there
			}
			visit(n, parent)
			parent = n
		}
		for i := range v.NumField() {
			if v.Field(i).CanInterface() && v.Type().Field(i).Type != reflect.TypeFor[diag.Range]() {
				walk(v.Field(i), parent, visit)
			}
		}
	}
}

// Every node has a place inside the place of the node around it, and names and literals stand where they say.
func TestRanges(t *testing.T) {
	for _, f := range goodPrograms(t) {
		text := func(r diag.Range) string { return f.Source[r.Start.Offset:r.End.Offset] }
		walk(reflect.ValueOf(f.Decls), nil, func(n, parent syntax.Node) {
			r := n.Span()
			require.True(t, r.IsValid() && r.File == f.Name, "%T has no place", n)
			require.Less(t, r.Start.Offset, r.End.Offset, "%T is empty", n)
			if parent != nil {
				p := parent.Span()
				assert.LessOrEqual(t, p.Start.Offset, r.Start.Offset, "%T in %T %v", n, parent, p)
				assert.LessOrEqual(t, r.End.Offset, p.End.Offset, "%T in %T %v", n, parent, p)
			}
			before := f.Source[:r.Start.Offset]
			assert.Equal(t, strings.Count(before, "\n")+1, r.Start.Line)
			assert.Equal(t, utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])+1, r.Start.Col)
			switch n := n.(type) {
			case *syntax.Ident:
				assert.Equal(t, n.Name, text(r))
			case *syntax.Number:
				assert.Equal(t, n.Text, text(r))
			case *syntax.Word:
				assert.Equal(t, n.Name, text(r))
			case *syntax.Binary:
				assert.Equal(t, n.Op, text(n.OpAt))
			case *syntax.Body:
				assert.Contains(t, "{i", text(r)[:1], "a body begins with its brace, or with the if of an else-if")
				assert.Equal(t, "}", text(r)[len(text(r))-1:])
			}
		})
		for _, c := range f.Comments {
			assert.True(t, strings.HasPrefix(text(c.Range), "//"))
			assert.Contains(t, text(c.Range), c.Text)
		}
	}
}

// The good programs together hold every kind of node, so that what is tested on them is tested on all.
func TestGoodProgramsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range goodPrograms(t) {
		walk(reflect.ValueOf(f.Decls), nil, func(n, _ syntax.Node) { seen[strings.TrimPrefix(fmt.Sprintf("%T", n), "*syntax.")] = true })
	}
	for _, kind := range strings.Fields(`Ident Path PathPart Import Model Block Fn Graph OptimizerDecl Param Result
		TensorType NamedType ListType LikeType Dim Body Assign ExprStmt Instance Cell Update If For Return Minimize Report
		Freeze OptimizerStmt Expect Alias Yield Loss Group PathExpr Number String Word List Tuple Paren Unary Binary Call
		Select Index Pipe IfExpr In Scan Loop Cond Arg Sub`) {
		assert.True(t, seen[kind], "no %s in testdata/good", kind)
	}
}

// inBody parses statements as they would stand in a function's body.
func inBody(t *testing.T, text string) []syntax.Stmt {
	t.Helper()
	f, found := syntax.Parse("t.mm", "fn f() {\n"+text+"\n}")
	require.Empty(t, found, text)
	require.Len(t, f.Decls, 1)
	return f.Decls[0].(*syntax.Fn).Body.Stmts
}

// sketch writes an expression with all its parentheses.
func sketch(e syntax.Expr) string {
	switch e := e.(type) {
	case *syntax.Binary:
		return "(" + sketch(e.X) + " " + e.Op + " " + sketch(e.Y) + ")"
	case *syntax.Unary:
		return "(" + e.Op + " " + sketch(e.X) + ")"
	case *syntax.Paren:
		return sketch(e.X)
	case *syntax.PathExpr:
		return e.Name.Word()
	case *syntax.Number:
		return e.Text
	case *syntax.Word:
		return e.Name
	case *syntax.Call:
		return sketch(e.Fun) + "()"
	case *syntax.Select:
		return sketch(e.X) + "." + e.Name.Pieces[0].Text
	case *syntax.Pipe:
		label := ""
		if e.Label != nil {
			label = e.Label.Word() + ": "
		}
		return "(" + sketch(e.X) + " |> " + label + sketch(e.Call) + ")"
	}
	return fmt.Sprintf("%T", e)
}

func TestPrecedence(t *testing.T) {
	for text, want := range map[string]string{
		"a + b * c":              "(a + (b * c))",
		"a - b - c":              "((a - b) - c)",
		"a / b * c % d @ e":      "((((a / b) * c) % d) @ e)",
		"a ** b ** c":            "(a ** (b ** c))",
		"-a ** 2":                "(- (a ** 2))",
		"2 ** -a":                "(2 ** (- a))",
		"-a * b":                 "((- a) * b)",
		"not a and b":            "((not a) and b)",
		"a or b and c":           "(a or (b and c))",
		"a == b or c < d":        "((a == b) or (c < d))",
		"a + 1 <= b - 1":         "((a + 1) <= (b - 1))",
		"0 .. n + 1":             "(0 .. (n + 1))",
		"a @ b + c |> f |> g":    "((((a @ b) + c) |> f) |> g)",
		"a + (b |> f) |> g":      "((a + (b |> f)) |> g)",
		"a |> l: f(1)(2)":        "(a |> l: f()())",
		"a |> m.h":               "(a |> m.h)",
		"-a.T @ b":               "((- a.T) @ b)",
		"a or b |> f":            "((a or b) |> f)",
		"training and not none":  "(training and (not none))",
		"((a))":                  "a",
		"a\n |> f\n |> g":        "((a |> f) |> g)",
		"a +\n b":                "(a + b)",
		"f(a,\n b) - c":          "(f() - c)",
		"a // one\n |> f // two": "(a |> f)",
	} {
		stmts := inBody(t, "x = "+text)
		require.Len(t, stmts, 1, text)
		assert.Equal(t, want, sketch(stmts[0].(*syntax.Assign).Value), text)
	}
}

// What ends a statement and what does not.
func TestNewlines(t *testing.T) {
	for text, want := range map[string]int{
		"a = b\nc = d":                   2,
		"a = b; c = d":                   2,
		"a = b;\n;\nc = d;":              2,
		"a = b\n\n\n":                    1,
		"a =\n b":                        1,
		"a = b\n|> f":                    1,
		"a = (b\n+ c)":                   1,
		"a = [b,\n c\n]":                 1,
		"a = f(b) // c":                  1,
		"a = b + // c\n d":               1,
		"if a\n{ b }\nelse\n{ c }":       1,
		"if a { b }\n\n// c\nelse { c }": 1,
		"loop i in 0..n\nwith a = b,\n c = d\n{ }\nuntil a": 1,
		"(a, b)\n(c, d)":                                            2,
		"param w: [N]\ninit 0":                                      1,
		"a = scan b in c\nwith d = e\nlength f\n{ }":                1,
		"length = 3\nwhen = length":                                 2,
		"minimize l = a\nover b\nusing c\nclip d\nexcept e\nwhen f": 1,
		"minimize l = a using b\nwhen = c":                          2,
		"a = b\r\nc = d\r\n":                                        2,
		"\ta = b\n\tc = d":                                          2,
		"a = if b { c\n } else { d }":                               1,
		"f(if b { c = 1\n d } else { e })":                          1,
	} {
		assert.Len(t, inBody(t, text), want, text)
	}
}

// Labels and dotted paths: where a digit, a keyword or an interpolation may stand.
func TestPaths(t *testing.T) {
	for text, want := range map[string]int{
		"a: F()": 1, "downsample.0: F()": 2, "net.1.0: F()": 3, "layer{s + 1}.{b}: F()": 2, "h.{i}: F()": 2,
		"block.{i}: F()": 2, "a{i}_b{j}: F()": 1, "state.param: F()": 2, "in: F()": 1, "a{i}0.w: F()": 2,
	} {
		stmts := inBody(t, text)
		require.Len(t, stmts, 1, text)
		n, ok := stmts[0].(*syntax.Instance)
		require.True(t, ok, "%s is %T", text, stmts[0])
		assert.Len(t, n.Label.Parts, want, text)
	}
	call := inBody(t, "x = block.{0}.0.in(y)")[0].(*syntax.Assign).Value.(*syntax.Call)
	assert.Equal(t, "in", call.Fun.(*syntax.Select).Name.Pieces[0].Text)
	rng := inBody(t, "x = 0..depth")[0].(*syntax.Assign).Value.(*syntax.Binary)
	assert.Equal(t, "..", rng.Op)
}

func TestDocs(t *testing.T) {
	f, found := syntax.Parse("t.mm", `// The file.

// First line.
//
//   indented
model M() {
  x = 1 // not a doc
  graph a(x: [N]) -> [N] { x }

  // Of b.
  graph b(x: [N]) -> [N] { x }
  // Apart.

  graph c(x: [N]) -> [N] { x }
}
`)
	require.Empty(t, found)
	m := f.Decls[0].(*syntax.Model)
	assert.Equal(t, "First line.\n\n  indented", m.Doc)
	docs := map[string]string{}
	for _, s := range m.Body.Stmts {
		if g, ok := s.(*syntax.Graph); ok {
			docs[g.Name.Name] = g.Doc
		}
	}
	assert.Equal(t, map[string]string{"a": "", "b": "Of b.", "c": ""}, docs)
}

func TestEqual(t *testing.T) {
	parse := func(src string) *syntax.File { f, _ := syntax.Parse("t.mm", src); return f }
	a := parse("fn f(x: [N]) -> [N] { x + 1 }")
	assert.True(t, syntax.Equal(a, parse("// c\n\nfn f( x : [ N ] )\n -> [N] {\n x+1 // d\n}")))
	for _, other := range []string{
		"fn f(x: [N]) -> [N] { x + 2 }", "fn f(x: [N]) -> [N] { x - 1 }", "fn f(x: [N]) -> [M] { x + 1 }",
		"fn f(x: [N]) { x + 1 }", "fn f(x: [N]) -> [N] { (x + 1) }", "fn f(x: [N]) -> [N] { x + 1; x + 1 }", "", "const f = 1",
	} {
		assert.False(t, syntax.Equal(a, parse(other)), other)
		assert.False(t, syntax.Equal(parse(other), a), other)
	}
}

func TestDump(t *testing.T) {
	f, found := syntax.Parse("t.mm", "const a = b.T |> c: D(e, k: \"s\")")
	require.Empty(t, found)
	var out strings.Builder
	require.NoError(t, syntax.Dump(&out, f))
	assert.Equal(t, `Cell 1:1 kind="const" name=a
  value: Pipe 1:11 label=c
    x: Select 1:11
      x: PathExpr 1:11 name=b
      name: PathPart 1:13
        pieces: Piece text="T"
    call: Call 1:21
      fun: PathExpr 1:21 name=D
      args: Arg 1:23
        value: PathExpr 1:23 name=e
      args: Arg 1:26 name=k
        value: String 1:29 value="s"
`, out.String())
}

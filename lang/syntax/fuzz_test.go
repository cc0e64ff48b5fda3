package syntax_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mmc/lang/syntax"
)

// seed adds all programs of testdata, good and bad, and some text that has no meaning.
func seed(f *testing.F) {
	for _, pattern := range []string{"testdata/good/*.mm", "testdata/bad/*.mm"} {
		files, _ := filepath.Glob(pattern)
		for _, name := range files {
			src, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(src))
		}
	}
	for _, src := range []string{
		"", "\ufeff", "\xff", "a = 1 // x", "x = a{i}_b.{j}.0", "x[::2, new, ...]", "model M {", "}", "f(a,\n b", "a{", "a.{",
		"x = if a { b } else if c { d } else { e }", "if a {} else if b {} else {}", "fn f() {} gradient(d, e) {}",
		"block b(h: int)\n(x: [N]) -> [M]\n{ }", "a = b // t\n |> c", "- - not - x", "a..b..c", "1e5 .x", "a{i}0.5", "f(x = 1)", "graph A(\n A",
	} {
		f.Add(src)
	}
}

// FuzzParse: no text makes the parser panic or give up silently.
func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, src string) {
		file, found := syntax.Parse("fuzz.mm", src)
		for _, d := range found {
			if d.Code == "syntax.internal" {
				t.Fatal(d.Message)
			}
			if !d.Range.IsValid() || d.Range.Start.Offset > len(src) || d.Range.End.Offset < d.Range.Start.Offset || d.Message == "" {
				t.Fatalf("diagnostic out of the text: %+v", d)
			}
		}
		if err := syntax.Dump(new(strings.Builder), file); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzFormat: text without errors keeps its tree and its comments, and formatting twice is formatting once.
func FuzzFormat(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, src string) {
		for _, text := range []string{src, "fn f() {\n" + src + "\n}"} { // a file, or the statements of a body
			if _, found := syntax.Parse("fuzz.mm", text); len(found) == 0 {
				checkFormat(t, "fuzz.mm", text)
			}
		}
	})
}

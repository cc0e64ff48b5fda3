package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// codePattern is the form of a code: an area and a word.
var codePattern = regexp.MustCompile(`^[a-z]+\.[a-z]+$`)

// codes collects the codes of diagnostics in the compiler's sources.
func codes(t *testing.T) []string {
	var list []string
	for _, folder := range []string{"lang", "ir/op"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				for _, x := range codePlaces(n) {
					if lit, ok := x.(*ast.BasicLit); ok && lit.Kind == token.STRING {
						if text, err := strconv.Unquote(lit.Value); err == nil && codePattern.MatchString(text) {
							list = append(list, text)
						}
					}
				}
				return true
			})
			return nil
		})
		require.NoError(t, err)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// codePlaces are the expressions of a node where a code may stand: the arguments of what makes a diagnostic or a type
// error, a constant, a field named Code, a result.
func codePlaces(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.CallExpr:
		name := ""
		switch f := n.Fun.(type) {
		case *ast.Ident:
			name = f.Name
		case *ast.SelectorExpr:
			name = f.Sel.Name
		}
		if name == "New" || name == "report" || strings.Contains(strings.ToLower(name), "fail") {
			return n.Args
		}
	case *ast.ValueSpec:
		return n.Values
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && strings.EqualFold(key.Name, "code") {
			return []ast.Expr{n.Value}
		}
	case *ast.ReturnStmt:
		return n.Results
	}
	return nil
}

// entry is a code's part of the page.
type entry struct{ code, text string }

func entries(t *testing.T) []entry {
	var out []entry
	for _, part := range strings.Split(page(t, "errors.md"), "\n### ")[1:] {
		head, text, _ := strings.Cut(part, "\n")
		text, _, _ = strings.Cut(text, "\n## ")
		out = append(out, entry{strings.Trim(head, "` "), text})
	}
	return out
}

func TestEveryCodeIsListed(t *testing.T) {
	var listed []string
	for _, e := range entries(t) {
		assert.False(t, slices.Contains(listed, e.code), "%s is listed twice", e.code)
		listed = append(listed, e.code)
	}
	known := codes(t)
	for _, c := range known {
		assert.True(t, slices.Contains(listed, c), "docs/errors.md has no entry for %s", c)
	}
	for _, c := range listed {
		assert.True(t, slices.Contains(known, c), "docs/errors.md explains %s, which no diagnostic has", c)
	}
}

var begins = regexp.MustCompile(`^\s*(model|block|fn|optimizer|import|const|graph|train) `)

// program puts statements into the body that the page announces.
func program(example string) string {
	if begins.MatchString(example) {
		return example
	}
	return "model Example() {\n  graph g(x: [N, 4], k: i32[N]) -> [N, 4] {\n" + example + "\n    x\n  }\n}\n"
}

// TestExamplesOfTheErrorsPage: in each entry the first block must give the entry's code, and a second one, which shows
// how to mend it, must compile.
func TestExamplesOfTheErrorsPage(t *testing.T) {
	for _, e := range entries(t) {
		t.Run(e.code, func(t *testing.T) {
			blocks := fenced(e.text, "mm")
			if len(blocks) == 0 {
				assert.Contains(t, e.text, "No example", "an entry without an example says why")
				return
			}
			var got []string
			diags := compile("errors.mm", program(blocks[0]))
			for _, d := range diags {
				got = append(got, d.Code)
			}
			assert.Contains(t, got, e.code, diags)
			for _, good := range blocks[1:] {
				assert.Empty(t, compile("errors.mm", program(good)))
			}
		})
	}
}

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/op"
	"mmc/lang/check"
	"mmc/lang/lower"
	"mmc/lang/syntax"
	"mmc/passes"
)

const root = "../.."

func page(t *testing.T, name string) string {
	text, err := os.ReadFile(filepath.Join(root, "docs", name))
	require.NoError(t, err)
	return string(text)
}

func TestPagesAreUpToDate(t *testing.T) {
	s, err := open(root, t.TempDir())
	require.NoError(t, err)
	for _, p := range parts {
		_, old, fresh, err := p.fresh(s)
		require.NoError(t, err)
		assert.Equal(t, string(fresh), string(old), "%s, part %s: run go run ./internal/docgen", p.page, p.name)
	}
}

// compile checks, lowers and plans every model of a text, as mmc build does.
func compile(name, src string) diag.List {
	read := func(file string) ([]byte, error) {
		if file != name {
			return nil, os.ErrNotExist
		}
		return []byte(src), nil
	}
	files, diags := check.Load(name, read)
	if diags.HasErrors() {
		return diags
	}
	program, more := check.Check(files, check.Options{Ops: op.Lookup})
	if diags = append(diags, more...); diags.HasErrors() {
		return diags
	}
	for _, m := range program.Models {
		module, more := lower.Lower(m)
		if diags = append(diags, more...); diags.HasErrors() {
			return diags
		}
		if _, err := passes.Plan(module, passes.Options{Verify: ir.Verify}); err != nil {
			diags = append(diags, diag.New("internal", diag.Range{File: name}, err.Error()))
		}
	}
	return diags
}

// fenced finds the blocks of a page that are marked with a word. The lines before a block keep its place in the page.
func fenced(text, mark string) []string {
	var out []string
	for _, m := range regexp.MustCompile("(?ms)^```"+mark+"\n(.*?)^```$").FindAllStringSubmatchIndex(text, -1) {
		out = append(out, strings.Repeat("\n", strings.Count(text[:m[2]], "\n"))+text[m[2]:m[3]])
	}
	return out
}

func TestExamplesOfTheLanguagePage(t *testing.T) {
	list := fenced(page(t, "language.md"), "mm")
	require.Greater(t, len(list), 4)
	for _, src := range list {
		assert.Empty(t, compile("language.md", src), strings.TrimLeft(src, "\n"))
	}
}

func TestExamplesAreFormatted(t *testing.T) {
	for _, src := range fenced(page(t, "language.md"), "mm") {
		src = strings.TrimLeft(src, "\n")
		formatted, diags := syntax.FormatSource("language.md", src)
		require.Empty(t, diags)
		assert.Equal(t, string(formatted), src)
	}
}

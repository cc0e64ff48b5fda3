package diag_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"mmc/internal/diag"
)

const source = "model M() {\n\tx = widht * β + 2\n}\n"

func text(file string) (string, bool) { return source, file == "m.mm" }

// at is the range of the first occurrence of part in source.
func at(part string) diag.Range {
	place := func(offset int) diag.Pos {
		before := source[:offset]
		line := before[strings.LastIndexByte(before, '\n')+1:]
		return diag.Pos{Offset: offset, Line: strings.Count(before, "\n") + 1, Col: len([]rune(line)) + 1}
	}
	i := strings.Index(source, part)
	return diag.Range{File: "m.mm", Start: place(i), End: place(i + len(part))}
}

func render(d diag.Diagnostic, src diag.Source, colour bool) string {
	var b strings.Builder
	diag.Render(&b, d, src, colour)
	return b.String()
}

func TestRenderShowsTheLineAndTheWord(t *testing.T) {
	d := diag.New("name.unknown", at("widht"), "unknown name `widht`").WithHint("did you mean `width`?").
		WithRelated(at("M()"), "in this model")
	assert.Equal(t, ""+
		"m.mm:2:6: error: unknown name `widht`\n"+
		" 2 | \tx = widht * β + 2\n"+
		"   | \t    ^^^^^\n"+
		"m.mm:1:7: note: in this model\n"+
		" 1 | model M() {\n"+
		"   |       ^^^\n"+
		"  hint: did you mean `width`?\n", render(d, text, false))
}

func TestRenderCountsRunes(t *testing.T) {
	assert.Contains(t, render(diag.New("c", at("2"), "m"), text, false), " 2 | \tx = widht * β + 2\n   | \t                ^\n")
	assert.Contains(t, render(diag.New("c", at("β"), "m"), text, false), "\n   | \t            ^\n")
}

func TestRenderOfARangeOverLinesMarksTheFirst(t *testing.T) {
	r := at("M()").To(at("2\n}"))
	assert.Contains(t, render(diag.New("c", r, "m"), text, false), " 1 | model M() {\n   |       ^^^^^\n")
}

func TestRenderWithoutSource(t *testing.T) {
	d := diag.New("c", at("x"), "m")
	assert.Equal(t, "m.mm:2:2: error: m\n", render(d, nil, false))
	d.Range.File = "other.mm"
	assert.Equal(t, "other.mm:2:2: error: m\n", render(d, text, false))
	d.Range = diag.Range{File: "weights.bin"}
	assert.Equal(t, "weights.bin: error: m\n", render(d, text, false))
	far := diag.New("c", diag.Range{File: "m.mm", Start: diag.Pos{Offset: 999, Line: 99, Col: 1}}, "m")
	assert.Equal(t, "m.mm:99:1: error: m\n", render(far, text, false), "a range outside the text shows no line")
}

func TestRenderAtTheEndOfTheText(t *testing.T) {
	r := at("}")
	r.Start = r.End
	r.End.Col++
	assert.Contains(t, render(diag.New("c", r, "m"), text, false), " 3 | }\n   |  ^\n")
}

func TestRenderColourAddsOnlyEscapes(t *testing.T) {
	d := diag.New("c", at("widht"), "m").WithHint("h")
	d.Severity = diag.Warning
	coloured := render(d, text, true)
	assert.Contains(t, coloured, "\x1b[1;33m^^^^^\x1b[0m")
	plain := coloured
	for _, code := range []string{"\x1b[1m", "\x1b[1;33m", "\x1b[1;32m", "\x1b[0m"} {
		plain = strings.ReplaceAll(plain, code, "")
	}
	assert.Equal(t, render(d, text, false), plain)
}

func TestRenderShowsFixes(t *testing.T) {
	d := diag.New("c", at("widht"), "m")
	d.Fixes = []diag.Fix{{Range: d.Range, NewText: "width", Message: "write `width`"}}
	assert.Contains(t, render(d, text, false), "  fix: write `width`\n")
}

func TestRangeTo(t *testing.T) {
	a, b := at("x"), at("widht")
	assert.Equal(t, b.End, a.To(b).End)
	assert.Equal(t, a.Start, a.To(b).Start)
	assert.Equal(t, b, b.To(at("x")), "an earlier range does not shorten")
	assert.Equal(t, b, diag.Range{}.To(b))
	assert.Equal(t, a, a.To(diag.Range{}))
	other := b
	other.File = "other.mm"
	assert.Equal(t, a, a.To(other), "ranges of two files do not join")
	assert.False(t, diag.Range{File: "m.mm"}.IsValid())
}

func TestWithRelatedDoesNotShare(t *testing.T) {
	base := diag.New("c", at("x"), "m").WithRelated(at("M"), "first")
	one, two := base.WithRelated(at("x"), "one"), base.WithRelated(at("x"), "two")
	assert.Len(t, base.Related, 1)
	assert.Equal(t, "one", one.Related[1].Message)
	assert.Equal(t, "two", two.Related[1].Message)
	assert.Len(t, base.WithRelated(diag.Range{}, "nowhere").Related, 1)
}

func TestListSort(t *testing.T) {
	other := diag.New("c", diag.Range{File: "a.mm", Start: diag.Pos{Offset: 90, Line: 9, Col: 1}}, "m")
	first, second := diag.New("c", at("M"), "m"), diag.New("c", at("x"), "m")
	twin := diag.New("c", at("x"), "another message")
	list := diag.List{second, first, second, twin, other}.Sort()
	assert.Equal(t, diag.List{other, first, second, twin}, list)
}

func TestListAsError(t *testing.T) {
	warning := diag.New("c", at("x"), "odd")
	warning.Severity = diag.Warning
	assert.NoError(t, diag.List{warning}.Err())
	assert.NoError(t, diag.List(nil).Err())
	err := diag.List{warning, diag.New("c", at("M"), "wrong")}.Err()
	assert.EqualError(t, err, "m.mm:2:2: odd\nm.mm:1:7: wrong")
	var list diag.List
	assert.True(t, errors.As(err, &list))
	assert.Len(t, list, 2)
}

func TestSeverityNames(t *testing.T) {
	assert.Equal(t, []string{"error", "warning", "note"}, []string{diag.Error.String(), diag.Warning.String(), diag.Note.String()})
}

func TestSuggest(t *testing.T) {
	names := []string{"Conv1d", "Conv2d", "kernel", "pad", "stride", "width"}
	for name, want := range map[string]string{
		"widht":   "width",  // two letters swapped
		"strid":   "stride", // one lost
		"strride": "stride", // one doubled
		"kernal":  "kernel", // one wrong
		"Conv2":   "Conv2d",
		"conv2d":  "Conv2d",
		"width":   "", // not a slip
		"depth":   "",
		"p":       "",
		"padding": "",
		"":        "",
	} {
		assert.Equal(t, want, diag.Suggest(name, names), name)
	}
	assert.Equal(t, "Conv1d", diag.Suggest("Convd", names), "the first of equals")
	assert.Empty(t, diag.Suggest("x", nil))
	assert.Equal(t, "relu", diag.Suggest("ReLU", []string{"gelu", "relu"}))
	assert.Equal(t, "log_softmax", diag.Suggest("LogSoftmax", []string{"log_softmax", "softmax"}))
	assert.Empty(t, diag.Suggest("_", []string{"relu", "__x"}))
}

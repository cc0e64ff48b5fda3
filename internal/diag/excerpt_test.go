package diag_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"mmc/internal/diag"
)

// excerptOf renders an error at one column of a text of one line.
func excerptOf(line string, offset, col int) []string {
	pos := func(k int) diag.Pos { return diag.Pos{Offset: offset + k, Line: 1, Col: col + k} }
	d := diag.New("x", diag.Range{File: "m.mm", Start: pos(0), End: pos(1)}, "here")
	var out strings.Builder
	diag.Render(&out, d, func(string) (string, bool) { return line, true }, false)
	return strings.Split(strings.TrimRight(out.String(), "\n"), "\n")[1:]
}

// A file of one endless line, such as a hostile or a minified one, does not fill the screen.
func TestExcerptOfALongLine(t *testing.T) {
	line := strings.Repeat("a", 1000) + "!" + strings.Repeat("b", 1000)
	got := excerptOf(line, 1000, 1001)
	assert.Less(t, len([]rune(got[0])), 200)
	at := strings.IndexRune(got[1], '^')
	assert.Equal(t, "!", string([]rune(got[0])[at]), "the mark stands under the place")
	assert.Contains(t, got[0], "a!b")
}

// What a file contains never reaches the terminal as a command.
func TestExcerptShowsNoControls(t *testing.T) {
	got := strings.Join(excerptOf("a\x1b[2Jb\x00\xffc", 1, 2), "\n")
	assert.NotContains(t, got, "\x1b")
	assert.NotContains(t, got, "\x00")
	assert.Contains(t, got, "[2Jb")
}

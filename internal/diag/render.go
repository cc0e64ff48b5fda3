package diag

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Source returns the text of a file, or false where it is not at hand.
type Source func(file string) (string, bool)

// Render writes d for a person: place, message, the source line with a caret line under the range, then the
// related places and the hint. Colour is ANSI and optional.
func Render(w io.Writer, d Diagnostic, src Source, colour bool) {
	paint := func(code, s string) string {
		if !colour {
			return s
		}
		return "\x1b[" + code + "m" + s + "\x1b[0m"
	}
	tone := map[Severity]string{Error: "1;31", Warning: "1;33", Note: "1;36"}[d.Severity]
	fmt.Fprintf(w, "%s: %s %s\n", paint("1", d.Range.String()), paint(tone, d.Severity.String()+":"), d.Message)
	excerpt(w, d.Range, src, func(s string) string { return paint(tone, s) })
	for _, r := range d.Related {
		fmt.Fprintf(w, "%s: %s %s\n", r.Range, paint("1;36", "note:"), r.Message)
		excerpt(w, r.Range, src, func(s string) string { return paint("1;36", s) })
	}
	if d.Hint != "" {
		fmt.Fprintf(w, "  %s %s\n", paint("1;32", "hint:"), d.Hint)
	}
	for _, f := range d.Fixes {
		fmt.Fprintf(w, "  %s %s\n", paint("1;32", "fix:"), f.Message)
	}
}

// excerpt prints the first line of r and marks the part of it that r covers. Of a long line it shows what is around r.
func excerpt(w io.Writer, r Range, src Source, paint func(string) string) {
	if src == nil || !r.IsValid() {
		return
	}
	text, ok := src(r.File)
	if !ok || r.Start.Offset > len(text) {
		return
	}
	begin := strings.LastIndexByte(text[:r.Start.Offset], '\n') + 1
	line, _, _ := strings.Cut(text[begin:], "\n")
	line = strings.TrimSuffix(line, "\r")
	before := min(r.Start.Offset-begin, len(line))
	left, right := []rune(printable(line[:before])), []rune(printable(line[before:]))
	width := len(right)
	if r.End.Line == r.Start.Line {
		width = min(width, r.End.Col-r.Start.Col)
	}
	if len(left) > maxColumns/2 {
		left = append([]rune("…"), left[len(left)-maxColumns/2:]...)
	}
	if room := maxColumns - len(left); len(right) > room {
		right = append(right[:room:room], '…')
	}
	pad := strings.Map(func(c rune) rune {
		if c == '\t' {
			return c
		}
		return ' '
	}, string(left))
	number := itoa(r.Start.Line)
	mark := strings.Repeat("^", max(1, min(width, len(right))))
	fmt.Fprintf(w, " %s | %s\n %s | %s%s\n", number, string(left)+string(right), strings.Repeat(" ", len(number)), pad, paint(mark))
}

// maxColumns is how much of a line is shown.
const maxColumns = 160

// printable replaces what a terminal would obey or could not show.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if c != '\t' && !unicode.IsPrint(c) {
			return unicode.ReplacementChar
		}
		return c
	}, s)
}

// Package emit writes source text. A writer owns indentation and blocks and keeps the first error, so that generators
// are straight-line code without error checks; it knows nothing of what the text means.
package emit

import (
	"bytes"
	"fmt"
	"go/format"
	"strings"
)

// Go writes one Go file or a part of one.
type Go struct {
	buf    bytes.Buffer
	indent int
	err    error
}

// Line writes one line of its parts, joined without spaces. A line that is empty has no indentation.
func (w *Go) Line(parts ...any) {
	w.begin()
	empty := w.buf.Len()
	for _, p := range parts {
		if text, ok := p.(string); ok {
			w.buf.WriteString(text)
		} else {
			fmt.Fprint(&w.buf, p)
		}
	}
	if w.buf.Len() == empty {
		w.buf.Truncate(empty - w.indent)
	}
	w.buf.WriteByte('\n')
}

// begin writes the indentation.
func (w *Go) begin() {
	for range w.indent {
		w.buf.WriteByte('\t')
	}
}

// Linef is Line with a format.
func (w *Go) Linef(format string, args ...any) { w.Line(fmt.Sprintf(format, args...)) }

// Block writes head, an opening brace, what body writes, one step further in, and a closing brace.
func (w *Go) Block(head string, body func()) {
	w.Line(head, " {")
	w.Indented(body)
	w.Line("}")
}

// Group is Block with round brackets: import, const, var and type groups.
func (w *Go) Group(head string, body func()) {
	w.Line(head, " (")
	w.Indented(body)
	w.Line(")")
}

// Indented writes body one step further in.
func (w *Go) Indented(body func()) {
	w.indent++
	body()
	w.indent--
}

// Text writes lines that were written elsewhere, each indented as here.
func (w *Go) Text(text string) {
	if w.indent == 0 && strings.HasSuffix(text, "\n") { // nothing to do line by line
		w.buf.WriteString(text)
		return
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSuffix(line, "\n"); line != "" {
			w.begin()
			w.buf.WriteString(line)
		}
		w.buf.WriteByte('\n')
	}
}

// Doc writes text as a comment, broken into lines of a readable width. Lines that the text has already stay apart;
// empty text writes nothing.
func (w *Go) Doc(text string) {
	if text = strings.TrimSpace(text); text == "" {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		for _, l := range wrap(strings.TrimRight(line, " \t\r"), docWidth) {
			w.Line(strings.TrimRight("// "+l, " "))
		}
	}
}

// docWidth is the width of comments.
const docWidth = 110

// wrap breaks a line at spaces.
func wrap(line string, width int) []string {
	var out []string
	for len(line) > width {
		at := strings.LastIndexByte(line[:width], ' ')
		if at <= 0 {
			break
		}
		out, line = append(out, line[:at]), line[at+1:]
	}
	return append(out, line)
}

// Fail keeps an error, if it is the first.
func (w *Go) Fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// Failf keeps an error, if it is the first.
func (w *Go) Failf(format string, args ...any) { w.Fail(fmt.Errorf(format, args...)) }

// Lines is how many lines there are so far.
func (w *Go) Lines() int { return bytes.Count(w.buf.Bytes(), []byte("\n")) }

// String is the text so far, as written.
func (w *Go) String() string { return w.buf.String() }

// Source is the text in canonical format, or the first error; text that does not parse is an error that shows where.
func (w *Go) Source() ([]byte, error) {
	if w.err != nil {
		return nil, w.err
	}
	out, err := format.Source(w.buf.Bytes())
	if err != nil {
		return nil, fmt.Errorf("generated Go does not parse: %w\n%s", err, numbered(w.buf.String()))
	}
	return out, nil
}

// numbered is text with line numbers, for errors.
func numbered(text string) string {
	var b strings.Builder
	n := 0
	for line := range strings.Lines(text) {
		n++
		fmt.Fprintf(&b, "%4d  %s", n, line)
	}
	return b.String()
}

// Err is the first error.
func (w *Go) Err() error { return w.err }

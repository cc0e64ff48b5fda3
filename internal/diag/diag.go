// Package diag holds positions and diagnostics as values. Every stage that can find a mistake of the user's
// returns diagnostics; only the command line turns them into text. It is free of any knowledge of the language.
package diag

import (
	"cmp"
	"slices"
	"strings"
)

// Pos is a place in a source file. Line and Col count from 1, Col in runes; Offset counts bytes from 0.
type Pos struct {
	Offset, Line, Col int
}

// Range is a half-open piece of one file. The zero Range means "nowhere".
type Range struct {
	File       string
	Start, End Pos
}

// IsValid reports whether r points somewhere.
func (r Range) IsValid() bool { return r.Start.Line > 0 }

// To returns the range from the start of r to the end of s, which must lie in the same file.
func (r Range) To(s Range) Range {
	if !r.IsValid() {
		return s
	}
	if s.IsValid() && s.File == r.File && s.End.Offset > r.End.Offset {
		r.End = s.End
	}
	return r
}

// Severity orders diagnostics; only Error makes a command fail.
type Severity uint8

// The severities.
const (
	Error Severity = iota
	Warning
	Note
)

func (s Severity) String() string { return [...]string{"error", "warning", "note"}[s] }

// Related is another place that a diagnostic needs: the earlier declaration, the other operand, the user's call.
type Related struct {
	Range   Range
	Message string
}

// Fix is an edit that would make the diagnostic go away.
type Fix struct {
	Range   Range
	NewText string
	Message string
}

// Diagnostic is one finding. Code is stable ("shape.mismatch"): docs/errors.md has an entry for each.
type Diagnostic struct {
	Severity Severity
	Range    Range
	Code     string
	Message  string
	Hint     string // one line, optional: what to do about it
	Related  []Related
	Fixes    []Fix
}

// New returns an error. The caller builds the message, because each has its own words.
func New(code string, at Range, message string) Diagnostic {
	return Diagnostic{Code: code, Range: at, Message: message}
}

// WithHint returns d with a hint.
func (d Diagnostic) WithHint(hint string) Diagnostic { d.Hint = hint; return d }

// WithRelated returns d with one more related place; an invalid range is left out.
func (d Diagnostic) WithRelated(at Range, message string) Diagnostic {
	if at.IsValid() {
		d.Related = append(slices.Clip(d.Related), Related{at, message})
	}
	return d
}

// Error makes a Diagnostic an error, in the form file:line:col: message.
func (d Diagnostic) Error() string {
	return d.Range.String() + ": " + d.Message
}

func (r Range) String() string {
	if !r.IsValid() {
		return r.File
	}
	return r.File + ":" + itoa(r.Start.Line) + ":" + itoa(r.Start.Col)
}

// List is what a stage returns.
type List []Diagnostic

// HasErrors reports whether any entry is an error.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Sort orders by file and place and drops entries that say the same at the same place.
func (l List) Sort() List {
	slices.SortStableFunc(l, func(a, b Diagnostic) int {
		return cmp.Or(strings.Compare(a.Range.File, b.Range.File), cmp.Compare(a.Range.Start.Offset, b.Range.Start.Offset))
	})
	return slices.CompactFunc(l, func(a, b Diagnostic) bool {
		return a.Range == b.Range && a.Code == b.Code && a.Message == b.Message
	})
}

// Error makes a List an error.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, d := range l {
		lines[i] = d.Error()
	}
	return strings.Join(lines, "\n")
}

// Err returns l as an error, or nil where it holds no error.
func (l List) Err() error {
	if !l.HasErrors() {
		return nil
	}
	return l
}

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"
)

// report is one file: how and where it was measured, tables, remarks.
type report struct {
	title, command, before string
	body                   strings.Builder
}

// places are the options whose values are of no interest to others.
var places = map[string]string{"-python": "python3", "--python": "python3", "-shared": "../shared", "--shared": "../shared"}

func newReport(title string, h *host, command []string) *report {
	r := &report{title: title, before: load()}
	for i, word := range command {
		if name, ok := places[command[max(0, i-1)]]; ok {
			word = name
		}
		if r.command += " "; strings.ContainsAny(word, " |()*") {
			word = "'" + word + "'"
		}
		r.command += word
	}
	fmt.Fprintf(h.stdout, "# %s\n", title)
	return r
}

// table adds a table.
func (r *report) table(h *host, t *table) {
	text := t.String()
	fmt.Fprintln(&r.body, text)
	fmt.Fprintln(h.stdout, text)
}

// remark adds a line of prose.
func (r *report) remark(h *host, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	fmt.Fprintf(&r.body, "%s\n\n", text)
	fmt.Fprintln(h.stdout, text)
}

func (r *report) write(ctx context.Context, h *host, name string) error {
	if h.out == "" {
		return nil
	}
	var w strings.Builder
	fmt.Fprintf(&w, "# %s\n\n", r.title)
	fmt.Fprintf(&w, "%s · %s · %s", processor(), time.Now().UTC().Format("2006-01-02 15:04 UTC"), runtime.Version())
	if h.peers != nil {
		fmt.Fprintf(&w, " · %s", h.peers.versions)
	}
	fmt.Fprintf(&w, "\n\n   %s\n\n", r.command)
	if after := load(); after != "" {
		fmt.Fprintf(&w, "Load average %s before, %s after: a figure taken while something else ran tells less than its ratio.\n\n", r.before, after)
	}
	fmt.Fprint(&w, strings.TrimRight(r.body.String(), "\n"), "\n")
	return os.WriteFile(filepath.Join(h.root, h.out, name+".md"), []byte(w.String()), 0o666)
}

// table is a table in Markdown whose columns are aligned for reading as text.
type table struct{ rows [][]string }

func newTable(head ...string) *table { return &table{rows: [][]string{head}} }

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) String() string {
	width := make([]int, len(t.rows[0]))
	for _, row := range t.rows {
		for i, c := range row {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	var w strings.Builder
	for i, row := range t.rows {
		for k, c := range row {
			pad := strings.Repeat(" ", width[k]-utf8.RuneCountInString(c))
			if k == 0 {
				fmt.Fprintf(&w, "| %s%s |", c, pad)
			} else {
				fmt.Fprintf(&w, " %s%s |", pad, c)
			}
		}
		w.WriteByte('\n')
		if i == 0 {
			for k := range row {
				w.WriteString(map[bool]string{true: "|:", false: "-"}[k == 0] + strings.Repeat("-", width[k]) + map[bool]string{true: "-|", false: ":|"}[k == 0])
			}
			w.WriteByte('\n')
		}
	}
	return w.String()
}

// ms writes milliseconds, ratio a quotient; both leave out what was not measured.
func ms(x float64) string {
	switch {
	case x <= 0:
		return "–"
	case x < 1:
		return fmt.Sprintf("%.4f", x)
	case x < 100:
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.0f", x)
}

func ratio(a, b float64) string {
	if a <= 0 || b <= 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", a/b)
}

// judge tells whether a figure meets its target, which is "" where there is none.
func judge(figure float64, sign string, target float64) string {
	if target == 0 {
		return ""
	}
	ok := figure > 0 && (sign == "≤" && figure <= target || sign == "≥" && figure >= target)
	return fmt.Sprintf("%s %g %s", sign, target, map[bool]string{true: "met", false: "missed"}[ok])
}

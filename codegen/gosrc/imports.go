package gosrc

import (
	"strconv"
	"strings"

	"mmc/codegen/emit"
)

// importable are the packages that generated files may import, by the word before the dot, in the order of the import lines.
var importable = []struct{ word, path string }{
	{"context", "context"}, {"errors", "errors"}, {"math", "math"}, {"strconv", "strconv"}, {"sync", "sync"},
	{"atomic", "sync/atomic"}, {"time", "time"}, {"unsafe", "unsafe"},
}

// imports lists the packages that a file needs, told from its text.
func (g *generator) imports(w *emit.Go, text string) {
	used := qualifiers(text)
	used["time"] = strings.Contains(text, "time.Duration") // an argument may be called time
	w.Group("import", func() {
		if strings.Contains(text, "//go:embed") {
			w.Line("_ ", strconv.Quote("embed"))
		}
		for _, p := range importable {
			if used[p.word] {
				w.Line(strconv.Quote(p.path))
			}
		}
		if used["rt"] {
			w.Line()
			w.Line("rt ", strconv.Quote(g.opt.runtimePath()))
		}
	})
}

// qualifiers is the set of words that stand before a dot, and after none, outside of comment lines and of quotes, where names of
// files hold dots as well.
func qualifiers(text string) map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimLeft(line, " \t"), "//") {
			continue
		}
		quoted, from := false, 0 // from is where the word begins that ends here
		for i := range len(line) {
			c := line[i]
			if isWord(c) {
				continue
			}
			if c == '.' && !quoted && from < i && (from == 0 || line[from-1] != '.') {
				set[line[from:i]] = true
			}
			quoted, from = quoted != (c == '"'), i+1
		}
	}
	return set
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// Command docgen writes those parts of docs that repeat what the code says: the table of operators, from their
// records, and the library, from its .mm files. Run it from the module's root after a change of either:
//
//	go run ./internal/docgen
//
// Its tests compare the pages with the code, and run what the pages show.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// A part is a generated piece of a page, between two marks.
type part struct {
	page, name string
	text       func() (string, error)
}

var parts = []part{
	{"docs/language.md", "operators", operators},
	{"docs/language.md", "library", library},
}

func main() {
	if err := write("."); err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		os.Exit(1)
	}
}

// write brings all pages below root up to date.
func write(root string) error {
	for _, p := range parts {
		name := filepath.Join(root, filepath.FromSlash(p.page))
		page, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		text, err := p.text()
		if err != nil {
			return err
		}
		fresh, err := splice(page, p.name, text)
		if err != nil {
			return fmt.Errorf("%s: %w", p.page, err)
		}
		if err := os.WriteFile(name, fresh, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// splice puts a text between the marks of a generated part.
func splice(page []byte, name, text string) ([]byte, error) {
	begin, end := []byte("<!-- generated: "+name+" -->\n"), []byte("<!-- end of "+name+" -->\n")
	head, rest, found := bytes.Cut(page, begin)
	_, tail, closed := bytes.Cut(rest, end)
	if !found || !closed {
		return nil, fmt.Errorf("the marks of the part %q are missing", name)
	}
	return bytes.Join([][]byte{head, begin, []byte(text), end, tail}, nil), nil
}

// Command docgen writes those parts of the pages that repeat what the code says: the table of operators, from their
// records; the library, from its .mm files; and what the mmc command prints. Run it from the module's root:
//
//	go run ./internal/docgen
//
// Its tests compare the pages with the code, and run what the pages show.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// A part is a generated piece of a page, between two marks.
type part struct {
	page, name string
	text       func(*source) (string, error)
}

var parts = []part{
	{"README.md", "mistake", mistake},
	{"docs/language.md", "operators", operators},
	{"docs/language.md", "library", library},
	{"docs/look-inside.md", "ast", show(all, "--stage", "ast")},
	{"docs/look-inside.md", "ir", show(all, "--stage", "ir")},
	{"docs/look-inside.md", "simplified", show(all, "--stage", "ir", "--after", "simplify")},
	{"docs/look-inside.md", "fused", show(all, "--stage", "fused")},
	{"docs/look-inside.md", "plan", show(all, "--stage", "plan")},
	{"docs/look-inside.md", "loop", show(all, "--stage", "loop")},
	{"docs/look-inside.md", "go", show(method, "--stage", "go")},
	{"docs/look-inside.md", "asm", show(opening, "--stage", "asm")},
}

// source is what the parts are made of: the module's tree, and the command built from it.
type source struct{ root, tool string }

// open builds the command into a folder.
func open(root, folder string) (*source, error) {
	s := &source{root, filepath.Join(folder, "mmc")}
	build := exec.Command("go", "build", "-o", s.tool, "./cmd/mmc")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return nil, errors.New(string(out))
	}
	return s, nil
}

func main() {
	if err := update("."); err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		os.Exit(1)
	}
}

// update brings all pages below root up to date.
func update(root string) error {
	folder, err := os.MkdirTemp("", "docgen")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	s, err := open(root, folder)
	if err != nil {
		return err
	}
	for _, p := range parts {
		name, _, fresh, err := p.fresh(s)
		if err == nil {
			err = os.WriteFile(name, fresh, 0o666)
		}
		if err != nil {
			return fmt.Errorf("%s, part %s: %w", p.page, p.name, err)
		}
	}
	return nil
}

// fresh returns the page as it is and as it should be.
func (p part) fresh(s *source) (name string, old, fresh []byte, err error) {
	name = filepath.Join(s.root, filepath.FromSlash(p.page))
	if old, err = os.ReadFile(name); err != nil {
		return name, nil, nil, err
	}
	text, err := p.text(s)
	if err != nil {
		return name, nil, nil, err
	}
	fresh, err = splice(old, p.name, text)
	return name, old, fresh, err
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

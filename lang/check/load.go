package check

import (
	"errors"
	"io/fs"
	"sync"

	"mmc/internal/diag"
	"mmc/lang/syntax"
	"mmc/stdlib"
)

// Load reads a file with all that it imports and with the prelude. The file itself is the first of the result. A file
// that cannot be read is reported at the import that asks for it.
func Load(name string, read func(string) ([]byte, error)) ([]*syntax.File, diag.List) {
	l := &loader{read: read, done: map[string]bool{}}
	l.load(name, diag.Range{File: name})
	l.load(stdlib.Prelude, diag.Range{})
	return l.files, l.diags
}

type loader struct {
	read  func(string) ([]byte, error)
	done  map[string]bool
	files []*syntax.File
	diags diag.List
}

func (l *loader) load(name string, asked diag.Range) {
	if l.done[name] {
		return
	}
	l.done[name] = true
	f, diags, err := l.parse(name)
	if err != nil {
		l.diags = append(l.diags, unread(name, asked, err))
		return
	}
	l.diags = append(l.diags, diags...)
	l.files = append(l.files, f)
	for _, d := range f.Decls {
		if imp, ok := d.(*syntax.Import); ok {
			l.load(importPath(name, imp.Path), imp.Range)
		}
	}
}

// unread says why an import is not there.
func unread(name string, asked diag.Range, err error) diag.Diagnostic {
	if !errors.Is(err, fs.ErrNotExist) {
		return diag.New("import.read", asked, "cannot read "+name+": "+err.Error())
	}
	d := diag.New("import.read", asked, "there is no file "+name)
	if isStd(name) {
		d = withSuggestion(d, name, stdlib.Names())
	}
	return d
}

func (l *loader) parse(name string) (*syntax.File, diag.List, error) {
	if isStd(name) {
		return parseStd(name)
	}
	src, err := l.read(name)
	if err != nil {
		return nil, nil, err
	}
	f, diags := syntax.Parse(name, string(src))
	return f, diags, nil
}

// parsed keeps the trees of the embedded files: elaboration never changes a tree.
var parsed sync.Map

type parsedFile struct {
	file  *syntax.File
	diags diag.List
}

func parseStd(name string) (*syntax.File, diag.List, error) {
	if p, ok := parsed.Load(name); ok {
		return p.(parsedFile).file, p.(parsedFile).diags, nil
	}
	src, err := stdlib.Read(name)
	if err != nil {
		return nil, nil, err
	}
	f, diags := syntax.Parse(name, string(src))
	parsed.Store(name, parsedFile{f, diags})
	return f, diags, nil
}

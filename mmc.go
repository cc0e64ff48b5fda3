// Package mmc carries the sources of the runtime inside the compiler, so that it can copy them into what it
// generates: a package built by mmc depends on the standard library alone. Nothing but the compiler imports it.
package mmc

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed runtime/*.go runtime/*.s
var runtimeFiles embed.FS

// A SourceFile is a file of the runtime package.
type SourceFile struct {
	Name string // base name, such as pool.go
	Text []byte
}

// RuntimeSources lists the files of package runtime (its Go name is rt) without the tests, sorted by name. A file
// may be left out of a generated tree only together with what it declares.
func RuntimeSources() ([]SourceFile, error) {
	entries, err := fs.ReadDir(runtimeFiles, "runtime")
	if err != nil {
		return nil, err
	}
	var files []SourceFile
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		text, err := fs.ReadFile(runtimeFiles, "runtime/"+e.Name())
		if err != nil {
			return nil, err
		}
		files = append(files, SourceFile{Name: e.Name(), Text: text})
	}
	return files, nil
}

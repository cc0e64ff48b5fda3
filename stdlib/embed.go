// Package stdlib is the standard library of the language: layers, optimisers, schedules and architectures, written in
// .mm and embedded. Files are named std/NAME.mm. The package knows nothing of what they say.
package stdlib

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed *.mm
var files embed.FS

// Prelude is the file that every other imports implicitly, with all that it imports itself.
const Prelude = "std/prelude.mm"

// Read returns the text of std/NAME.mm.
func Read(name string) ([]byte, error) {
	return files.ReadFile(strings.TrimPrefix(name, "std/"))
}

// Names lists the files, as std/NAME.mm.
func Names() []string {
	entries, err := fs.Glob(files, "*.mm")
	if err != nil {
		panic(err) // the pattern is constant
	}
	for i, e := range entries {
		entries[i] = "std/" + e
	}
	return entries
}

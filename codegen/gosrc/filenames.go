package gosrc

import (
	"go/build"
	"io"
	"strings"
)

// fileNames gives out names of Go files, each once, and none whose ending means something to the go command, as _test.go and
// _arm64.go do.
type fileNames struct{ taken map[string]bool }

func newFileNames() *fileNames { return &fileNames{taken: map[string]bool{}} }

// give returns base, with underlines behind it where that is needed, and the ending of Go files.
func (f *fileNames) give(base string) string {
	for f.taken[base] || conditional(base+".go") {
		base += "_"
	}
	f.taken[base] = true
	return base + ".go"
}

// conditional tells whether the go command leaves a file of that name out of some builds: it is asked about a machine that
// does not exist.
func conditional(name string) bool {
	nowhere := build.Context{GOOS: "none", GOARCH: "none", Compiler: "gc", OpenFile: func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("package p\n")), nil
	}}
	match, err := nowhere.MatchFile(".", name)
	return err != nil || !match || strings.HasSuffix(name, "_test.go")
}

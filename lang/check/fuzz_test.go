package check_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mmc/lang/check"
	"mmc/lang/lower"
	"mmc/stdlib"
)

// FuzzCheck elaborates any text: mistakes become findings, nothing panics, and what passes can be lowered.
func FuzzCheck(f *testing.F) {
	for _, pattern := range []string{"testdata/bad/*.mm", "testdata/good/*.mm", "../../examples/*/*.mm"} {
		files, _ := filepath.Glob(pattern)
		for _, name := range files {
			src, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(src))
		}
	}
	for _, name := range stdlib.Names() {
		src, _ := stdlib.Read(name)
		f.Add(string(src))
	}
	f.Add(strings.Repeat("(", 300_000))
	f.Fuzz(func(t *testing.T, src string) {
		parsed, diags := check.Load("fuzz.mm", only("fuzz.mm", src))
		p, more := check.Check(parsed, options())
		if append(diags, more...).HasErrors() {
			return
		}
		for _, m := range p.Models {
			lower.Lower(m)
		}
	})
}

// only is a file system of one file.
func only(name, src string) func(string) ([]byte, error) {
	return func(asked string) ([]byte, error) {
		if asked != name {
			return nil, os.ErrNotExist
		}
		return []byte(src), nil
	}
}

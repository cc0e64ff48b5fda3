package check_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/ir"
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

var token = regexp.MustCompile(`[A-Za-z_][A-Za-z_0-9]*|[0-9.]+|"[^"\n]*"|\*\*|\|>|->|==|!=|<=|>=|\.\.|[^\sA-Za-z_0-9]`)

// Programs with one token exchanged for another of the same file: near misses, which get further than random bytes.
func TestNearMisses(t *testing.T) {
	rounds := 2
	if n, err := strconv.Atoi(os.Getenv("MMC_NEAR_MISSES")); err == nil {
		rounds = n
	}
	random := rand.New(rand.NewPCG(1, uint64(rounds)))
	for _, pattern := range []string{"testdata/good/*.mm", "testdata/bad/*.mm", "../../examples/*/*.mm"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, name := range files {
			src, err := os.ReadFile(name)
			require.NoError(t, err)
			places := token.FindAllStringIndex(string(src), -1)
			for range rounds {
				a, b := places[random.IntN(len(places))], places[random.IntN(len(places))]
				mutant := string(src[:a[0]]) + string(src[b[0]:b[1]]) + string(src[a[1]:])
				elaborate(t, name, mutant)
			}
		}
	}
}

// elaborate checks and lowers a program; a panic is reported with the program.
func elaborate(t *testing.T, name, src string) {
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("%s: %v\n%s\n%s", name, r, debug.Stack(), src)
		}
	}()
	parsed, diags := check.Load("mutant.mm", only("mutant.mm", src))
	p, more := check.Check(parsed, options())
	if append(diags, more...).HasErrors() {
		return
	}
	for _, m := range p.Models {
		mod, diags := lower.Lower(m)
		if diags.HasErrors() {
			continue
		}
		for _, g := range mod.Graphs {
			if err := ir.Verify(g); err != nil {
				t.Errorf("%s: %v\n%s", name, err, src)
			}
		}
	}
}

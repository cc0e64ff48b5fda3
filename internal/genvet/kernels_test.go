package genvet_test

import (
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/codegen/gosrc"
	"mmc/ir"
	"mmc/ir/op"
	"mmc/lang/check"
	"mmc/lang/lower"
	"mmc/passes"
)

// generated is what came of a text: how many steps its graphs have, the kernels in assembly by name, and the kernels' types.
type generated struct {
	steps    int
	assembly map[string]string
	kernels  int
}

// generate compiles testdata/net.mm with one word in place of another.
func generate(t *testing.T, word, by string) generated {
	files, diags := check.Load("testdata/net.mm", func(name string) ([]byte, error) {
		text, err := os.ReadFile(name)
		return []byte(strings.ReplaceAll(string(text), word, by)), err
	})
	require.NoError(t, diags.Err())
	program, diags := check.Check(files, check.Options{Ops: op.Lookup})
	require.NoError(t, diags.Err())
	m, diags := lower.Lower(program.Models[0])
	require.NoError(t, diags.Err())
	pkg, err := passes.Plan(m, passes.Options{Verify: ir.Verify})
	require.NoError(t, err)
	list, err := gosrc.Target{Options: gosrc.Options{Package: "net", ImportPath: "gen/net", Version: "test"}}.Generate(pkg)
	require.NoError(t, err)
	out := generated{assembly: map[string]string{}}
	for _, p := range pkg.Graphs {
		out.steps += len(p.Steps)
	}
	for _, f := range list {
		switch {
		case strings.Contains(f.Path, "/"): // the runtime
		case strings.HasSuffix(f.Path, ".s"):
			for _, text := range regexp.MustCompile(`(?m)^TEXT ·`).Split(string(f.Data), -1)[1:] {
				name, _, _ := strings.Cut(text, "(")
				out.assembly[name] = text
			}
		default:
			out.kernels += len(regexp.MustCompile(`\) Chunk\(`).FindAll(f.Data, -1))
		}
	}
	return out
}

// Another activation in the text is other code in the matrix kernels and nothing else: no step more, no kernel more. More layers are
// more steps and no kernel more.
func TestKernelsFollowTheText(t *testing.T) {
	relu, silu, deep := generate(t, "relu", "relu"), generate(t, "relu", "silu"), generate(t, "0..2", "0..6")
	assert.Equal(t, relu.steps, silu.steps)
	assert.Equal(t, relu.kernels, silu.kernels)
	changed := 0
	for name, text := range relu.assembly {
		switch other, there := silu.assembly[name]; {
		case strings.HasPrefix(name, "gemm"): // a kernel of many rows may lack registers for the longer activation
			if text != other {
				changed++
			}
		default:
			assert.True(t, there && text == other, "%s is another kernel, though it has no activation", name)
		}
	}
	assert.NotZero(t, changed)
	assert.Equal(t, relu.steps+8, deep.steps, "four blocks of two convolutions")
	assert.Equal(t, relu.kernels, deep.kernels)
	assert.True(t, maps.Equal(relu.assembly, deep.assembly), "the same kernels for more layers")
}

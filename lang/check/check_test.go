package check_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/ir/op"
	"mmc/lang/check"
)

func options() check.Options { return check.Options{Ops: op.Lookup, Names: op.Names()} }

// Every example and every good program elaborates without a finding, and its facts hold.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob("../../examples/*/*.mm")
	require.NoError(t, err)
	good, err := filepath.Glob("testdata/good/*.mm")
	require.NoError(t, err)
	files = append(files, good...)
	require.NotEmpty(t, files)
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			parsed, diags := check.Load(name, os.ReadFile)
			require.Empty(t, diags)
			p, diags := check.Check(parsed, options())
			require.Empty(t, diags, diags.Error())
			require.NotEmpty(t, p.Models)
		})
	}
}

func BenchmarkResNet152(b *testing.B) {
	parsed, diags := check.Load("../../examples/resnet/resnet.mm", os.ReadFile)
	require.Empty(b, diags)
	o := options()
	o.Models = []string{"ResNet152"}
	for b.Loop() {
		_, diags := check.Check(parsed, o)
		require.Empty(b, diags)
	}
}

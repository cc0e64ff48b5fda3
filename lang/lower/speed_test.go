package lower_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/ir/op"
	"mmc/lang/check"
	"mmc/lang/lower"
)

// BenchmarkDeep elaborates and lowers a network of 152 layers, its train graph included.
func BenchmarkDeep(b *testing.B) {
	parsed, diags := check.Load("../../examples/resnet/resnet.mm", os.ReadFile)
	require.Empty(b, diags)
	for b.Loop() {
		p, diags := check.Check(parsed, check.Options{Ops: op.Lookup, Models: []string{"ResNet152"}})
		require.Empty(b, diags)
		_, diags = lower.Lower(p.Models[0])
		require.Empty(b, diags)
	}
}

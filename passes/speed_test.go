package passes_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/ir"
	"mmc/ir/op"
	front "mmc/lang/check"
	"mmc/lang/lower"
	"mmc/passes"
)

// lowered reads a model of the examples.
func lowered(t testing.TB, path, model string) *ir.Module {
	t.Helper()
	files, found := front.Load(path, os.ReadFile)
	require.False(t, found.HasErrors(), found)
	program, found := front.Check(files, front.Options{Ops: op.Lookup})
	require.False(t, found.HasErrors(), found)
	closed, found := front.Instantiate(program, model, nil)
	require.False(t, found.HasErrors(), found)
	m, found := lower.Lower(closed)
	require.False(t, found.HasErrors(), found)
	return m
}

func BenchmarkPlan(b *testing.B) {
	for _, x := range [][2]string{{"unet/unet", "UNet"}, {"resnet/resnet", "ResNet50"}, {"resnet/resnet", "ResNet152"}} {
		b.Run(x[1], func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				m := lowered(b, "../examples/"+x[0]+".mm", x[1])
				b.StartTimer()
				_, err := passes.Plan(m, passes.Options{})
				require.NoError(b, err)
			}
		})
	}
}

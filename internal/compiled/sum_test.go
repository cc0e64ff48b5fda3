package compiled_test

import (
	"fmt"
	"testing"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/op"
)

// TestLongSums: sums of many squares, along neighbours and across them, are as good as sums of blocks. Added up one by one, the
// longest ones would be off by ten times as much.
func TestLongSums(t *testing.T) {
	for _, c := range []struct {
		axes      [][]int64
		tolerance float64
	}{
		{[][]int64{{0, 2}}, 3e-7},
		{[][]int64{{0, 1, 2}, {0, 2, 3}, {2, 3}, {0, 1, 2, 3}}, 1e-6},
	} {
		g := &ir.Graph{Name: "sums", Facts: new(dim.Facts)}
		x := argument(g, "x", "A", "B", "C", "D")
		b := op.On(ir.NewBuilder(g))
		for i, axes := range c.axes {
			g.Results = append(g.Results, &ir.Result{Name: fmt.Sprintf("sum%d", i), Value: b.Sum(b.Mul(x, x), axes, false)})
		}
		compare(t, &ir.Module{Name: "Sums", Graphs: []*ir.Graph{g}}, map[string][]int{"x": {64, 64, 48, 20}}, c.tolerance)
	}
}

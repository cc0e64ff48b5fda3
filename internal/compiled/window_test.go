package compiled_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/codegen/gosrc"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/op"
	"mmc/passes"
)

// windows applies the operators on windows to x, whose channels come last; equal elements are frequent.
func windows() *ir.Module {
	g := &ir.Graph{Name: "windows", Facts: new(dim.Facts)}
	b := op.On(ir.NewBuilder(g))
	x := argument(g, "x", "N", "H", "W", "C")
	x = b.Op(op.Max, nil, x, b.Broadcast(b.Op(op.Const, ir.Attrs{"value": 0.0, "dtype": x.Type.DType}), x.Type.Shape))
	x = b.Transpose(x, []int64{0, 3, 1, 2})
	two := func(n int64) []int64 { return []int64{n, n} }
	pad := func(n int64) []dim.Expr { return []dim.Expr{dim.Int(n), dim.Int(n)} }
	for i, attrs := range []ir.Attrs{
		{"kernel": two(2), "stride": two(2)},
		{"kernel": two(3), "stride": two(2), "pad_low": pad(1), "pad_high": pad(1)},
		{"kernel": []int64{3, 2}, "pad_low": pad(1), "pad_high": pad(1)},
		{"kernel": two(2), "dilation": two(2), "pad_low": pad(2), "pad_high": pad(1)},
	} {
		back := ir.Attrs{"sizes": x.Type.Shape[2:]}
		for k, v := range attrs {
			back[k] = v
		}
		result := func(name string, v *ir.Value) {
			last := b.Transpose(v, []int64{0, 2, 3, 1})
			g.Results = append(g.Results, &ir.Result{Name: fmt.Sprint(name, i), Value: last})
		}
		largest, taps := b.Op(op.WindowMax, attrs, x), b.Op(op.WindowArgMax, attrs, x)
		result("max", largest)
		result("argmax", taps)
		result("place", b.Op(op.WindowPlace, back, largest, taps))
		result("pick", b.Op(op.WindowPick, attrs, x, taps))
		result("sum", b.Op(op.WindowSum, attrs, x))
		result("spread", b.Op(op.WindowSpread, back, largest))
	}
	return &ir.Module{Name: "Windows", Graphs: []*ir.Graph{g}}
}

// TestWindows has channels on both sides of one, two and several vectors, and windows that hang over each border. None of
// the kernels may be scalar.
func TestWindows(t *testing.T) {
	pkg, err := passes.Plan(windows(), passes.Options{Verify: ir.Verify})
	require.NoError(t, err)
	files, err := gosrc.Target{Options: gosrc.Options{Package: "model", ImportPath: "m/model", Version: "test"}}.Generate(pkg)
	require.NoError(t, err)
	var text bytes.Buffer
	for _, f := range files {
		text.Write(f.Data)
	}
	require.False(t, bytes.Contains(text.Bytes(), []byte("k.loops1")), "there are scalar kernels")
	for _, shape := range [][]int{{1, 3, 2, 1}, {2, 5, 4, 15}, {1, 4, 7, 16}, {1, 6, 5, 33}, {2, 3, 6, 130}} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) { compare(t, windows(), map[string][]int{"x": shape}, 1e-6) })
	}
}

package compiled_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/codegen/gosrc"
	"mmc/internal/compiled"
	"mmc/interop"
	"mmc/interop/tensor"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/op"
	"mmc/passes"
)

// lookups reads and writes at positions that the caller names.
func lookups() *ir.Module {
	m := &ir.Module{Name: "Lookups"}
	for _, name := range []string{"take", "gather", "scatter_add"} {
		g := &ir.Graph{Name: name, Facts: new(dim.Facts)}
		b, x := op.On(ir.NewBuilder(g)), argument(g, "x", "N", "M")
		ids := &ir.Value{Type: ir.Type{DType: dtype.I32, Shape: []dim.Expr{dim.Sym("N")}}}
		g.Args = append(g.Args, &ir.Arg{Name: "ids", Value: ids})
		y := b.Add(x, x)
		switch name {
		case "take":
			y = b.Op(op.Take, ir.Attrs{"axis": 1}, y, ids)
		case "gather":
			y = b.Op(op.Gather, nil, b.Transpose(y, []int64{1, 0}), ids)
		case "scatter_add":
			y = b.Op(op.ScatterAdd, ir.Attrs{"size": dim.Sym("M")}, ids, y)
		}
		g.Results = append(g.Results, &ir.Result{Name: "y", Value: y})
		m.Graphs = append(m.Graphs, g)
	}
	return m
}

// An index that the caller got wrong is an error that says what and where, and nothing outside of a tensor is touched.
func TestIndexOutside(t *testing.T) {
	pkg, err := passes.Plan(lookups(), passes.Options{Verify: ir.Verify})
	require.NoError(t, err)
	binary, err := compiled.Program(t.Context(), pkg, gosrc.Options{Version: "test"})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "in.safetensors")
	call := func(graph string, id int32) error {
		x, err := tensor.Of([]int{3, 5}, make([]float32, 15))
		require.NoError(t, err)
		ids, err := tensor.Of([]int{3}, []int32{0, id, 4})
		require.NoError(t, err)
		require.NoError(t, interop.WriteTensors(file, []interop.Named{{Name: "x", Tensor: x}, {Name: "ids", Tensor: ids}}))
		return compiled.Run(t.Context(), binary, []string{"-graph", graph, "-out", file + ".out", "-seed", "1", file}, new(bytes.Buffer), new(bytes.Buffer))
	}
	for _, graph := range []string{"take", "gather", "scatter_add"} {
		require.NoError(t, call(graph, 4))
		for _, id := range []int32{5, -1, 77, 1 << 30, -1 << 31} {
			err := call(graph, id)
			require.ErrorContains(t, err, fmt.Sprintf("index %d is outside 0 .. 4", id), graph)
			require.ErrorContains(t, err, graph+": ")
		}
	}
}

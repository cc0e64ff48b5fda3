package compiled_test

import (
	"bytes"
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/codegen/gosrc"
	"mmc/internal/compiled"
	"mmc/interop"
	"mmc/interop/tensor"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/eval"
	"mmc/ir/op"
	"mmc/passes"
)

// rounders are graphs in which a value becomes a half and a float again, alone and in the midst of a chain.
func rounders() *ir.Module {
	m := &ir.Module{Name: "Rounders"}
	for _, t := range []dtype.DType{dtype.BF16, dtype.F16} {
		for _, name := range []string{"alone", "chain", "columns"} {
			g := &ir.Graph{Name: name + "_" + t.String(), Facts: new(dim.Facts)}
			b, x := op.On(ir.NewBuilder(g)), argument(g, "x", "N", "M")
			y := b.Cast(b.Cast(x, t), dtype.F32)
			switch name {
			case "chain":
				y = b.Add(b.Cast(b.Cast(b.Neg(x), t), dtype.F32), b.Cast(b.Cast(b.Full(0.1, x.Type), t), dtype.F32))
			case "columns":
				y = b.Op(op.Sum, ir.Attrs{"axes": []int64{0}, "keep": false}, y)
			}
			g.Results = append(g.Results, &ir.Result{Name: "y", Value: y})
			m.Graphs = append(m.Graphs, g)
		}
	}
	return m
}

// A conversion to a half rounds, whether or not its result is ever stored: compiled for every processor, and evaluated.
func TestHalvesRound(t *testing.T) {
	given := []float32{1 + 1.0/256, 1 + 3.0/256, 0.1, -math.Pi, 2049, 3.4e38, 65519, 65520, 6e-8, 1e-8, 0, 123456}
	inf := math.Inf(1)
	held := map[string][]float64{ // by the definitions of the formats: 8 and 11 bits, ties to even
		"bf16": {1, 1.015625, 0.10009765625, -3.140625, 2048, inf, 65536, 65536, 0x1.02p-24, 0x1.58p-27, 0, 123392},
		"f16":  {1.00390625, 1.01171875, 0.0999755859375, -3.140625, 2048, inf, 65504, inf, 0x1p-24, 0, 0, inf},
	}
	module := rounders()
	want := map[string][]float64{}
	for kind, list := range held {
		want["alone_"+kind], want["columns_"+kind] = list, list
		for _, v := range list {
			want["chain_"+kind] = append(want["chain_"+kind], float64(float32(held[kind][2]-v)))
		}
	}
	wide := make([]float64, len(given))
	for i, v := range given {
		wide[i] = float64(v)
	}
	for _, g := range module.Graphs {
		x := &ir.Tensor{DType: dtype.F32, Shape: []int{1, len(wide)}, Data: wide}
		got, err := eval.Run(g, eval.Inputs{Args: map[string]*ir.Tensor{"x": x}})
		require.NoError(t, err)
		assert.InEpsilonSlice(t, offZero(want[g.Name]), offZero(got.Values["y"].Data), 1e-7, "%s, evaluated", g.Name)
	}

	pkg, err := passes.Plan(module, passes.Options{Verify: ir.Verify})
	require.NoError(t, err)
	binary, err := compiled.Program(t.Context(), pkg, gosrc.Options{Version: "test"})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "in.safetensors")
	x, err := tensor.Of([]int{1, len(given)}, given)
	require.NoError(t, err)
	require.NoError(t, interop.WriteTensors(file, []interop.Named{{Name: "x", Tensor: x}}))
	for _, isa := range []string{"go", ""} {
		t.Setenv("MMC_ISA", isa)
		for name, list := range want {
			args := []string{"-graph", name, "-out", file + ".out.safetensors", "-seed", "1", file}
			require.NoError(t, compiled.Run(t.Context(), binary, args, new(bytes.Buffer), new(bytes.Buffer)))
			got, err := interop.ReadTensors(file + ".out.safetensors")
			require.NoError(t, err)
			values, err := got[0].Float64s()
			require.NoError(t, err)
			assert.Equal(t, list, values, "%s, compiled, MMC_ISA=%q", name, isa)
		}
	}
}

// offZero makes numbers fit for a comparison by ratio: zeros and infinities are exact.
func offZero(list []float64) []float64 {
	out := make([]float64, len(list))
	for i, v := range list {
		switch {
		case v == 0:
			v = 1e-300
		case math.IsInf(v, 0):
			v = math.Copysign(1e300, v)
		}
		out[i] = v
	}
	return out
}

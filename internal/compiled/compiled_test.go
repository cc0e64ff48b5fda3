package compiled_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

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
	"mmc/passes/grad"
)

// convNet is a small network with what convolutional networks are made of: borders, strides, concatenation, windows.
func convNet() *ir.Module {
	g := &ir.Graph{Name: "classify", Facts: new(dim.Facts)}
	m := &ir.Module{Name: "Net", Graphs: []*ir.Graph{g}}
	b := op.On(ir.NewBuilder(g))
	value := func(shape string) *ir.Value {
		v := &ir.Value{Type: ir.Type{DType: dtype.F32}}
		for _, text := range strings.Fields(shape) {
			e, err := dim.Parse(text)
			if err != nil {
				panic(err)
			}
			v.Type.Shape = append(v.Type.Shape, e)
		}
		return v
	}
	param := func(name, shape string) *ir.Value {
		v := value(shape)
		cell := &ir.Cell{Name: name, Type: v.Type, Init: &ir.Init{}}
		m.Cells = append(m.Cells, cell)
		g.Args = append(g.Args, &ir.Arg{Name: name, Role: ir.CellOf, Cell: cell, Value: v})
		return v
	}
	ints := func(n int64) []int64 { return []int64{n, n} }
	dims := func(n int64) []dim.Expr { return []dim.Expr{dim.Int(n), dim.Int(n)} }
	x := value("N 3 H W")
	g.Args = append(g.Args, &ir.Arg{Name: "x", Value: x})
	conv := func(x *ir.Value, name string, shape string, stride, pad int64) *ir.Value {
		w := param(name+".weight", shape)
		y := b.Op(op.Conv, ir.Attrs{"stride": ints(stride), "pad_low": dims(pad), "pad_high": dims(pad)}, x, w)
		bias := param(name+".bias", w.Type.Shape[0].String())
		return b.Add(y, b.Broadcast(b.Reshape(bias, []dim.Expr{w.Type.Shape[0], dim.Int(1), dim.Int(1)}), y.Type.Shape))
	}
	y := b.Op(op.Tanh, nil, conv(x, "a", "8 3 7 7", 2, 3))
	z := b.Op(op.Concat, ir.Attrs{"axis": 1}, y, conv(y, "b", "40 8 3 3", 1, 1))
	z = b.Op(op.WindowMax, ir.Attrs{"kernel": ints(3), "stride": ints(2), "pad_low": dims(1), "pad_high": dims(1)}, z)
	g.Results = append(g.Results, &ir.Result{Name: "map", Value: z},
		&ir.Result{Name: "logits", Value: b.Dot(b.Sum(z, []int64{2, 3}, false), param("fc.weight", "10 48"), "n d, o d -> n o")})
	return m
}

func TestCompiledEqualsEvaluator(t *testing.T) {
	compare(t, convNet(), map[string][]int{"x": {2, 3, 17, 12}}, 1e-6)
}

// compare calls the module's only graph compiled and evaluated.
func compare(t *testing.T, m *ir.Module, shapes map[string][]int, tolerance float64) {
	t.Helper()
	random := rand.New(rand.NewPCG(3, 4))
	g := m.Graphs[0]
	dir := t.TempDir()
	in := eval.Inputs{Args: map[string]*ir.Tensor{}, Cells: map[string]*ir.Tensor{}}
	var args, weights []interop.Named
	make := func(name string, shape []int, scale float64) (*ir.Tensor, interop.Named) {
		n := 1
		for _, d := range shape {
			n *= d
		}
		data, host := []float32{}, &ir.Tensor{DType: g.Args[0].Value.Type.DType, Shape: shape}
		for range n {
			x := float32((random.Float64()*2 - 1) * scale)
			data, host.Data = append(data, x), append(host.Data, float64(x))
		}
		f, err := tensor.Of(shape, data)
		require.NoError(t, err)
		return host, interop.Named{Name: name, Tensor: f}
	}
	for name, shape := range shapes {
		host, f := make(name, shape, 1)
		in.Args[name] = host
		args = append(args, f)
	}
	for _, c := range m.Cells {
		var shape []int
		for _, d := range c.Type.Shape {
			n, _ := d.Const()
			shape = append(shape, int(n))
		}
		host, f := make(c.Name, shape, 0.2)
		in.Cells[c.Name] = host
		weights = append(weights, f)
	}
	grad.Expand(g)
	want, err := eval.Run(g, in)
	require.NoError(t, err)
	pkg, err := passes.Plan(m, passes.Options{Verify: ir.Verify})
	require.NoError(t, err)
	binary, err := compiled.Program(t.Context(), pkg, gosrc.Options{Version: "test"})
	require.NoError(t, err)
	file := func(name string) string { return filepath.Join(dir, name+".safetensors") }
	require.NoError(t, interop.WriteTensors(file("in"), args))
	require.NoError(t, interop.WriteTensors(file("w"), weights))
	for _, isa := range []string{"go", ""} {
		t.Setenv("MMC_ISA", isa)
		var out, notes bytes.Buffer
		require.NoError(t, compiled.Run(t.Context(), binary, []string{"-graph", g.Name, "-weights", file("w"), "-out", file("out"), file("in")}, &out, &notes))
		results, err := interop.ReadTensors(file("out"))
		require.NoError(t, err)
		for _, r := range results {
			got, err := r.Values()
			require.NoError(t, err)
			w := want.Values[r.Name]
			require.Equal(t, w.Shape, r.Shape)
			var wrong, size float64
			for i := range got {
				wrong += (got[i] - w.Data[i]) * (got[i] - w.Data[i])
				size += w.Data[i] * w.Data[i]
			}
			require.LessOrEqual(t, math.Sqrt(wrong/size), tolerance, "relative rms of %s with ISA %q", r.Name, isa)
		}
	}
}

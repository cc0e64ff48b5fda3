package eval_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/eval"
	"mmc/ir/op"
)

func typ(dims ...string) ir.Type {
	t := ir.Type{DType: dtype.F32}
	for _, d := range dims {
		e, err := dim.Parse(d)
		if err != nil {
			panic(err)
		}
		t.Shape = append(t.Shape, e)
	}
	return t
}

func tensor(shape ...int) *ir.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return &ir.Tensor{DType: dtype.F32, Shape: shape, Data: make([]float64, n)}
}

// graph has an argument for each pair of name and type, and returns the first.
func graph(args ...*ir.Arg) *ir.Graph {
	g := &ir.Graph{Name: "f", Facts: new(dim.Facts), Args: args}
	g.Results = []*ir.Result{{Name: "output", Value: args[0].Value}}
	return g
}

func arg(name string, t ir.Type) *ir.Arg { return &ir.Arg{Name: name, Value: &ir.Value{Type: t}} }

func TestSizesAreSolved(t *testing.T) {
	g := graph(arg("a", typ("2 * N + M", "floor(H / 4)")), arg("b", typ("N")), arg("c", typ("H", "M")))
	out, err := eval.Run(g, eval.Inputs{Args: map[string]*ir.Tensor{"a": tensor(13, 5), "b": tensor(4), "c": tensor(22, 5)}})
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"N": 4, "M": 5, "H": 22}, out.Sizes)

	out, err = eval.Run(graph(arg("a", typ("2 * N + 1"))), eval.Inputs{Args: map[string]*ir.Tensor{"a": tensor(13)}})
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"N": 6}, out.Sizes)
}

// Errors at the door speak of the user's arguments and dims.
func TestDoor(t *testing.T) {
	divisible := graph(arg("image", typ("N", "H")))
	require.NoError(t, divisible.Facts.AssumeDivisible(dim.Sym("H"), 16))
	half := tensor(2)
	half.DType = dtype.I32
	short := tensor(2, 16)
	short.Data = short.Data[:3]

	for want, c := range map[string]struct {
		g    *ir.Graph
		args map[string]*ir.Tensor
	}{
		"graph f: argument x is missing":                                      {graph(arg("x", typ("N"))), nil},
		"graph f: argument image must be f32[N, H]: it has shape [3]":         {divisible, map[string]*ir.Tensor{"image": tensor(3)}},
		"graph f: where H % 16 == 0 does not hold: H = 24":                    {divisible, map[string]*ir.Tensor{"image": tensor(1, 24)}},
		"graph f: argument image: 3 elements for shape [2 16]":                {divisible, map[string]*ir.Tensor{"image": short}},
		"graph f: argument x must be f32[N], not i32":                         {graph(arg("x", typ("N"))), map[string]*ir.Tensor{"x": half}},
		"graph f: argument x must be f32[N, 3]: axis 1 is 4, not 3":           {graph(arg("x", typ("N", "3"))), map[string]*ir.Tensor{"x": tensor(2, 4)}},
		"graph f: argument x: the size 2 * N of axis 0 does not tell N":       {graph(arg("x", typ("2 * N"))), map[string]*ir.Tensor{"x": tensor(5)}},
		"graph f: argument x: the size M * N of axis 0 does not tell M and N": {graph(arg("x", typ("N * M"))), map[string]*ir.Tensor{"x": tensor(6)}},
		"graph f: argument y must be f32[N + 1]: axis 0 is 5, but N + 1 = 3 (N = 2 by argument x (axis 0))": {
			graph(arg("x", typ("N")), arg("y", typ("N + 1"))), map[string]*ir.Tensor{"x": tensor(2), "y": tensor(5)}},
	} {
		_, err := eval.Run(c.g, eval.Inputs{Args: c.args})
		require.EqualError(t, err, want)
	}
}

func TestErrorsInsideSayWhere(t *testing.T) {
	x, ids := arg("x", typ("V")), arg("ids", ir.Type{DType: dtype.I32, Shape: typ("N").Shape})
	g := graph(x, ids)
	b := ir.NewBuilder(g)
	b.Path = "embed"
	g.Results[0].Value = b.Op(op.Gather, nil, x.Value, ids.Value)
	_, err := eval.Run(g, eval.Inputs{Args: map[string]*ir.Tensor{"x": tensor(3), "ids": {DType: dtype.I32, Shape: []int{2}, Data: []float64{0, 3}}}})
	require.EqualError(t, err, "graph f: embed: gather: index 3 is outside 0 .. 2")
}

func TestCellsDefaultsAndClock(t *testing.T) {
	scale := 2.5
	w := &ir.Cell{Name: "w", Type: typ("3"), Init: &ir.Init{Const: 7}}
	cell := &ir.Arg{Name: "w", Role: ir.CellOf, Cell: w, Value: &ir.Value{Type: w.Type}}
	def, step := arg("scale", typ()), arg("step", ir.Type{DType: dtype.I64})
	def.Default, step.Role = &scale, ir.Clock
	g := graph(cell, def, step)
	g.Results = []*ir.Result{{Name: "w", Role: ir.CellOf, Cell: w, Value: cell.Value}, {Name: "scale", Value: def.Value}, {Name: "step", Value: step.Value}}
	out, err := eval.Run(g, eval.Inputs{Step: 9})
	require.NoError(t, err)
	require.Equal(t, []float64{7, 7, 7}, out.Cells["w"].Data)
	require.Equal(t, []float64{2.5}, out.Values["scale"].Data)
	require.Equal(t, []float64{9}, out.Values["step"].Data)
}

func TestDraws(t *testing.T) {
	noise := &ir.Arg{Name: "noise", Role: ir.Draw, Random: &ir.Random{Address: "h.3.noise#2", Dist: ir.Normal, B: 1}, Value: &ir.Value{Type: typ("N", "1000")}}
	run := func(in eval.Inputs) []float64 {
		in.Dims = map[string]int64{"N": 3}
		out, err := eval.Run(graph(noise), in)
		require.NoError(t, err)
		require.Same(t, out.Values["output"], out.Draws["h.3.noise#2"])
		return out.Values["output"].Data
	}
	a := run(eval.Inputs{Seed: 1})
	require.Equal(t, a, run(eval.Inputs{Seed: 1}))
	require.NotEqual(t, a, run(eval.Inputs{Seed: 2}))
	require.NotEqual(t, a, run(eval.Inputs{Seed: 1, Step: 1}))
	mean, square := 0.0, 0.0
	for _, x := range a {
		mean += x / 3000
		square += x * x / 3000
	}
	require.InDelta(t, 0, mean, 0.1)
	require.InDelta(t, 1, square, 0.1)

	given := tensor(3, 1000)
	given.Data[5] = 4
	require.Equal(t, given.Data, run(eval.Inputs{Draws: map[string]*ir.Tensor{"h.3.noise#2": given}}))
}

func TestInitCells(t *testing.T) {
	a := &ir.Cell{Name: "a", Type: typ("4"), Init: &ir.Init{Random: &ir.Random{Address: "a", Dist: ir.Uniform, A: 2, B: 3}}}
	in := &ir.Arg{Name: "a", Role: ir.CellOf, Cell: a, Value: &ir.Value{Type: a.Type}}
	twice := graph(in)
	twice.Results[0].Value = op.On(ir.NewBuilder(twice)).Times(in.Value, 2)
	b := &ir.Cell{Name: "b", Type: a.Type, Init: &ir.Init{Graph: twice}}
	cache := &ir.Cell{Name: "c", Kind: ir.CacheCell, Type: typ("B"), Init: &ir.Init{}}
	cells, err := eval.InitCells(&ir.Module{Cells: []*ir.Cell{b, a, cache}}, 5)
	require.NoError(t, err)
	require.Len(t, cells, 2)
	for i, x := range cells["a"].Data {
		require.True(t, x >= 2 && x < 3)
		require.Equal(t, 2*x, cells["b"].Data[i])
	}
}

// Matrix products and convolutions decide how long the evaluator takes.
func BenchmarkConv(b *testing.B) {
	x, w := arg("x", typ("1", "64", "56", "56")), arg("w", typ("64", "64", "3", "3"))
	g := graph(x, w)
	pad := typ("1", "1").Shape
	g.Results[0].Value = ir.NewBuilder(g).Op(op.Conv, ir.Attrs{"pad_low": pad, "pad_high": pad}, x.Value, w.Value)
	benchmark(b, g, 64*64*9*56*56, tensor(1, 64, 56, 56), tensor(64, 64, 3, 3))
}

func BenchmarkDot(b *testing.B) {
	x, w := arg("x", typ("256", "512")), arg("w", typ("512", "512"))
	g := graph(x, w)
	g.Results[0].Value = op.On(ir.NewBuilder(g)).Dot(x.Value, w.Value, "m k, k n -> m n")
	benchmark(b, g, 256*512*512, tensor(256, 512), tensor(512, 512))
}

func benchmark(b *testing.B, g *ir.Graph, work float64, x, w *ir.Tensor) {
	for _, t := range []*ir.Tensor{x, w} {
		for i := range t.Data {
			t.Data[i] = rand.Float64()
		}
	}
	for b.Loop() {
		_, err := eval.Run(g, eval.Inputs{Args: map[string]*ir.Tensor{"x": x, "w": w}})
		require.NoError(b, err)
	}
	b.ReportMetric(work/1e9/(b.Elapsed().Seconds()/float64(b.N)), "GMAC/s")
}

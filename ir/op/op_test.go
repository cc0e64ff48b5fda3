package op_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/eval"
	"mmc/ir/loop/interp"
	"mmc/ir/op"
)

// The tests of this package know no operator: they take every record's samples.

// eachSample runs f on all samples of all operators.
func eachSample(t *testing.T, f func(t *testing.T, o *ir.Op, s ir.Sample)) {
	for _, o := range op.All() {
		for i, s := range o.Samples() {
			t.Run(fmt.Sprintf("%s/%d", o.Name, i), func(t *testing.T) { f(t, o, s) })
		}
	}
}

// build makes the graph results = o(args).
func build(t *testing.T, o *ir.Op, s ir.Sample) *ir.Graph {
	t.Helper()
	g := &ir.Graph{Name: o.Name, Facts: new(dim.Facts)}
	var args []*ir.Value
	for i, typ := range s.Args {
		v := &ir.Value{Type: typ, Index: i}
		args = append(args, v)
		g.Args = append(g.Args, &ir.Arg{Name: fmt.Sprintf("x%d", i), Value: v})
	}
	out, err := ir.NewBuilder(g).Try(o, s.Attrs, args...)
	require.NoError(t, err)
	for i, v := range out {
		g.Results = append(g.Results, &ir.Result{Name: fmt.Sprintf("y%d", i), Value: v})
	}
	g.Renumber()
	return g
}

// random makes operands of a sample, in its ranges.
func random(s ir.Sample, rng *rand.Rand) map[string]*ir.Tensor {
	out := map[string]*ir.Tensor{}
	for i, typ := range s.Args {
		low, high := -1.0, 1.0
		if s.Low != nil {
			low = s.Low[i]
		}
		if s.High != nil {
			high = s.High[i]
		}
		out[fmt.Sprintf("x%d", i)] = randomTensor(typ, s.Sizes, low, high, rng)
	}
	return out
}

func randomTensor(typ ir.Type, sizes map[string]int64, low, high float64, rng *rand.Rand) *ir.Tensor {
	t := &ir.Tensor{DType: typ.DType}
	n := 1
	for _, d := range typ.Shape {
		size := sizeOf(d, sizes)
		t.Shape = append(t.Shape, size)
		n *= size
	}
	t.Data = make([]float64, n)
	for i := range t.Data {
		switch {
		case typ.DType == dtype.Bool:
			t.Data[i] = float64(rng.IntN(2))
		case typ.DType.IsInt():
			t.Data[i] = math.Floor(low) + float64(rng.IntN(int(high-low)+1))
		default:
			t.Data[i] = low + (high-low)*rng.Float64()
		}
	}
	return t
}

func sizeOf(d dim.Expr, sizes map[string]int64) int {
	n, err := d.Eval(func(sym string) (int64, bool) { v, ok := sizes[sym]; return v, ok })
	if err != nil {
		panic(err)
	}
	return int(n)
}

func seeded() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func near(t *testing.T, want, got []float64, tolerance float64) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		if math.IsNaN(want[i]) && math.IsNaN(got[i]) || want[i] == got[i] {
			continue
		}
		if diff := math.Abs(want[i] - got[i]); !(diff <= tolerance*(1+math.Abs(want[i]))) {
			t.Fatalf("element %d: %v, want %v", i, got[i], want[i])
		}
	}
}

// Eval and Lower are two independent statements of what an operator means.
func TestEvalAgreesWithLower(t *testing.T) {
	eachSample(t, func(t *testing.T, o *ir.Op, s ir.Sample) {
		if o.Lower == nil {
			t.Skip("not lowered: a view, a marker or data")
		}
		g := build(t, o, s)
		given := random(s, seeded())
		want, err := eval.Run(g, eval.Inputs{Args: given, Dims: s.Sizes})
		require.NoError(t, err)

		var in, out []*interp.Tensor
		for _, a := range g.Args {
			in = append(in, &interp.Tensor{Shape: given[a.Name].Shape, Data: given[a.Name].Data})
		}
		for _, r := range g.Results {
			w := want.Values[r.Name]
			nan := make([]float64, len(w.Data))
			for i := range nan {
				nan[i] = math.NaN()
			}
			out = append(out, &interp.Tensor{Shape: w.Shape, Data: nan})
		}
		require.NoError(t, interp.Run(o.Lower(g.Nodes[0]), in, out, func(d dim.Expr) int { return sizeOf(d, s.Sizes) }))
		for i, r := range g.Results {
			near(t, want.Values[r.Name].Data, out[i].Data, 1e-12)
		}
	})
}

func TestTextRoundTrip(t *testing.T) {
	eachSample(t, func(t *testing.T, o *ir.Op, s ir.Sample) {
		g := build(t, o, s)
		require.NoError(t, ir.Verify(g))
		back, err := ir.ParseGraph(g.String(), op.Lookup)
		require.NoError(t, err, g.String())
		require.Equal(t, g.String(), back.String())
		require.NoError(t, ir.Verify(back))
		for i, p := range o.Params {
			require.EqualValues(t, fmt.Sprint(g.Nodes[0].Attrs[i]), fmt.Sprint(back.Nodes[0].Attrs[i]), p.Name)
		}
	})
}

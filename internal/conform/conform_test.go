package conform_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/internal/conform"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop/interp"
)

// The interpreter of nests is the first target: what operators lower to means what they evaluate to, in every element
// type and with sizes that leave tails behind any vector length.
func TestInterpreterConforms(t *testing.T) {
	opt := conform.Options{Floats: []dtype.DType{dtype.F32, dtype.F16}, Larger: []int64{0, 5}}
	conform.RunAll(t, opt, func(cases []*conform.Case) ([]map[string][]float64, error) {
		var out []map[string][]float64
		for _, c := range cases {
			got, err := interpret(c)
			if err != nil {
				return nil, err
			}
			out = append(out, got)
		}
		return out, nil
	})
}

func interpret(c *conform.Case) (map[string][]float64, error) {
	if c.Op.Has(ir.View) {
		return map[string][]float64{"y0": c.Given["x0"].Data}, nil
	}
	var in, out []*interp.Tensor
	for _, a := range c.Graph.Args {
		in = append(in, &interp.Tensor{Shape: c.Given[a.Name].Shape, Data: c.Given[a.Name].Data})
	}
	results := map[string][]float64{}
	for _, r := range c.Graph.Results {
		data := make([]float64, len(c.Want[r.Name].Data))
		for i := range data {
			data[i] = math.NaN()
		}
		results[r.Name] = data
		out = append(out, &interp.Tensor{Shape: c.Want[r.Name].Shape, Data: data})
	}
	return results, interp.Run(c.Op.Lower(c.Graph.Nodes[0]), in, out, func(d dim.Expr) int { return conform.Size(d, c.Sample.Sizes) })
}

func TestCompare(t *testing.T) {
	want := &ir.Tensor{DType: dtype.F32, Data: []float64{1, -100, math.Inf(1), math.NaN()}}
	require.NoError(t, conform.Compare(want, []float64{1.0001, -100, math.Inf(1), math.NaN()}, 2e-6))
	require.ErrorContains(t, conform.Compare(want, []float64{1.001, -100, math.Inf(1), math.NaN()}, 2e-6), "element 0")
	require.ErrorContains(t, conform.Compare(want, []float64{1, -100, 3, math.NaN()}, 2e-6), "element 2")
	require.ErrorContains(t, conform.Compare(want, []float64{1, -100, math.Inf(1), 0}, 2e-6), "element 3")
	require.ErrorContains(t, conform.Compare(want, []float64{1}, 2e-6), "1 elements instead of 4")
	whole := &ir.Tensor{DType: dtype.I32, Data: []float64{100, 7}}
	require.Error(t, conform.Compare(whole, []float64{100, 7.00001}, 2e-6))
}

package compiled_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/internal/golden"
	"mmc/internal/parity"
	"mmc/interop/tensor"
	"mmc/ir"
	"mmc/ir/dtype"
	"mmc/ir/eval"
)

// trainings are the train graphs of testdata/training.mm, in the order of their calls.
var trainings = []string{"scheduled", "groups", "slow", "distil", "critic", "generator", "together", "frozen", "tied", "noisy"}

// TestTraining calls every train graph for some steps, compiled and evaluated, and compares all that a training leaves: results of
// every step, weights, states, slots.
func TestTraining(t *testing.T) {
	p := training(t)
	want, err := parity.Reference{}.Run(p)
	require.NoError(t, err)
	got, err := parity.Compiled{Dir: t.TempDir(), Exact: golden.Direct}.Run(p)
	require.NoError(t, err)
	require.Len(t, got.Results, len(want.Results))
	for i := range want.Results {
		equal(t, fmt.Sprintf("step %d, %s: ", i, p.Calls[i].Graph), want.Results[i], got.Results[i])
	}
	equal(t, "", left(want), left(got))
	require.Equal(t, "student.last_layer.bias student.last_layer.weight"+
		" trunk.fc.bias trunk.fc.weight trunk.last_layer.bias trunk.last_layer.weight", same(t, p.Weights, got.Cells))
}

// left is what a training leaves.
func left(x *parity.Transcript) parity.Tensors {
	all := maps.Clone(x.Cells)
	maps.Copy(all, x.Slots)
	return all
}

// training has four steps of each graph, on drawn inputs from drawn weights.
func training(t *testing.T) parity.Program {
	p := parity.Program{File: "internal/compiled/testdata/training.mm", Weights: parity.Tensors{}}
	m, err := parity.Build(p)
	require.NoError(t, err)
	first, err := eval.InitCells(m, 1)
	require.NoError(t, err)
	for _, c := range m.Cells {
		if c.Kind != ir.SlotCell {
			p.Weights[c.Name] = stored(t, c.Type.DType, first[c.Name])
		}
	}
	random := rand.New(rand.NewPCG(5, 6))
	for _, name := range trainings {
		for range 4 {
			call := parity.Call{Graph: name, Inputs: parity.Tensors{}}
			for _, a := range m.Graph(name).Args {
				if a.Role == ir.Input && a.Value.Type.Rank() > 0 {
					call.Inputs[a.Name] = drawn(t, a.Value.Type, random)
				}
			}
			p.Calls = append(p.Calls, call)
		}
	}
	return p
}

// drawn has four rows. Integers are classes.
func drawn(t *testing.T, typ ir.Type, random *rand.Rand) *tensor.Tensor {
	host := &ir.Tensor{Shape: []int{}}
	n := 1
	for _, d := range typ.Shape {
		size, known := d.Const()
		if !known {
			size = 4
		}
		host.Shape = append(host.Shape, int(size))
		n *= int(size)
	}
	for range n {
		x := random.NormFloat64()
		if typ.DType.IsInt() {
			x = float64(random.IntN(3))
		}
		host.Data = append(host.Data, x)
	}
	return stored(t, typ.DType, host)
}

// stored is a tensor as files hold it.
func stored(t *testing.T, as dtype.DType, x *ir.Tensor) *tensor.Tensor {
	var out *tensor.Tensor
	var err error
	if as.IsInt() {
		data := make([]int64, len(x.Data))
		for i, v := range x.Data {
			data[i] = int64(v)
		}
		out, err = tensor.Of(x.Shape, data)
	} else {
		data := make([]float32, len(x.Data))
		for i, v := range x.Data {
			data[i] = float32(v)
		}
		out, err = tensor.Of(x.Shape, data)
	}
	require.NoError(t, err)
	converted, _, err := tensor.Convert(out, tensor.DType(as.String()))
	require.NoError(t, err)
	return converted
}

// equal compares tensors by name: root mean squares of differences within some units in the last place of a float32.
func equal(t *testing.T, what string, want, got parity.Tensors) {
	t.Helper()
	require.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)), what)
	for name, w := range want {
		a, err := w.Values()
		require.NoError(t, err)
		b, err := got[name].Values()
		require.NoError(t, err)
		require.Len(t, b, len(a), what+name)
		var wrong, size float64
		for i := range a {
			wrong += (a[i] - b[i]) * (a[i] - b[i])
			size += a[i] * a[i]
		}
		if !(math.Sqrt(wrong) <= 4e-6*math.Sqrt(size)) {
			t.Errorf("%s%s differs by %.2g of %.2g", what, name, math.Sqrt(wrong), math.Sqrt(size))
		}
	}
}

// same names the weights that a training left as they were.
func same(t *testing.T, before, after parity.Tensors) string {
	var names []string
	for name, w := range before {
		a, err := w.Values()
		require.NoError(t, err)
		b, err := after[name].Values()
		require.NoError(t, err)
		if slices.Equal(a, b) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

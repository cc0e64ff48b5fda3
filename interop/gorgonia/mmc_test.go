package gorgonia

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/internal/parity"
	"mmc/interop/tensor"
)

// contractions are the graphs of testdata/peer.mm with the axes that gorgonia joins, and shapes of the operands for sizes M, N, K
// and L.
var contractions = []struct {
	graph string
	a, b  func(m, n, k, l int) []int
	axesA []int
	axesB []int
}{
	{"matrix", func(m, n, k, l int) []int { return []int{m, k} }, func(m, n, k, l int) []int { return []int{k, n} }, []int{1}, []int{0}},
	{"turned", func(m, n, k, l int) []int { return []int{m, k} }, func(m, n, k, l int) []int { return []int{n, k} }, []int{1}, []int{1}},
	{"left", func(m, n, k, l int) []int { return []int{k, m} }, func(m, n, k, l int) []int { return []int{k, n} }, []int{0}, []int{0}},
	{"vector", func(m, n, k, l int) []int { return []int{m, k} }, func(m, n, k, l int) []int { return []int{k} }, []int{1}, []int{0}},
	{"planes", func(m, n, k, l int) []int { return []int{m, k, l} }, func(m, n, k, l int) []int { return []int{l, k, n} }, []int{1, 2}, []int{1, 0}},
	{"middle", func(m, n, k, l int) []int { return []int{m, k, n} }, func(m, n, k, l int) []int { return []int{k, l} }, []int{1}, []int{0}},
	{"whole", func(m, n, k, l int) []int { return []int{m, n} }, func(m, n, k, l int) []int { return []int{m, n} }, []int{0, 1}, []int{0, 1}},
}

// sizes are M, N, K and L: odd ones, and around a vector and a block. Axes of length 1 are left out, since gorgonia drops them.
var sizes = [][4]int{{3, 5, 7, 2}, {16, 17, 33, 4}, {31, 64, 20, 3}, {65, 48, 129, 5}}

// What mmc computes, evaluated and compiled, is what gorgonia computes in float64.
func TestMmcAgrees(t *testing.T) {
	p, want := questions(t)
	for name, r := range map[string]struct {
		parity.Runner
		tolerance float64
	}{"evaluated": {parity.Reference{}, 1e-13}, "compiled": {parity.Compiled{Dir: t.TempDir()}, 2e-6}} {
		t.Run(name, func(t *testing.T) {
			got, err := r.Run(p)
			require.NoError(t, err)
			for i, results := range want {
				require.Len(t, got.Results[i], len(results))
				for result, w := range results {
					assert.NoError(t, near(w, got.Results[i][result], r.tolerance), "%s: %s", p.Calls[i].Graph, result)
				}
			}
		})
	}
}

// questions are calls with what gorgonia answers.
func questions(t *testing.T) (p parity.Program, want []parity.Tensors) {
	p.File = "interop/gorgonia/testdata/peer.mm"
	random := rand.New(rand.NewPCG(7, 8))
	ask := func(graph string, shapeA, shapeB []int, low float64, answer func(a, b *tensor.Tensor) parity.Tensors) {
		a, b := draw(random, low, shapeA), draw(random, low, shapeB)
		p.Calls = append(p.Calls, parity.Call{Graph: graph, Inputs: parity.Tensors{"a": a, "b": b}})
		want = append(want, answer(a, b))
	}
	for _, s := range sizes {
		for _, c := range contractions { // calls in a row of one graph would be one answer
			ask(c.graph, c.a(s[0], s[1], s[2], s[3]), c.b(s[0], s[1], s[2], s[3]), -2, func(a, b *tensor.Tensor) parity.Tensors {
				out, err := Contract(a, b, c.axesA, c.axesB)
				require.NoError(t, err, c.graph)
				return parity.Tensors{"output": out}
			})
		}
		ask("arithmetic", s[:2], s[:2], 0.25, func(a, b *tensor.Tensor) parity.Tensors { // above zero, for the powers
			out := parity.Tensors{}
			for _, op := range []string{"add", "sub", "mul", "div", "pow"} {
				var err error
				out[op], err = Elementwise(op, a, b)
				require.NoError(t, err, op)
			}
			return out
		})
	}
	return p, want
}

// draw makes a tensor of float64 whose numbers float32 holds.
func draw(random *rand.Rand, low float64, shape []int) *tensor.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	data := make([]float64, n)
	for i := range data {
		data[i] = float64(float32(low + (2-low)*random.Float64()))
	}
	return &tensor.Tensor{Shape: shape, Data: data}
}

// near compares with an error relative to the largest element. gorgonia writes a sum over all axes as a vector of one.
func near(want, got *tensor.Tensor, tolerance float64) error {
	if got == nil {
		return fmt.Errorf("is missing")
	}
	w := want.Data.([]float64)
	g, err := got.Values()
	if err != nil {
		return err
	}
	if fmt.Sprint(want.Shape) != fmt.Sprint(got.Shape) && !(len(w) == 1 && len(g) == 1) {
		return fmt.Errorf("has shape %v, not %v", got.Shape, want.Shape)
	}
	scale := 0.0
	for _, x := range w {
		scale = max(scale, math.Abs(x))
	}
	for i, x := range w {
		if !(math.Abs(g[i]-x) <= tolerance*scale) {
			return fmt.Errorf("element %d is %v, not %v", i, g[i], x)
		}
	}
	return nil
}

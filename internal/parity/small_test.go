package parity

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/interop/tensor"
	"mmc/ir"
)

// The large networks at a small size: the generated package against the evaluator, on weights and inputs of chance. Their plans
// have what the large ones have, so that the large ones need not run at every change.
func TestSmallNetworks(t *testing.T) {
	for name, p := range map[string]struct {
		program Program
		graph   string
		shape   []int
	}{
		"unet":      {Program{File: example("unet"), Model: "UNet", Set: map[string]string{"width": "4", "depth": "2"}}, "segment", []int{2, 1, 20, 12}},
		"unet_1015": {Program{File: example("unet"), Model: "UNet2015", Set: map[string]string{"width": "2"}}, "segment", []int{1, 1, 188, 204}},
		"resnet": {
			Program{File: example("resnet"), Model: "ResNet", Set: map[string]string{"depths": "[1, 2]", "classes": "7"}},
			"classify", []int{3, 3, 33, 40},
		},
	} {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			p.program.Weights = randomWeights(t, p.program, random)
			p.program.Calls = []Call{{p.graph, Tensors{"image": randomTensor(p.shape, -1, 1, random)}}}
			want, err := Reference{}.Run(p.program)
			require.NoError(t, err)
			got, err := Compiled{Dir: t.TempDir()}.Run(p.program)
			require.NoError(t, err)
			assert.Less(t, relativeError(t, got.Results[0]["output"], want.Results[0]["output"]), 2e-6)
		})
	}
}

// One build of a U-Net serves all sizes: each must give what the evaluator gives.
func TestSizesOfOneBuild(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	p := Program{File: example("unet"), Model: "UNet", Set: map[string]string{"width": "16"}}
	p.Weights = randomWeights(t, p, random)
	for _, h := range []int{16, 48, 272} {
		if h > 100 && !big {
			continue // takes the evaluator long: go test -tags big
		}
		for _, w := range []int{32, 80} {
			for _, n := range []int{1, 3} {
				t.Run(fmt.Sprintf("%dx1x%dx%d", n, h, w), func(t *testing.T) {
					p := p
					p.Calls = []Call{{"segment", Tensors{"image": randomTensor([]int{n, 1, h, w}, 0, 1, random)}}}
					want, err := Reference{}.Run(p)
					require.NoError(t, err)
					got, err := Compiled{Dir: t.TempDir()}.Run(p)
					require.NoError(t, err)
					assert.Less(t, relativeError(t, got.Results[0]["output"], want.Results[0]["output"]), 2e-6)
				})
			}
		}
	}
}

func randomWeights(t *testing.T, p Program, random *rand.Rand) Tensors {
	t.Helper()
	mod, err := Build(p)
	require.NoError(t, err)
	out := Tensors{}
	for _, c := range mod.Cells {
		if c.Kind != ir.ParamCell && c.Kind != ir.StateCell || !c.Type.DType.IsFloat() {
			continue
		}
		shape, fan := []int{}, 1
		for i, d := range c.Type.Shape {
			n, _ := d.Const()
			shape = append(shape, int(n))
			if i > 0 {
				fan *= int(n)
			}
		}
		if lo, hi := -2/math.Sqrt(float64(fan)), 2/math.Sqrt(float64(fan)); len(shape) > 1 {
			out[c.Name] = randomTensor(shape, lo, hi, random)
		} else {
			out[c.Name] = randomTensor(shape, 0.5, 1.5, random) // variances and scales are positive
		}
	}
	return out
}

func randomTensor(shape []int, lo, hi float64, random *rand.Rand) *tensor.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	data := make([]float32, n)
	for i := range data {
		data[i] = float32(lo + (hi-lo)*random.Float64())
	}
	return &tensor.Tensor{Shape: shape, Data: data}
}

func relativeError(t *testing.T, got, want *tensor.Tensor) float64 {
	t.Helper()
	require.NotNil(t, got)
	require.Equal(t, want.Shape, got.Shape)
	a, err := got.Float64s()
	require.NoError(t, err)
	b, err := want.Float64s()
	require.NoError(t, err)
	sum, scale := 0.0, 0.0
	for i := range b {
		sum += (a[i] - b[i]) * (a[i] - b[i])
		scale += b[i] * b[i]
	}
	return math.Sqrt(sum / scale)
}

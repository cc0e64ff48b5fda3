package stdlib_test

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

// arrays are arguments, weights or results by name.
type arrays map[string]array

// layerCase is a call of a graph of testdata/layers.mm and the numbers that formulas give for it.
type layerCase struct {
	graph      string
	args, want arrays
}

// runners are the ways to run a model: the evaluator, which must agree with formulas to the last digits, and the compiled package.
func runners(t *testing.T) map[string]struct {
	parity.Runner
	tolerance float64
} {
	return map[string]struct {
		parity.Runner
		tolerance float64
	}{"evaluated": {parity.Reference{}, 1e-12}, "compiled": {parity.Compiled{Dir: t.TempDir()}, 3e-6}}
}

// Layers, functions and losses give what their formulas say.
func TestLayers(t *testing.T) {
	weights, cases := layerCases()
	p := program("Layers", weights)
	for _, c := range cases {
		p.Calls = append(p.Calls, parity.Call{Graph: c.graph, Inputs: tensors(c.args)})
	}
	for name, r := range runners(t) {
		t.Run(name, func(t *testing.T) {
			got, err := r.Run(p)
			require.NoError(t, err)
			for i, c := range cases {
				require.Len(t, got.Results[i], len(c.want), c.graph)
				for result, want := range c.want {
					assert.NoError(t, differ(want, got.Results[i][result], r.tolerance), "%s: %s", c.graph, result)
				}
			}
		})
	}
}

func program(model string, weights arrays) parity.Program {
	return parity.Program{File: "stdlib/testdata/layers.mm", Model: model, Weights: tensors(weights)}
}

func tensors(from arrays) parity.Tensors {
	out := parity.Tensors{}
	for name, a := range from {
		data := make([]float32, len(a.data))
		for i, x := range a.data {
			data[i] = float32(x)
		}
		out[name] = &tensor.Tensor{Shape: a.shape, Data: data}
		if name == "ids" || name == "labels" {
			whole := make([]int32, len(data))
			for i, x := range data {
				whole[i] = int32(x)
			}
			out[name] = &tensor.Tensor{Shape: a.shape, Data: whole}
		}
	}
	return out
}

// differ tells where two tensors differ by more than a share of the largest element.
func differ(want array, got *tensor.Tensor, tolerance float64) error {
	if got == nil {
		return fmt.Errorf("is missing")
	}
	values, err := got.Values()
	if err != nil {
		return err
	}
	if fmt.Sprint(want.shape) != fmt.Sprint(got.Shape) || len(values) != len(want.data) {
		return fmt.Errorf("has shape %v, not %v", got.Shape, want.shape)
	}
	scale := 0.0
	for _, x := range want.data {
		scale = max(scale, math.Abs(x))
	}
	for i, x := range want.data {
		if !(math.Abs(values[i]-x) <= tolerance*scale) {
			return fmt.Errorf("element %d is %v, not %v", i, values[i], x)
		}
	}
	return nil
}

// chance draws arrays whose elements float32 holds exactly.
type chance struct{ *rand.Rand }

func (c chance) array(shape ...int) array {
	return zeros(shape...).of(func(float64) float64 { return float64(float32(c.Float64()*4 - 2)) })
}

func (c chance) whole(n int, shape ...int) array {
	return zeros(shape...).of(func(float64) float64 { return float64(c.IntN(n)) })
}

func layerCases() (weights arrays, cases []layerCase) {
	c := chance{rand.New(rand.NewPCG(1, 2))}
	weights = arrays{
		"fc.weight": c.array(4, 3), "fc.bias": c.array(4), "turned.weight": c.array(3, 4), "turned.bias": c.array(4), "table.weight": c.array(5, 3),
		"c1.weight": c.array(6, 2, 3), "c1.bias": c.array(6), "c2.weight": c.array(4, 3, 3, 2), "c2.bias": c.array(4),
		"c3.weight": c.array(3, 2, 2, 3, 1), "c3.bias": c.array(3), "ct.weight": c.array(3, 2, 3, 3), "ct.bias": c.array(2),
		"ln.weight": c.array(7), "ln.bias": c.array(7), "rms.weight": c.array(7), "gn.weight": c.array(6), "gn.bias": c.array(6),
	}
	for _, list := range [][]layerCase{
		denseCases(c, weights), convolutionCases(c, weights), normCases(c, weights), functionCases(c), rowCases(c), lossCases(c), windowCases(c),
	} {
		cases = append(cases, list...)
	}
	return weights, cases
}

// output is the result of a graph with one.
func output(a array) arrays { return arrays{"output": a} }

func denseCases(c chance, w arrays) []layerCase {
	x, ids := c.array(5, 3), c.whole(5, 4, 2)
	dense := func(weight func(o, k int) float64, bias array) array {
		return build([]int{5, 4}, func(i []int) float64 {
			sum := bias.data[i[1]]
			for k := range 3 {
				sum += x.get(i[0], k) * weight(i[1], k)
			}
			return sum
		})
	}
	return []layerCase{
		{"linear", arrays{"x": x}, output(dense(func(o, k int) float64 { return w["fc.weight"].get(o, k) }, w["fc.bias"]))},
		{"linear_turned", arrays{"x": x}, output(dense(func(o, k int) float64 { return w["turned.weight"].get(k, o) }, w["turned.bias"]))},
		{"embedding", arrays{"ids": ids}, output(build([]int{4, 2, 3}, func(i []int) float64 {
			return w["table.weight"].get(int(ids.get(i[0], i[1])), i[2])
		}))},
	}
}

func convolutionCases(c chance, w arrays) []layerCase {
	line, image, volume := c.array(2, 4, 9), c.array(2, 3, 5, 7), c.array(2, 2, 3, 6, 4)
	y1 := conv(line.in(2, 4, 1, 1, 9), w["c1.weight"].in(6, 2, 1, 1, 3), window{[]int{1, 1, 2}, []int{0, 0, 2}, []int{1, 1, 2}, []int{2}})
	y2 := conv(image.in(2, 3, 1, 5, 7), w["c2.weight"].in(4, 3, 1, 3, 2), window{stride: []int{1, 1, 2}, pad: []int{0, 1, 0}})
	y3 := conv(volume, w["c3.weight"], window{stride: []int{1, 2, 1}, pad: []int{1, 1, 0}})
	return []layerCase{
		{"conv1d", arrays{"x": line}, output(y1.with(w["c1.bias"]).in(2, 6, y1.shape[4]))},
		{"conv2d", arrays{"x": image}, output(y2.with(w["c2.bias"]).in(2, 4, y2.shape[3], y2.shape[4]))},
		{"conv3d", arrays{"x": volume}, output(y3.with(w["c3.bias"]))},
		{"conv_transpose", arrays{"x": image}, output(convTranspose(image, w["ct.weight"], 2, 1, 1).with(w["ct.bias"]))},
	}
}

func normCases(c chance, w arrays) []layerCase {
	x, image := c.array(4, 7), c.array(2, 6, 3, 4)
	row := func(i int) []float64 { return x.data[7*i : 7*i+7] }
	layer := build(x.shape, func(i []int) float64 {
		m, v := moments(row(i[0]))
		return (x.get(i...)-m)/math.Sqrt(v+1e-5)*w["ln.weight"].data[i[1]] + w["ln.bias"].data[i[1]]
	})
	rms := build(x.shape, func(i []int) float64 {
		squares := 0.0
		for _, e := range row(i[0]) {
			squares += e * e
		}
		return x.get(i...) / math.Sqrt(squares/7+1e-6) * w["rms.weight"].data[i[1]]
	})
	// groups of n channels, normalised together
	normed := func(n int) array {
		return build(image.shape, func(i []int) float64 {
			from := image.at(i[0], i[1]/n*n, 0, 0)
			m, v := moments(image.data[from : from+n*12])
			return (image.get(i...) - m) / math.Sqrt(v+1e-5)
		})
	}
	group := normed(2)
	group = build(group.shape, func(i []int) float64 { return group.get(i...)*w["gn.weight"].data[i[1]] + w["gn.bias"].data[i[1]] })
	return []layerCase{
		{"layer_norm", arrays{"x": x}, output(layer)},
		{"rms_norm", arrays{"x": x}, output(rms)},
		{"group_norm", arrays{"x": image}, output(group)},
		{"instance_norm", arrays{"x": image}, output(normed(1))},
	}
}

func functionCases(c chance) []layerCase {
	x, a, b := c.array(41), c.array(6), c.array(6)
	slope := func(s float64) func(float64) float64 {
		return func(x float64) float64 {
			if x > 0 {
				return x
			}
			return s * x
		}
	}
	elu := func(x float64) float64 {
		if x > 0 {
			return x
		}
		return 0.5 * math.Expm1(x)
	}
	return []layerCase{
		{"functions", arrays{"x": x}, arrays{
			"relu":       x.of(func(x float64) float64 { return max(x, 0) }),
			"relu6":      x.of(func(x float64) float64 { return min(max(3*x, 0), 6) }),
			"leaky_relu": x.of(slope(0.2)),
			"elu":        x.of(elu),
			"silu":       x.of(func(x float64) float64 { return x * sigmoid(x) }),
			"gelu":       x.of(func(x float64) float64 { return x / 2 * (1 + math.Erf(x/math.Sqrt2)) }),
			"gelu_tanh":  x.of(func(x float64) float64 { return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))) }),
			"softplus":   x.of(func(x float64) float64 { return math.Log1p(math.Exp(8 * x)) }),
			"clamp":      x.of(func(x float64) float64 { return min(max(x, -0.5), 1) }),
		}},
		{"pairs", arrays{"a": a, "b": b}, arrays{
			"ema":  build(a.shape, func(i []int) float64 { return 0.9*a.get(i...) + 0.1*b.get(i...) }),
			"lerp": build(a.shape, func(i []int) float64 { return 0.75*a.get(i...) + 0.25*b.get(i...) }),
		}},
		{"reversed", arrays{"x": x}, output(x.of(func(x float64) float64 { return -0.5 * 2 * x }))},
		{"straight", arrays{"x": x}, arrays{
			"value": x.of(math.RoundToEven),
			"slope": x.of(func(float64) float64 { return 3 }),
		}},
	}
}

func rowCases(c chance) []layerCase {
	x := c.array(4, 9)
	// per row, f of its elements
	rows := func(f func(row []float64) float64) array {
		return build([]int{4}, func(i []int) float64 { return f(x.data[9*i[0] : 9*i[0]+9]) })
	}
	exps := rows(func(row []float64) (s float64) {
		for _, e := range row {
			s += math.Exp(e)
		}
		return s
	})
	length := rows(func(row []float64) (s float64) {
		for _, e := range row {
			s += e * e
		}
		return math.Sqrt(s)
	})
	return []layerCase{{"rows", arrays{"x": x}, arrays{
		"softmax":     build(x.shape, func(i []int) float64 { return math.Exp(x.get(i...)) / exps.data[i[0]] }),
		"log_softmax": build(x.shape, func(i []int) float64 { return x.get(i...) - math.Log(exps.data[i[0]]) }),
		"logsumexp":   exps.of(math.Log),
		"l2norm":      build(x.shape, func(i []int) float64 { return x.get(i...) / length.data[i[0]] }),
		"variance":    rows(func(row []float64) float64 { _, v := moments(row); return v }),
	}}}
}

func lossCases(c chance) []layerCase {
	x, y, labels := c.array(6, 5), c.array(6, 5), c.whole(5, 6)
	entropy := build([]int{6}, func(i []int) float64 {
		s := 0.0
		for k := range 5 {
			s += math.Exp(x.get(i[0], k))
		}
		return math.Log(s) - x.get(i[0], int(labels.data[i[0]]))
	})
	mean := func(f func(x, y float64) float64) array {
		return scalar(build(x.shape, func(i []int) float64 { return f(x.get(i...), y.get(i...)) / 30 }).sum())
	}
	binary := mean(func(x, y float64) float64 {
		return -(sigmoid(y)*math.Log(sigmoid(x)) + (1-sigmoid(y))*math.Log(1-sigmoid(x)))
	})
	return []layerCase{{"losses", arrays{"x": x, "y": y, "labels": labels}, arrays{
		"cross_entropy":      scalar(entropy.sum() / 6),
		"cross_entropy_sum":  scalar(entropy.sum()),
		"cross_entropy_none": entropy,
		"bce":                binary,
		"bce_logits":         binary,
		"mse":                mean(func(x, y float64) float64 { return (x - y) * (x - y) }),
		"l1":                 mean(func(x, y float64) float64 { return math.Abs(x - y) }),
	}}}
}

func windowCases(c chance) []layerCase {
	x, ids := c.array(2, 3, 6, 7), c.whole(5, 8)
	// The largest of each 2 x 2 square stays, the others become zero; the odd column is in no square.
	back := build(x.shape, func(i []int) float64 {
		h, w := i[2]/2*2, i[3]/2*2
		if w == 6 {
			return 0
		}
		if top := max(x.get(i[0], i[1], h, w), x.get(i[0], i[1], h, w+1), x.get(i[0], i[1], h+1, w), x.get(i[0], i[1], h+1, w+1)); x.get(i...) != top {
			return 0
		}
		return x.get(i...)
	})
	whole := build([]int{2, 3}, func(i []int) float64 {
		from := x.at(i[0], i[1], 0, 0)
		m, _ := moments(x.data[from : from+42])
		return m
	})
	return []layerCase{
		{"pools", arrays{"x": x}, arrays{
			"maxima": pool(x, 3, 2, 1, larger),
			"means":  pool(x, 3, 2, 1, func(got float64, _ bool, x float64) float64 { return got + x/9 }),
			"back":   back, "whole": whole,
		}},
		{"larger", arrays{"x": x}, output(build([]int{2, 3, 12, 14}, func(i []int) float64 { return x.get(i[0], i[1], i[2]/2, i[3]/2) }))},
		{"hot", arrays{"ids": ids}, output(build([]int{8, 5}, func(i []int) float64 {
			if int(ids.data[i[0]]) == i[1] {
				return 1
			}
			return 0
		}))},
	}
}

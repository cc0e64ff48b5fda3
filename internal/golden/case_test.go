package golden

import (
	"errors"
	"io/fs"
	"math"
	"path/filepath"
	"testing"

	"mmc/interop/tensor"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A two-layer RNN written out here in float64 must meet the case to the precision of its files.
func TestForwardByHand(t *testing.T) {
	out, last := runRNN(t)
	c := Open(t, "rnn_tanh")
	for name, got := range map[string]*tensor.Tensor{"output": out, "h_n": last} {
		r, err := c.Compare(name, got, Float64)
		require.NoError(t, err)
		assert.Greater(t, r.RelRMS, 0.0, "float64 against float32 cannot agree to the last bit")
		_, err = c.Compare(name, got, Direct)
		assert.NoError(t, err)
	}
}

func runRNN(t *testing.T) (out, last *tensor.Tensor) {
	c := Open(t, "rnn_tanh")
	w := floats(t)(c.WeightMap())
	in := floats(t)(asMap(c.Inputs()))
	const steps, batch, hidden = 17, 3, 64
	x, width := in["x"], 48
	var final []float64
	for layer, suffix := range []string{"_l0", "_l1"} {
		h := in["h0"][layer*batch*hidden:][:batch*hidden]
		var next []float64
		for step := range steps {
			a := dense(x[step*batch*width:][:batch*width], w["weight_ih"+suffix], w["bias_ih"+suffix])
			b := dense(h, w["weight_hh"+suffix], w["bias_hh"+suffix])
			h = make([]float64, len(a))
			for i := range h {
				h[i] = math.Tanh(a[i] + b[i])
			}
			next = append(next, h...)
		}
		x, width = next, hidden
		final = append(final, h...)
	}
	return &tensor.Tensor{Shape: []int{steps, batch, hidden}, Data: x}, &tensor.Tensor{Shape: []int{2, batch, hidden}, Data: final}
}

func TestCompareRefuses(t *testing.T) {
	c := Open(t, "rnn_tanh")
	spoil := map[string]func(x *tensor.Tensor){
		"one value":      func(x *tensor.Tensor) { x.Data.([]float64)[100] += 1e-3 },
		"a small factor": func(x *tensor.Tensor) { scale(x.Data.([]float64), 1+6e-6) },
		"NaN":            func(x *tensor.Tensor) { x.Data.([]float64)[5] = math.NaN() },
		"infinity":       func(x *tensor.Tensor) { x.Data.([]float64)[5] = math.Inf(1) },
		"shape":          func(x *tensor.Tensor) { x.Shape = []int{3, 17, 64} },
		"length":         func(x *tensor.Tensor) { x.Data = x.Data.([]float64)[1:] },
		"type":           func(x *tensor.Tensor) { x.Data = make([]int32, 17*3*64) },
	}
	for name, f := range spoil {
		out, _ := runRNN(t)
		f(out)
		_, err := c.Compare("output", out, Winograd)
		assert.Error(t, err, name)
	}
	_, err := c.Compare("nothing", &tensor.Tensor{}, Direct)
	assert.ErrorContains(t, err, "no output nothing")
	_, err = c.Compare("output", nil, Direct)
	assert.ErrorContains(t, err, "is missing")
}

func scale(x []float64, by float64) {
	for i := range x {
		x[i] *= by
	}
}

func TestArgmaxIsChecked(t *testing.T) {
	o := Output{Name: "y", Shape: []int{2, 3}, Argmax: []int{2, 0}}
	assert.NoError(t, sameArgmax(o, []float64{0, 1, 2, 5, 4, 3}))
	assert.ErrorContains(t, sameArgmax(o, []float64{0, 1, 2, 3, 4, 5}), "row 1 is element 2, want 0")
}

func TestIntegersMustBeEqual(t *testing.T) {
	c := Open(t, "gpt2")
	_, want, err := c.expected(Output{Name: "greedy", File: "out_greedy.npy", Shape: []int{16}})
	if want != nil || err == nil {
		t.Fatal("integers are no floats")
	}
	_, err = c.Compare("greedy", &tensor.Tensor{Shape: []int{16}, Data: make([]int32, 16)}, Direct)
	assert.ErrorContains(t, err, "element 0 is 0, want")
}

func TestTolerances(t *testing.T) {
	assert.Equal(t, 8e-6, Direct.output(1e-6))
	assert.InDelta(t, 16e-7, Winograd.output(3e-8), 1e-20, "luck does not count")
	assert.Equal(t, 1e-7, Float64.output(1e-3))
	assert.Equal(t, 1e-9, Float64.digest(1e-3))
}

func TestMissingCase(t *testing.T) {
	t.Setenv("MMC_SHARED", t.TempDir())
	_, err := Load("nonesuch")
	assert.ErrorIs(t, err, ErrAbsent)
	t.Setenv("MMC_SHARED", filepath.Join(t.TempDir(), "gone"))
	_, err = Load("nonesuch")
	assert.ErrorIs(t, err, ErrAbsent)
	assert.False(t, errors.Is(err, fs.ErrNotExist), "absence of optional data is an error of its own")
	c, err := Load("train_lenet5")
	require.NoError(t, err)
	_, err = c.Inputs()
	assert.ErrorIs(t, err, ErrAbsent)
}

func TestSteps(t *testing.T) {
	c := Open(t, "train_resnet18")
	assert.Equal(t, []string{"0", "1", "2"}, c.Steps())
	in, err := c.Step("2")
	require.NoError(t, err)
	assert.Equal(t, []int{4, 3, 64, 64}, in["images"].Shape, "the retry suffix of the name is cut off")
	assert.Equal(t, tensor.I64, in["labels"].DType())
	_, err = c.Step("3")
	assert.ErrorContains(t, err, "no inputs of step 3")
	assert.Equal(t, []string{"0", "1", "2", "generator"}, Open(t, "train_wgan_gp").Steps())
}

func TestPadding(t *testing.T) {
	p := planes{shape: []int{2, 1, 2}, bytes: []uint8{1, 2, 3, 4}}.pad(1)
	assert.Equal(t, []int{2, 3, 4}, p.shape)
	assert.Equal(t, []uint8{0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0}, p.bytes)
}

// asMap and floats chain a loader's two results into tensors by name as float64.
func asMap(all []tensor.Named, err error) (map[string]*tensor.Tensor, error) { return byName(all), err }

func floats(t *testing.T) func(map[string]*tensor.Tensor, error) map[string][]float64 {
	return func(all map[string]*tensor.Tensor, err error) map[string][]float64 {
		t.Helper()
		SkipIfAbsent(t, err)
		out := map[string][]float64{}
		for name, x := range all {
			out[name], err = x.Float64s()
			require.NoError(t, err)
		}
		return out
	}
}

// dense is x W^T + b for rows of x and a weight of [out, in].
func dense(x, w, b []float64) []float64 {
	out := len(b)
	in := len(w) / out
	var y []float64
	for row := 0; row < len(x); row += in {
		for o := range out {
			sum := b[o]
			for i, v := range w[o*in : (o+1)*in] {
				sum += v * x[row+i]
			}
			y = append(y, sum)
		}
	}
	return y
}

package gorgonia

import (
	"testing"

	"mmc/interop/tensor"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	gt "gorgonia.org/tensor"
)

func TestEveryTypeBothWays(t *testing.T) {
	for _, data := range []any{
		[]float32{1, 2, 3, 4, 5, 6}, []float64{1, 2, 3, 4, 5, 6}, []bool{true, false, true, true, false, false},
		[]int8{1, 2, 3, 4, 5, -6}, []int16{1, 2, 3, 4, 5, -6}, []int32{1, 2, 3, 4, 5, -6}, []int64{1, 2, 3, 4, 5, -6},
		[]uint8{1, 2, 3, 4, 5, 6}, []uint16{1, 2, 3, 4, 5, 6}, []uint32{1, 2, 3, 4, 5, 6}, []uint64{1, 2, 3, 4, 5, 6},
	} {
		want := &tensor.Tensor{Shape: []int{1, 3, 2}, Data: data}
		d, err := ToDense(want)
		require.NoError(t, err, "%T", data)
		v, err := d.At(0, 1, 1)
		require.NoError(t, err)
		assert.Equal(t, d.Get(3), v, "row-major")
		got, err := FromDense(d)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

func TestScalarsAndCopies(t *testing.T) {
	want := &tensor.Tensor{Shape: []int{}, Data: []float64{7}}
	d, err := ToDense(want)
	require.NoError(t, err)
	assert.True(t, d.IsScalar())
	got, err := FromDense(d)
	require.NoError(t, err)
	assert.Equal(t, want, got)

	data := []float32{1, 2}
	d, err = ToDense(&tensor.Tensor{Shape: []int{2}, Data: data})
	require.NoError(t, err)
	data[0] = 9
	assert.Equal(t, float32(1), d.Get(0))

	got, err = FromDense(gt.New(gt.WithShape(2), gt.WithBacking([]int{3, -4})))
	require.NoError(t, err)
	assert.Equal(t, []int64{3, -4}, got.Data)
}

// All layouts of one matrix, [[0 1 2] [3 4 5]], come over the same.
func TestLayouts(t *testing.T) {
	matrix := func(opts ...gt.ConsOpt) *gt.Dense {
		return gt.New(append([]gt.ConsOpt{gt.WithShape(2, 3), gt.WithBacking([]float64{0, 1, 2, 3, 4, 5})}, opts...)...)
	}
	transposed := gt.New(gt.WithShape(3, 2), gt.WithBacking([]float64{0, 3, 1, 4, 2, 5}))
	require.NoError(t, transposed.T())
	columns := gt.New(gt.AsFortran([]float64{0, 3, 1, 4, 2, 5}), gt.WithShape(2, 3))
	wide := gt.New(gt.WithShape(3, 4), gt.WithBacking([]float64{9, 9, 9, 9, 9, 0, 1, 2, 9, 3, 4, 5}))
	slice, err := wide.Slice(gt.S(1, 3), gt.S(1, 4))
	require.NoError(t, err)
	for name, d := range map[string]*gt.Dense{
		"plain": matrix(), "transposed": transposed, "column-major": columns, "slice": slice.(*gt.Dense),
	} {
		got, err := FromDense(d)
		require.NoError(t, err, name)
		assert.Equal(t, []int{2, 3}, got.Shape, name)
		assert.Equal(t, []float64{0, 1, 2, 3, 4, 5}, got.Data, name)
	}
}

func TestRefused(t *testing.T) {
	for says, x := range map[string]*tensor.Tensor{
		"no such elements": {Shape: []int{1}, Data: []tensor.Half{1}},
		"no empty tensors": {Shape: []int{0, 2}, Data: []float32{}},
		"3 elements":       {Shape: []int{3}, Data: []float32{1}},
	} {
		_, err := ToDense(x)
		assert.ErrorContains(t, err, says)
	}
	_, err := FromDense(nil)
	assert.ErrorContains(t, err, "nil")
	_, err = FromDense(gt.New(gt.WithShape(1), gt.WithBacking([]complex64{1})))
	assert.ErrorContains(t, err, "complex64")
	_, err = FromDense(gt.New(gt.WithShape(2), gt.WithBacking([]float64{1, 2}, []bool{true, false})))
	assert.ErrorContains(t, err, "masked")
}

func TestPeer(t *testing.T) {
	a := &tensor.Tensor{Shape: []int{2, 3}, Data: []float64{1, 2, 3, 4, 5, 6}}
	b := &tensor.Tensor{Shape: []int{3, 2}, Data: []float64{1, -1, 2, 0.5, 0, 3}}
	// by hand: [1+4+0, -1+1+9] and [4+10+0, -4+2.5+18]
	product := &tensor.Tensor{Shape: []int{2, 2}, Data: []float64{5, 9, 14, 16.5}}
	got, err := MatMul(a, b)
	require.NoError(t, err)
	assert.Equal(t, product, got)
	got, err = Contract(a, b, []int{1}, []int{0})
	require.NoError(t, err)
	assert.Equal(t, product, got)
	// over both axes of a against (j, i) of b: 1*1 + 2*2 + 3*0 + 4*-1 + 5*0.5 + 6*3 = 21.5
	got, err = Contract(a, b, []int{0, 1}, []int{1, 0})
	require.NoError(t, err)
	assert.Equal(t, []float64{21.5}, got.Data)

	for op, want := range map[string][]float64{
		"add": {2, 4, 6, 8, 10, 12}, "sub": {0, 0, 0, 0, 0, 0}, "mul": {1, 4, 9, 16, 25, 36}, "div": {1, 1, 1, 1, 1, 1},
	} {
		got, err := Elementwise(op, a, a)
		require.NoError(t, err)
		assert.Equal(t, want, got.Data, op)
	}
	_, err = Elementwise("max", a, a)
	assert.ErrorContains(t, err, `"max"`)
	_, err = MatMul(a, a)
	assert.Error(t, err)
	_, err = Contract(a, b, []int{7}, []int{0})
	assert.Error(t, err)
}

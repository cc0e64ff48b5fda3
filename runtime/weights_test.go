package rt

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func zero() *float64 { return new(float64) }

func TestMatchWeights(t *testing.T) {
	s := save(t, nil,
		SourceOf("conv.weight", tensor[float32](t, 1, 2)),
		SourceOf("conv.bias", tensor(t, 0.5)),
		SourceOf("@opt/step.loss/m/conv.weight", tensor[float32](t, 1, 2)),
		SourceOf("head", tensor[float32](t, 7)))
	w, err := MatchWeights(s, []ParamSpec{
		{Name: "conv.weight", DType: F32, Shape: []int{2}},
		{Name: "conv.bias", DType: F32, Shape: []int{1}},
		{Name: "num_batches_tracked", DType: I64, Default: zero()},
		{Name: "embed", DType: F32, Shape: []int{1}, Aliases: []string{"head"}},
	}, false)
	require.NoError(t, err)
	assert.Equal(t, []string{"conv.bias is converted from f64 to f32", "num_batches_tracked is not in the file; it is 0"}, w.Notes)
	bias, head, count := make([]float32, 1), make([]float32, 1), []int64{9}
	require.NoError(t, ReadParam(w, 1, bias))
	require.NoError(t, ReadParam(w, 2, count))
	require.NoError(t, ReadParam(w, 3, head))
	assert.Equal(t, float32(0.5), bias[0])
	assert.Equal(t, int64(0), count[0])
	assert.Equal(t, float32(7), head[0])
	stored := slices.DeleteFunc(w.Order(), func(i int) bool { return i == 2 })
	assert.Equal(t, []int{1, 0, 3}, stored, "the file's order: widest first, then by name")
	assert.Len(t, w.Order(), 4)
}

func TestMatchWeightsListsEveryFault(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.safetensors")
	require.NoError(t, SaveSafeTensors(path, nil, []Source{
		SourceOf("shape", tensor[float32](t, 1, 2)),
		SourceOf("dtype", tensor[int32](t, 1)),
		SourceOf("extra", tensor[float32](t, 1)),
		SourceOf("head", tensor[float32](t, 1)),
		SourceOf("embed", tensor[float32](t, 2)),
	}))
	s, err := OpenSafeTensors(path)
	require.NoError(t, err)
	defer s.Close()
	specs := []ParamSpec{
		{Name: "absent", DType: F32, Shape: []int{3, 4}},
		{Name: "shape", DType: F32, Shape: []int{2, 1}},
		{Name: "dtype", DType: F32, Shape: []int{1}},
		{Name: "embed", DType: F32, Shape: []int{1}, Aliases: []string{"head"}},
		{Name: "count", DType: I64, Default: zero()},
	}
	_, err = MatchWeights(s, specs, false)
	var faults *WeightsError
	require.ErrorAs(t, err, &faults)
	assert.Equal(t, []string{
		"missing absent: f32[3, 4]",
		"wrong shape: shape is f32[2] in the file, the model has shape: f32[2, 1]",
		"wrong dtype: dtype is i32[1] in the file, the model has dtype: f32[1]",
		"embed and head are one tensor in the model, but differ",
		"superfluous extra: f32[1]",
	}, faults.Faults)
	assert.Equal(t, path+": the weights do not fit the model\n\t"+strings.Join(faults.Faults, "\n\t"), err.Error())
	_, err = MatchWeights(s, specs, true)
	require.ErrorAs(t, err, &faults)
	assert.Len(t, faults.Faults, 4, "superfluous tensors are allowed")
}

func TestMatchWeightsAliases(t *testing.T) {
	same := tensor[float32](t, 1, 2, 3)
	spec := []ParamSpec{{Name: "a", DType: F32, Shape: []int{3}, Aliases: []string{"b", "c"}}}
	for _, names := range [][]string{{"a"}, {"b"}, {"c"}, {"a", "c"}, {"a", "b", "c"}} {
		var sources []Source
		for _, n := range names {
			sources = append(sources, SourceOf(n, same))
		}
		w, err := MatchWeights(save(t, nil, sources...), spec, false)
		require.NoError(t, err, names)
		got := make([]float32, 3)
		require.NoError(t, ReadParam(w, 0, got))
		assert.Equal(t, same.Data, got)
	}
	_, err := MatchWeights(save(t, nil), spec, false)
	assert.ErrorContains(t, err, "missing a: f32[3]")
}

func TestMatchWeightsHints(t *testing.T) {
	x := tensor[float32](t, 1)
	spec := func(names ...string) (specs []ParamSpec) {
		for _, n := range names {
			specs = append(specs, ParamSpec{Name: n, DType: F32, Shape: []int{1}})
		}
		return specs
	}
	file := save(t, nil, SourceOf("module.a", x), SourceOf("module.b.c", x))
	_, err := MatchWeights(file, spec("a", "b.c"), false)
	assert.ErrorContains(t, err, `the file's names have the prefix "module." before the model's`)
	file = save(t, nil, SourceOf("a", x), SourceOf("b.c", x))
	_, err = MatchWeights(file, spec("transformer.a", "transformer.b.c"), false)
	assert.ErrorContains(t, err, `the file's names lack the prefix "transformer." that the model's have`)
	_, err = MatchWeights(file, spec("x.a", "y.b.c"), false)
	assert.NotContains(t, err.Error(), "prefix")
}

func TestWeightsErrorIsBounded(t *testing.T) {
	faults := make([]string, 1000)
	text := (&WeightsError{Faults: faults}).Error()
	assert.Contains(t, text, "… and 900 more")
}

func TestReadParamDefaults(t *testing.T) {
	half := 0.5
	w, err := MatchWeights(save(t, nil), []ParamSpec{{Name: "x", DType: F32, Shape: []int{3}, Default: &half}}, false)
	require.NoError(t, err)
	f, h, b := make([]float32, 3), make([]BF16, 3), make([]bool, 3)
	require.NoError(t, ReadParam(w, 0, f))
	require.NoError(t, ReadParam(w, 0, h))
	require.NoError(t, ReadParam(w, 0, b))
	assert.Equal(t, []float32{0.5, 0.5, 0.5}, f)
	assert.Equal(t, []BF16{0x3F00, 0x3F00, 0x3F00}, h)
	assert.Equal(t, []bool{true, true, true}, b)
}

func TestInterfaceHash(t *testing.T) {
	a := ParamSpec{Name: "a", DType: F32, Shape: []int{2, 3}}
	b := ParamSpec{Name: "b", DType: F32, Shape: []int{2}}
	hash := InterfaceHash([]ParamSpec{a, b})
	assert.Regexp(t, "^[0-9a-f]{16}$", hash)
	assert.Equal(t, hash, InterfaceHash([]ParamSpec{b, a}), "order does not matter")
	c := b
	c.Shape = []int{2, 1}
	assert.NotEqual(t, hash, InterfaceHash([]ParamSpec{a, c}))
	c = b
	c.DType = F64
	assert.NotEqual(t, hash, InterfaceHash([]ParamSpec{a, c}))
	c = b
	c.Name = "bb"
	assert.NotEqual(t, hash, InterfaceHash([]ParamSpec{a, c}))
}

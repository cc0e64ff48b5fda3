package tensor

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOfRefusesWhatDoesNotFit(t *testing.T) {
	x, err := Of([]int{2, 3}, make([]float32, 6))
	require.NoError(t, err)
	assert.Equal(t, "f32[2, 3]", x.String())
	assert.Equal(t, 24, x.Bytes())
	for _, shape := range [][]int{{7}, {-1, -6}, {0}, {math.MaxInt, 2}} {
		_, err = Of(shape, make([]float32, 6))
		assert.Error(t, err, "%v", shape)
	}
}

func TestValidate(t *testing.T) {
	assert.ErrorContains(t, (&Tensor{[]int{1}, []string{"a"}}).Validate(), "cannot hold []string")
	assert.ErrorContains(t, (&Tensor{[]int{2}, []uint8{1}}).Validate(), "2 elements, the data 1")
	assert.NoError(t, (&Tensor{nil, []bool{true}}).Validate())
}

func TestConvert(t *testing.T) {
	good := []struct {
		from any
		want DType
		data any
		note bool
	}{
		{[]int64{-3, math.MaxInt32}, I32, []int32{-3, math.MaxInt32}, false},
		{[]uint8{0, 255}, I64, []int64{0, 255}, false},
		{[]int16{0, 255}, U8, []uint8{0, 255}, false},
		{[]uint64{math.MaxInt64}, I64, []int64{math.MaxInt64}, false},
		{[]int64{math.MaxInt64}, U64, []uint64{math.MaxInt64}, false},
		{[]uint64{math.MaxUint64}, U64, []uint64{math.MaxUint64}, false},
		{[]float64{0.1}, F32, []float32{0.1}, true},
	}
	for _, c := range good {
		x := &Tensor{[]int{traitsOf(c.from).count}, c.from}
		out, note, err := Convert(x, c.want)
		require.NoError(t, err, "%T to %s", c.from, c.want)
		assert.Equal(t, c.data, out.Data)
		assert.Equal(t, c.note, note != "")
	}
	bad := []struct {
		from any
		want DType
		says string
	}{
		{[]int64{0, 1 << 31}, I32, "element 1 is 2147483648, which i32 cannot hold"},
		{[]int64{-1}, U8, "element 0 is -1"},
		{[]int8{-1}, U64, "element 0 is -1"},
		{[]uint64{math.MaxUint64}, I64, "18446744073709551615"},
		{[]uint64{math.MaxUint64}, I8, "18446744073709551615"},
		{[]float32{1}, F64, "no implicit conversion"},
		{[]float32{1}, I32, "no implicit conversion"},
		{[]int32{1}, F32, "no implicit conversion"},
		{[]bool{true}, U8, "no implicit conversion"},
		{[]Half{1}, F32, "no implicit conversion"},
	}
	for _, c := range bad {
		_, _, err := Convert(&Tensor{[]int{traitsOf(c.from).count}, c.from}, c.want)
		assert.ErrorContains(t, err, c.says, "%T to %s", c.from, c.want)
	}
}

func TestData(t *testing.T) {
	x := &Tensor{[]int{1}, []float64{2}}
	d, err := Data[float64](x)
	require.NoError(t, err)
	assert.Equal(t, []float64{2}, d)
	_, err = Data[float32](x)
	assert.ErrorContains(t, err, "f64[1], not f32")
}

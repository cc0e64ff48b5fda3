package rt

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// model is a table of cells as generated code has it.
type model struct {
	weight []float32
	count  []int64
	mask   []bool
}

func (m *model) cells() []Cell {
	one := 1.0
	return []Cell{
		{ParamSpec{Name: "weight", DType: F32, Shape: []int{2, 2}}, SliceOf(&m.weight)},
		{ParamSpec{Name: "count", DType: I64, Default: &one}, SliceOf(&m.count)},
		{ParamSpec{Name: "mask", DType: BOOL, Shape: []int{3}}, SliceOf(&m.mask)},
	}
}

func TestCellsRoundTrip(t *testing.T) {
	var a, b, c model
	for _, m := range []*model{&a, &b, &c} {
		require.NoError(t, MakeCells(m.cells()))
	}
	copy(a.weight, []float32{1, 2, 3, 4})
	a.count[0], a.mask[1] = 1<<53+1, true
	path := filepath.Join(t.TempDir(), "w.safetensors")
	require.NoError(t, SaveSafeTensors(path, nil, Sources(a.cells())))
	s, err := OpenSafeTensors(path)
	require.NoError(t, err)
	defer s.Close()
	w, err := MatchWeights(s, Specs(b.cells()), false)
	require.NoError(t, err)
	require.NoError(t, ReadCells(b.cells(), w))
	assert.Equal(t, a, b)
	CopyCells(c.cells(), a.cells())
	assert.Equal(t, a, c)
	c.weight[0] = 9
	assert.Equal(t, float32(1), a.weight[0], "a copy of its own")
	FillCell(c.cells()[0], 0.5)
	assert.Equal(t, []float32{0.5, 0.5, 0.5, 0.5}, c.weight)
}

func TestCellsTakeDefaults(t *testing.T) {
	var m model
	require.NoError(t, MakeCells(m.cells()))
	w, err := MatchWeights(save(t, nil, SourceOf("weight", shaped(2, 2)), SourceOf("mask", tensor(t, true, true, true))), Specs(m.cells()), false)
	require.NoError(t, err)
	require.NoError(t, ReadCells(m.cells(), w))
	assert.Equal(t, []int64{1}, m.count)
}

func TestMakeCellsRefuses(t *testing.T) {
	var x []float32
	for _, shape := range [][]int{{-1}, {math.MaxInt}, {math.MaxInt, 2}} {
		err := MakeCells([]Cell{{ParamSpec{Name: "w", DType: F32, Shape: shape}, SliceOf(&x)}})
		assert.EqualError(t, err, "w is too large")
	}
}

func TestRoom(t *testing.T) {
	s := make([]float32, 3, 8)
	assert.Len(t, Room(s, 8), 8)
	assert.Equal(t, &s[0], &Room(s, 8)[0])
	assert.Len(t, Room(s, 9), 9)
	assert.Equal(t, []uint8{1, 0}, Bytes([]bool{true, false}))
	assert.Empty(t, Bytes(nil))
	assert.Equal(t, 0.5, *Optional(0.5))
}

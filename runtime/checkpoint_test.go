package rt

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCheckpointRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.safetensors")
	specs := []ParamSpec{{Name: "w", DType: F32, Shape: []int{2}}}
	hash := InterfaceHash(specs)
	at := Place{Step: 1<<63 + 5, Epoch: 3, Seed: 1<<64 - 1}
	slot := SlotName("step.loss", "m", "w")
	assert.Equal(t, "@opt/step.loss/m/w", slot)
	require.NoError(t, SaveCheckpoint(path, at, hash, []Source{
		SourceOf("w", tensor[float32](t, 1, 2)),
		SourceOf(slot, tensor[float32](t, 3, 4)),
		SourceOf(StateName("scale"), tensor[float32](t, 5)),
	}))
	s, err := OpenSafeTensors(path)
	require.NoError(t, err)
	defer s.Close()
	got, found, err := PlaceOf(s, hash)
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, at, got)
	m, err := LoadTensor[float32](s, slot)
	require.NoError(t, err)
	assert.Equal(t, []float32{3, 4}, m.Data)
	_, err = MatchWeights(s, specs, false)
	assert.NoError(t, err, "a model loads a checkpoint as it is")

	_, _, err = PlaceOf(s, "0123456789abcdef")
	assert.ErrorContains(t, err, "checkpoint of another model")
}

func TestPlaceOfPlainWeights(t *testing.T) {
	at, found, err := PlaceOf(save(t, map[string]string{"format": "pt"}), "0123456789abcdef")
	require.NoError(t, err)
	assert.False(t, found)
	assert.Zero(t, at)
	for _, bad := range []string{"", "-1", "1.5", "18446744073709551616", "x"} {
		_, _, err = PlaceOf(save(t, map[string]string{"step": bad}), "")
		assert.ErrorContains(t, err, `metadata "step" is not a count`, bad)
	}
}

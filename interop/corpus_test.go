package interop

import (
	"path/filepath"
	"testing"

	"mmc/internal/golden"
	"mmc/interop/idx"
	"mmc/interop/wav"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Files that others wrote, where they are at hand; what is expected of them is what their publishers say.
func shared(t *testing.T, elem ...string) string {
	path, err := golden.SharedFile(elem...)
	golden.SkipIfAbsent(t, err)
	return path
}

func TestPhotographs(t *testing.T) {
	dir := shared(t, "data", "photos")
	for name, size := range map[string][]int{ // height, width
		"astronaut.png": {512, 512}, "coffee.png": {400, 600}, "chelsea.png": {300, 451}, "camera.png": {512, 512},
		"coins.png": {303, 384}, "hubble_deep_field.jpg": {872, 1000}, "rocket.jpg": {427, 640}, "retina.jpg": {1411, 1411},
	} {
		x, _, err := ReadTensor(filepath.Join(dir, name), Want{})
		require.NoError(t, err)
		assert.Equal(t, append([]int{1, 3}, size...), x.Shape, name)
		for _, v := range x.Data.([]float32) {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("%s: pixel of %g", name, v)
			}
		}
	}
}

func TestSpeech(t *testing.T) {
	dir := shared(t, "data", "speech-utterances")
	for name, want := range map[string]struct {
		rate    int
		seconds float64
	}{"jfk.wav": {16000, 11}, "LJ050-0131.wav": {22050, 7.66}} {
		s, err := wav.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.Equal(t, want.rate, s.Rate)
		assert.Equal(t, []int{1, 1}, s.Samples.Shape[:2])
		assert.InDelta(t, want.seconds, float64(s.Samples.Shape[2])/float64(s.Rate), 0.005, name)
	}
}

// NumPy says that these elements add up so.
func TestNumPyArchive(t *testing.T) {
	path := shared(t, "corpora", "models", "tract-cases", "byte_sb_bidi_lstm", "io.npz")
	bytes, _, err := ReadTensor(path, Want{Name: "input", DType: "i32"})
	require.NoError(t, err)
	assert.Equal(t, []int{2, 58}, bytes.Shape)
	sum := int32(0)
	for _, v := range bytes.Data.([]int32) {
		sum += v
	}
	assert.EqualValues(t, 7842, sum)
	out, _, err := ReadTensor(path, Want{Name: "Add_26"})
	require.NoError(t, err)
	assert.Equal(t, []int{2, 58, 2}, out.Shape)
	total := 0.0
	for _, v := range out.Data.([]float32) {
		total += float64(v)
	}
	assert.InDelta(t, -1161.103356152773, total, 1e-9)
}

// The training set's first digits are well known.
func TestMNIST(t *testing.T) {
	images, err := idx.ReadFile(shared(t, "data", "mnist", "train-images-idx3-ubyte.gz"))
	require.NoError(t, err)
	assert.Equal(t, []int{60000, 28, 28}, images.Shape)
	labels, err := idx.ReadFile(shared(t, "data", "mnist", "train-labels-idx1-ubyte.gz"))
	require.NoError(t, err)
	assert.Equal(t, []uint8{5, 0, 4, 1, 9, 2, 1, 3, 1, 4}, labels.Data.([]uint8)[:10])
}

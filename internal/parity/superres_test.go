package parity

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/image/draw"

	"mmc/internal/golden"
	"mmc/interop"
	"mmc/interop/tensor"
)

func superresFile(t *testing.T, name string) *tensor.Tensor {
	t.Helper()
	root, err := golden.ModuleRoot()
	require.NoError(t, err)
	x, _, err := interop.ReadTensor(filepath.Join(root, "examples", "superres", name), interop.Want{})
	require.NoError(t, err)
	return x
}

func superres(t *testing.T, r Runner, graph, name string, in *tensor.Tensor) *tensor.Tensor {
	t.Helper()
	root, err := golden.ModuleRoot()
	require.NoError(t, err)
	list, err := interop.ReadTensors(filepath.Join(root, "examples", "superres", "superres.safetensors"))
	require.NoError(t, err)
	weights := Tensors{}
	for _, w := range list {
		weights[w.Name] = w.Tensor
	}
	got, err := r.Run(Program{
		File: "examples/superres/superres.mm", Weights: weights, Calls: []Call{{graph, Tensors{name: in}}},
	})
	require.NoError(t, err)
	require.NoError(t, sameNames(got.Cells, weights))
	require.Len(t, got.Results[0], 1)
	for _, out := range got.Results[0] {
		return out
	}
	return nil
}

// The published model's output, of which every fifth row and column is at hand, from a corner of its published input: a pixel
// depends on no input further away than reach.
func TestSuperResolution(t *testing.T) {
	const side, reach = 40, 5
	published := superresFile(t, "testdata/input.npy")
	corner := make([]float32, 0, side*side)
	for y := range side {
		corner = append(corner, published.Data.([]float32)[y*published.Shape[3]:][:side]...)
	}
	out := superres(t, Reference{}, "luma", "y", &tensor.Tensor{Shape: []int{1, 1, side, side}, Data: corner})
	require.Equal(t, []int{1, 1, 3 * side, 3 * side}, out.Shape)
	assert.Less(t, publishedError(t, out, 3*(side-reach)), 1e-6, "the published output was computed in float32")
}

// The generated package enlarges the whole published input.
func TestSuperResolutionCompiled(t *testing.T) {
	out := superres(t, Compiled{Dir: t.TempDir()}, "luma", "y", superresFile(t, "testdata/input.npy"))
	require.Equal(t, []int{1, 1, 672, 672}, out.Shape)
	assert.Less(t, publishedError(t, out, 672), 8*1.5e-7, "the published output is 1.5e-7 from float64")
}

// publishedError is the relative rms difference to the published output, over its first rows and columns.
func publishedError(t *testing.T, out *tensor.Tensor, limit int) float64 {
	t.Helper()
	const step = 5
	want := superresFile(t, "testdata/output_every_5th.npy")
	got, err := out.Float64s()
	require.NoError(t, err)
	values, err := want.Float64s()
	require.NoError(t, err)
	sum, scale := 0.0, 0.0
	for y := 0; step*y < limit; y++ {
		for x := 0; step*x < limit; x++ {
			w := values[y*want.Shape[len(want.Shape)-1]+x]
			sum += math.Pow(got[step*y*out.Shape[3]+step*x]-w, 2)
			scale += w * w
		}
	}
	require.Positive(t, scale)
	return math.Sqrt(sum / scale)
}

// Colours are enlarged as by Catmull-Rom interpolation, of which x/image has its own. A picture without luminance detail shows
// them alone: the network is given the constant that the test does not look at.
func TestSuperResolutionColours(t *testing.T) {
	const h, w = 9, 14
	random := rand.New(rand.NewPCG(5, 6))
	in := &tensor.Tensor{Shape: []int{1, 3, h, w}}
	values := make([]float32, 3*h*w)
	cb := image.NewGray16(image.Rect(0, 0, w, h))
	for i := range h * w {
		// a colour with luminance 1/2 and a blue difference of d: red and blue balance green
		c := color.Gray16{Y: uint16(16384 + random.IntN(32768))}
		cb.SetGray16(i%w, i/w, c)
		d := (float64(c.Y)/65535 - 0.5) * 0.5
		values[i], values[h*w+i], values[2*h*w+i] = 0.5, float32(0.5-d*0.114*1.772/0.587), float32(0.5+d*1.772)
	}
	in.Data = values
	out := superres(t, Reference{}, "upscale", "image", in)
	require.Equal(t, []int{1, 3, 3 * h, 3 * w}, out.Shape)
	got := out.Data.([]float64)

	want := image.NewGray16(image.Rect(0, 0, 3*w, 3*h))
	draw.CatmullRom.Scale(want, want.Bounds(), cb, cb.Bounds(), draw.Src, nil)
	const plane = 9 * h * w
	for i := range plane {
		r, b := got[i], got[2*plane+i]
		// blue minus red is 1.772 (cb - 1/2) - 1.402 (cr - 1/2), where cr is constant: 1/2
		expected := (float64(want.Gray16At(i%(3*w), i/(3*w)).Y)/65535 - 0.5) * 0.5
		require.InDelta(t, expected, (b-r)/1.772, 1e-4, "pixel %d", i)
	}
}

// Results are pictures: nothing is outside of 0..1, and the photograph gets larger.
func TestSuperResolutionOfPhotograph(t *testing.T) {
	if !big {
		t.Skip("takes the evaluator long: go test -tags big")
	}
	photo := superresFile(t, "photo.png")
	out := superres(t, Reference{}, "upscale", "image", photo)
	require.Equal(t, []int{1, 3, 3 * photo.Shape[2], 3 * photo.Shape[3]}, out.Shape)
	for _, v := range out.Data.([]float64) {
		require.True(t, v >= 0 && v <= 1)
	}
}

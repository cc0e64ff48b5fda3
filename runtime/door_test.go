package rt

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
)

// segment checks its arguments as generated code does: graph segment(image: [N, 3, H, W], mask: [N, H / 2]) where H % 16 == 0.
func segment(image, mask Tensor[float32]) (n, h, w int, err error) {
	d := Door{Graph: "segment"}
	a, b := ArgOf("image", "[N, 3, H, W]", image), ArgOf("mask", "[N, H / 2]", mask)
	d.Rank(a, 4)
	n, h, w = d.Dim(a, 0), d.Dim(a, 2), d.Dim(a, 3)
	d.Axis(a, 1, "3", 3, "")
	d.Fact(h%16 == 0, "H % 16 == 0", "H", h)
	d.Rank(b, 2)
	d.Axis(b, 0, "N", n, "image")
	d.Axis(b, 1, "H / 2", h/2, "image")
	d.Range("w", w, 1, 100)
	return n, h, w, d.Err()
}

func shaped(shape ...int) Tensor[float32] {
	n, _ := Count(shape)
	if n > 1<<20 {
		n = 0
	}
	return Tensor[float32]{Data: make([]float32, n), Shape: shape}
}

func TestDoor(t *testing.T) {
	n, h, w, err := segment(shaped(2, 3, 32, 7), shaped(2, 16))
	assert.NoError(t, err)
	assert.Equal(t, []int{2, 32, 7}, []int{n, h, w})
	mask := shaped(2, 16)
	for _, c := range []struct {
		image, mask Tensor[float32]
		want        string
	}{
		{shaped(3, 32, 7), mask, "segment: image is [3, 32, 7], want [N, 3, H, W]"},
		{shaped(), mask, "segment: image is [], want [N, 3, H, W]"},
		{shaped(2, 4, 32, 7), mask, "segment: image is [2, 4, 32, 7], want [N, 3, H, W]: axis 1 is 4, not 3"},
		{shaped(2, 3, 40, 7), mask, "segment: H = 40 does not satisfy `where H % 16 == 0`"},
		{shaped(2, 3, 32, 7), shaped(1, 16), "segment: mask is [1, 16], want [N, H / 2]: axis 0 is 1, but N = 2 by image"},
		{shaped(2, 3, 32, 7), shaped(2, 15), "segment: mask is [2, 15], want [N, H / 2]: axis 1 is 15, but H / 2 = 16 by image"},
		{shaped(0, 3, 32, 7), mask, "segment: image is [0, 3, 32, 7], want [N, 3, H, W]: axis 0 must be at least 1"},
		{shaped(2, 3, -32, 7), mask, "segment: image is [2, 3, -32, 7], want [N, 3, H, W]: axis 2 must be at least 1"},
		{Tensor[float32]{Shape: []int{2, 3, 32, 7}}, mask, "segment: image is [2, 3, 32, 7], 1344 elements, but its data has 0"},
		{shaped(2, 3, math.MaxInt/2, 7), mask, "segment: image is [2, 3, " + strconv.Itoa(math.MaxInt/2) + ", 7]: too many elements"},
		{shaped(2, 3, 32, 101), mask, "segment: w = 101 is outside 1 .. 100"},
	} {
		_, _, _, err := segment(c.image, c.mask)
		assert.EqualError(t, err, c.want)
		var bad *ShapeError
		assert.ErrorAs(t, err, &bad)
	}
}

func TestDoorAllocatesNothing(t *testing.T) {
	image, mask := shaped(2, 3, 32, 7), shaped(2, 16)
	assert.Zero(t, testing.AllocsPerRun(100, func() { _, _, _, _ = segment(image, mask) }))
}

package image

import (
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math"

	"mmc/interop/tensor"
)

const (
	gap         = 2  // black pixels between the pictures of a grid
	jpegQuality = 95 // above, files grow fast and the eye sees nothing
)

// WritePNG writes an f32 tensor of values 0..1 (what is beyond is cut off) as an 8-bit PNG. The shape is [H, W], [C, H, W] or
// [N, C, H, W] with one or three channels; several pictures are laid out as a nearly square grid.
func WritePNG(w io.Writer, t *tensor.Tensor) error {
	img, err := toImage(t)
	if err != nil {
		return err
	}
	return png.Encode(w, img)
}

// WriteJPEG is WritePNG for JPEG.
func WriteJPEG(w io.Writer, t *tensor.Tensor) error {
	img, err := toImage(t)
	if err != nil {
		return err
	}
	return jpeg.Encode(w, img, &jpeg.Options{Quality: jpegQuality})
}

// batch is a tensor seen as pictures.
type batch struct {
	data       []float32
	n, c, h, w int
}

func batchOf(t *tensor.Tensor) (batch, error) {
	if err := t.Validate(); err != nil {
		return batch{}, err
	}
	data, err := tensor.Data[float32](t)
	if err != nil {
		return batch{}, fmt.Errorf("a picture is written from f32: %w", err)
	}
	if len(t.Shape) < 2 || len(t.Shape) > 4 {
		return batch{}, fmt.Errorf("%s is no picture: want [H, W], [C, H, W] or [N, C, H, W]", t)
	}
	s := append([]int{1, 1}, t.Shape...)
	s = s[len(s)-4:]
	b := batch{data, s[0], s[1], s[2], s[3]}
	if b.c != 1 && b.c != 3 {
		return batch{}, fmt.Errorf("%s has %d channels: a picture has 1 or 3", t, b.c)
	}
	if len(data) == 0 {
		return batch{}, fmt.Errorf("%s has no pixels", t)
	}
	return b, nil
}

func toImage(t *tensor.Tensor) (image.Image, error) {
	b, err := batchOf(t)
	if err != nil {
		return nil, err
	}
	columns := int(math.Ceil(math.Sqrt(float64(b.n))))
	rows := (b.n + columns - 1) / columns
	w, h := columns*(b.w+gap)-gap, rows*(b.h+gap)-gap
	if w > maxPixels/h {
		return nil, fmt.Errorf("%s would be a picture of %d x %d: at most %d pixels are written", t, w, h, maxPixels)
	}
	area := image.Rect(0, 0, w, h)
	if b.c == 1 {
		img := image.NewGray(area)
		b.each(columns, func(x, y int, p color.RGBA) { img.SetGray(x, y, color.Gray{Y: p.R}) })
		return img, nil
	}
	img := image.NewRGBA(area)
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 255 // opaque gaps, so that the file needs no alpha
	}
	b.each(columns, img.SetRGBA)
	return img, nil
}

// each calls set for every pixel with its place in the grid.
func (b batch) each(columns int, set func(x, y int, p color.RGBA)) {
	plane := b.h * b.w
	for i := range b.n {
		x0, y0 := i%columns*(b.w+gap), i/columns*(b.h+gap)
		picture := b.data[i*b.c*plane:][:b.c*plane]
		green, blue := plane*(b.c/3), 2*plane*(b.c/3) // a grey picture has one plane for all
		for at := range plane {
			p := color.RGBA{R: level(picture[at]), G: level(picture[green+at]), B: level(picture[blue+at]), A: 255}
			set(x0+at%b.w, y0+at/b.w, p)
		}
	}
}

// level rounds a value of 0..1 to 0..255, half up. A NaN is black.
func level(v float32) uint8 {
	if !(v > 0) {
		return 0
	}
	return uint8(min(255, float64(v)*255+0.5))
}

// Package image turns PNG and JPEG pictures into f32 tensors [1, channels, height, width] of values 0..1 and back. Colours are RGB as
// stored (no gamma, no colour profile), 16-bit samples keep their precision, alpha is dropped and not multiplied in, and a JPEG that
// says how the camera was held is turned upright. A picture's dimensions are weighed against its file's size before any pixel is
// set aside.
package image

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // registers its decoder
	_ "image/png"  // likewise
	"io"
	"os"

	"mmc/interop/tensor"
)

// maxPixels is about 16,000 x 8,000, or 1.6 GB as an RGB tensor.
const maxPixels = 1 << 27

// ReadFile reads a picture. channels is 3 for RGB, 1 for grey (a colour picture gives its luma, ITU-R BT.601), 0 for what the file has.
func ReadFile(path string, channels int) (*tensor.Tensor, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	t, err := Read(f, info.Size(), channels)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// Read reads a picture from the size bytes of r; see ReadFile.
func Read(r io.Reader, size int64, channels int) (*tensor.Tensor, error) {
	if channels != 0 && channels != 1 && channels != 3 {
		return nil, fmt.Errorf("a picture has 1 or 3 channels (alpha is dropped), not %d", channels)
	}
	head := bytes.Buffer{}
	b := bufio.NewReader(r)
	config, format, err := image.DecodeConfig(io.TeeReader(b, &head))
	if err != nil {
		return nil, fmt.Errorf("not a PNG or JPEG picture: %w", err)
	}
	if err := weigh(config, size); err != nil {
		return nil, err
	}
	turned := upright
	if format == "jpeg" {
		turned = orientationOf(head.Bytes())
	}
	img, _, err := image.Decode(io.MultiReader(&head, b))
	if err != nil {
		return nil, fmt.Errorf("%s picture of %d x %d: %w", format, config.Width, config.Height, err)
	}
	if channels == 0 {
		channels = channelsOf(img)
	}
	return toTensor(img, channels, turned), nil
}

// weigh refuses dimensions that the file cannot fill.
func weigh(c image.Config, size int64) error {
	w, h := int64(c.Width), int64(c.Height)
	switch {
	case w <= 0 || h <= 0:
		return fmt.Errorf("picture of %d x %d has no pixels", w, h)
	case w > maxPixels/h:
		return fmt.Errorf("picture of %d x %d: at most %d pixels are read", w, h, maxPixels)
	case w*h/pixelsPerByte(c.ColorModel) > size:
		return fmt.Errorf("picture of %d x %d cannot be in a file of %d bytes", w, h, size)
	}
	return nil
}

// pixelsPerByte is the most that a file can hold. DEFLATE shrinks a PNG's samples at most 1032 times; a JPEG spends a bit or more on
// each block of 64 pixels.
func pixelsPerByte(m color.Model) int64 {
	const deflate = 1032
	switch m {
	case color.YCbCrModel, color.CMYKModel:
		return 8 * 64
	case color.RGBAModel, color.NRGBAModel:
		return deflate / 2 // grey with alpha is the smallest that becomes one of these
	case color.RGBA64Model, color.NRGBA64Model, color.Gray16Model:
		return deflate / 2
	}
	return deflate * 8 // grey and palettes may have one bit for a pixel
}

func channelsOf(img image.Image) int {
	if m := img.ColorModel(); m == color.GrayModel || m == color.Gray16Model {
		return 1
	}
	return 3
}

// rgb is a pixel with 16 bits for each channel; 8-bit samples v are 257 v, which is the same fraction of the whole.
type rgb [3]uint16

// sampler returns a function that reads pixels without multiplying alpha in, as the interface of package image would.
func sampler(img image.Image) func(x, y int) rgb {
	switch m := img.(type) {
	case *image.NRGBA:
		return func(x, y int) rgb {
			c := m.NRGBAAt(x, y)
			return rgb{uint16(c.R) * 257, uint16(c.G) * 257, uint16(c.B) * 257}
		}
	case *image.NRGBA64:
		return func(x, y int) rgb {
			c := m.NRGBA64At(x, y)
			return rgb{c.R, c.G, c.B}
		}
	case *image.YCbCr:
		return func(x, y int) rgb {
			c := m.YCbCrAt(x, y)
			r, g, b := color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
			return rgb{uint16(r) * 257, uint16(g) * 257, uint16(b) * 257}
		}
	case *image.Paletted:
		colours := plain(m.Palette)
		return func(x, y int) rgb { return colours[m.ColorIndexAt(x, y)] }
	}
	return func(x, y int) rgb {
		r, g, b, _ := img.At(x, y).RGBA() // the formats that are left have no alpha
		return rgb{uint16(r), uint16(g), uint16(b)}
	}
}

// plain returns a palette's colours without their alpha. A pixel may name a colour that the palette lacks: it is black then.
func plain(palette color.Palette) (colours [256]rgb) {
	for i, c := range palette {
		if n, ok := c.(color.NRGBA); ok {
			colours[i] = rgb{uint16(n.R) * 257, uint16(n.G) * 257, uint16(n.B) * 257}
			continue
		}
		r, g, b, _ := c.RGBA()
		colours[i] = rgb{uint16(r), uint16(g), uint16(b)}
	}
	return colours
}

func toTensor(img image.Image, channels int, turned orientation) *tensor.Tensor {
	size := img.Bounds().Size()
	h, w := turned.size(size.Y, size.X)
	data := make([]float32, channels*h*w)
	at := sampler(img)
	origin := img.Bounds().Min
	for y := range size.Y {
		for x := range size.X {
			p := at(origin.X+x, origin.Y+y)
			ty, tx := turned.place(y, x, size.Y, size.X)
			store(data, ty*w+tx, h*w, channels, p)
		}
	}
	return &tensor.Tensor{Shape: []int{1, channels, h, w}, Data: data}
}

// store puts a pixel at its place in each plane.
func store(data []float32, at, plane, channels int, p rgb) {
	if channels == 1 {
		data[at] = luma(p)
		return
	}
	for c, v := range p {
		data[c*plane+at] = float32(v) / 65535
	}
}

// luma is ITU-R BT.601's, and exact for grey pixels.
func luma(p rgb) float32 {
	if p[0] == p[1] && p[1] == p[2] {
		return float32(p[0]) / 65535
	}
	return float32((0.299*float64(p[0]) + 0.587*float64(p[1]) + 0.114*float64(p[2])) / 65535)
}

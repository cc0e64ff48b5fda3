package golden

import (
	"cmp"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"slices"
	"sync"

	"mmc/interop/idx"
	"mmc/interop/tensor"
)

// dataset is a piece of a file of the shared folder: bytes, then padding, thresholding and normalization, in this order.
type dataset struct {
	Kind     string // idx, text or png
	File     string
	Files    []string
	From, To int   // items of an idx file
	Starts   []int // places in a text
	Length   int
	Channels int
	Crop     []int // y, x, h, w
	Pad      int
	Above    *uint8
	Divide   float64
	Mean     channelwise
	Std      channelwise
}

// planes are bytes of a shape whose last two axes are a picture's (or a text's row).
type planes struct {
	shape []int
	bytes []uint8
}

func (d *dataset) read(shape []int, dtype tensor.DType) (*tensor.Tensor, error) {
	open := map[string]func() (planes, error){"idx": d.readIDX, "text": d.readText, "png": d.readPNG}[d.Kind]
	if open == nil {
		return nil, fmt.Errorf("data set of unknown kind %q", d.Kind)
	}
	p, err := open()
	if err != nil {
		return nil, err
	}
	if d.Pad > 0 {
		p = p.pad(d.Pad)
	}
	if dtype == tensor.I64 {
		return tensor.Of(shape, mapped(p.bytes, func(b uint8) int64 { return int64(b) }))
	}
	return tensor.Of(shape, d.normalize(p))
}

func (d *dataset) readIDX() (planes, error) {
	t, err := openIDX(d.File)
	if err != nil {
		return planes{}, err
	}
	bytes, err := tensor.Data[uint8](t)
	if err != nil {
		return planes{}, err
	}
	if d.From < 0 || d.To < d.From || d.To > t.Shape[0] {
		return planes{}, fmt.Errorf("%s has %d items, not %d to %d", d.File, t.Shape[0], d.From, d.To)
	}
	item := len(bytes) / max(1, t.Shape[0])
	shape := slices.Clone(t.Shape)
	shape[0] = d.To - d.From
	return planes{shape, bytes[d.From*item : d.To*item]}, nil
}

// unpacked keeps idx files: a training case takes its batches from one file, one by one.
var unpacked sync.Map

func openIDX(name string) (*tensor.Tensor, error) {
	path, err := SharedFile(name)
	if err != nil {
		return nil, err
	}
	if t, ok := unpacked.Load(path); ok {
		return t.(*tensor.Tensor), nil
	}
	t, err := idx.ReadFile(path)
	if err == nil {
		unpacked.Store(path, t)
	}
	return t, err
}

// readText replaces each byte by its rank among the distinct bytes of the whole file.
func (d *dataset) readText() (planes, error) {
	path, err := SharedFile(d.File)
	if err != nil {
		return planes{}, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return planes{}, err
	}
	distinct := slices.Clone(text)
	slices.Sort(distinct)
	distinct = slices.Compact(distinct)
	p := planes{shape: []int{len(d.Starts), d.Length}}
	for _, start := range d.Starts {
		if start < 0 || start+d.Length > len(text) {
			return planes{}, fmt.Errorf("%s has %d bytes, not %d at %d", d.File, len(text), d.Length, start)
		}
		for _, b := range text[start : start+d.Length] {
			rank, _ := slices.BinarySearch(distinct, b)
			p.bytes = append(p.bytes, uint8(rank))
		}
	}
	return p, nil
}

func (d *dataset) readPNG() (planes, error) {
	y, x, h, w := d.Crop[0], d.Crop[1], d.Crop[2], d.Crop[3]
	p := planes{shape: []int{len(d.Files), d.Channels, h, w}}
	for _, name := range d.Files {
		img, err := openPNG(name)
		if err != nil {
			return planes{}, err
		}
		if area := image.Rect(x, y, x+w, y+h); !area.In(img.Bounds()) {
			return planes{}, fmt.Errorf("%s is %v, the crop %v", name, img.Bounds(), area)
		}
		for c := range d.Channels {
			p.bytes = append(p.bytes, plane(img, c, y, x, h, w)...)
		}
	}
	return p, nil
}

func openPNG(name string) (image.Image, error) {
	path, err := SharedFile(name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return png.Decode(f)
}

func plane(img image.Image, channel, y, x, h, w int) []uint8 {
	out := make([]uint8, 0, h*w)
	for row := y; row < y+h; row++ {
		for col := x; col < x+w; col++ {
			c := color.NRGBAModel.Convert(img.At(col, row)).(color.NRGBA)
			out = append(out, [3]uint8{c.R, c.G, c.B}[channel])
		}
	}
	return out
}

// pad adds k zero bytes on all four sides of the last two axes.
func (p planes) pad(k int) planes {
	rank := len(p.shape)
	h, w := p.shape[rank-2], p.shape[rank-1]
	out := planes{shape: slices.Clone(p.shape)}
	out.shape[rank-2], out.shape[rank-1] = h+2*k, w+2*k
	for picture := range slices.Chunk(p.bytes, h*w) {
		out.bytes = append(out.bytes, make([]uint8, k*(w+2*k))...)
		for row := range slices.Chunk(picture, w) {
			out.bytes = append(out.bytes, make([]uint8, k)...)
			out.bytes = append(out.bytes, row...)
			out.bytes = append(out.bytes, make([]uint8, k)...)
		}
		out.bytes = append(out.bytes, make([]uint8, k*(w+2*k))...)
	}
	return out
}

// normalize computes (byte / divide - mean) / std in float64 and rounds once.
func (d *dataset) normalize(p planes) []float32 {
	divide := cmp.Or(d.Divide, 1)
	channel := p.channelOf()
	out := make([]float32, len(p.bytes))
	for i, b := range p.bytes {
		v := float64(b)
		if d.Above != nil {
			v = 0
			if b > *d.Above {
				v = 1
			}
		}
		c := channel(i)
		out[i] = float32((v/divide - d.Mean.at(c, 0)) / d.Std.at(c, 1))
	}
	return out
}

// channelOf returns the channel of a flat index; all is channel 0 where there is no channel axis.
func (p planes) channelOf() func(i int) int {
	rank := len(p.shape)
	if rank < 4 {
		return func(int) int { return 0 }
	}
	area, channels := p.shape[rank-1]*p.shape[rank-2], p.shape[rank-3]
	return func(i int) int { return i / area % channels }
}

// channelwise is a number, or a list of one for each channel.
type channelwise []float64

// UnmarshalJSON accepts both forms.
func (c *channelwise) UnmarshalJSON(text []byte) error {
	var list []float64
	if json.Unmarshal(text, &list) == nil {
		*c = list
		return nil
	}
	var one float64
	err := json.Unmarshal(text, &one)
	*c = channelwise{one}
	return err
}

// at returns the value of a channel, or other if none was given.
func (c channelwise) at(channel int, other float64) float64 {
	switch len(c) {
	case 0:
		return other
	case 1:
		return c[0]
	}
	return c[channel]
}

package image

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"mmc/interop/tensor"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func pngOf(t testing.TB, img image.Image) []byte {
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, img))
	return b.Bytes()
}

func decode(b []byte, channels int) (*tensor.Tensor, error) {
	return Read(bytes.NewReader(b), int64(len(b)), channels)
}

func values(t *testing.T, b []byte, channels int) []float32 {
	x, err := decode(b, channels)
	require.NoError(t, err)
	require.NoError(t, x.Validate())
	return x.Data.([]float32)
}

func TestChannelsAreSeparatePlanes(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 2, 1))
	img.SetRGBA(0, 0, color.RGBA{255, 0, 51, 255})
	img.SetRGBA(1, 0, color.RGBA{0, 102, 204, 255})
	x, err := decode(pngOf(t, img), 3)
	require.NoError(t, err)
	assert.Equal(t, []int{1, 3, 1, 2}, x.Shape)
	assert.Equal(t, []float32{1, 0, 0, 0.4, 0.2, 0.8}, x.Data)
}

func TestAlphaIsDroppedNotMultipliedIn(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 3, 1))
	img.SetNRGBA(0, 0, color.NRGBA{255, 102, 51, 0})
	img.SetNRGBA(1, 0, color.NRGBA{255, 102, 51, 1})
	img.SetNRGBA(2, 0, color.NRGBA{255, 102, 51, 255})
	assert.Equal(t, []float32{1, 1, 1, 0.4, 0.4, 0.4, 0.2, 0.2, 0.2}, values(t, pngOf(t, img), 0))

	deep := image.NewNRGBA64(image.Rect(0, 0, 1, 1))
	deep.SetNRGBA64(0, 0, color.NRGBA64{65535, 1, 32768, 7})
	assert.Equal(t, []float32{1, 1. / 65535, 32768. / 65535}, values(t, pngOf(t, deep), 0))

	palette := image.NewPaletted(image.Rect(0, 0, 1, 1), color.Palette{color.NRGBA{255, 102, 51, 3}})
	assert.Equal(t, []float32{1, 0.4, 0.2}, values(t, pngOf(t, palette), 0))
}

func TestSixteenBitsAreKept(t *testing.T) {
	img := image.NewGray16(image.Rect(0, 0, 2, 1))
	img.SetGray16(0, 0, color.Gray16{Y: 257})
	img.SetGray16(1, 0, color.Gray16{Y: 258})
	assert.Equal(t, []float32{257. / 65535, 258. / 65535}, values(t, pngOf(t, img), 0))
}

func TestGreyAndColour(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 1, 1))
	grey.SetGray(0, 0, color.Gray{Y: 51})
	assert.Equal(t, []float32{0.2}, values(t, pngOf(t, grey), 0))
	assert.Equal(t, []float32{0.2}, values(t, pngOf(t, grey), 1))
	assert.Equal(t, []float32{0.2, 0.2, 0.2}, values(t, pngOf(t, grey), 3))

	colour := image.NewRGBA(image.Rect(0, 0, 2, 1))
	colour.SetRGBA(0, 0, color.RGBA{255, 0, 0, 255})
	colour.SetRGBA(1, 0, color.RGBA{51, 51, 51, 255})
	luma := values(t, pngOf(t, colour), 1)
	assert.Equal(t, float32(0.299), luma[0])
	assert.Equal(t, float32(0.2), luma[1])

	_, err := decode(pngOf(t, grey), 4)
	assert.ErrorContains(t, err, "1 or 3 channels")
}

// patches makes a JPEG of six grey patches, which survive the compression, with the orientation in its EXIF segment.
func patches(t *testing.T, order binary.ByteOrder, orientation uint16) []byte {
	img := image.NewGray(image.Rect(0, 0, 24, 16))
	for y := range 16 {
		for x := range 24 {
			img.SetGray(x, y, color.Gray{Y: uint8(40 * (y/8*3 + x/8))})
		}
	}
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, img, &jpeg.Options{Quality: 100}))
	tiff := []byte("II*\x00")
	if order == binary.BigEndian {
		tiff = []byte("MM\x00*")
	}
	o := order.(binary.AppendByteOrder)
	tiff = o.AppendUint32(tiff, 8)
	tiff = o.AppendUint16(tiff, 2) // two entries: the wanted one is the second
	for _, e := range [][2]uint16{{256, 24}, {274, orientation}} {
		tiff = o.AppendUint32(o.AppendUint16(o.AppendUint16(tiff, e[0]), 3), 1)
		tiff = o.AppendUint16(o.AppendUint16(tiff, e[1]), 0)
	}
	segment := append([]byte("Exif\x00\x00"), tiff...)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(segment)+2))
	return append(append(head, segment...), b.Bytes()[2:]...)
}

// EXIF 2.3 says for each value where the stored row 0 and column 0 are in the upright picture.
func TestOrientation(t *testing.T) {
	type side int
	const top, right, bottom, left = side(0), side(1), side(2), side(3)
	for o, c := range map[uint16]struct{ row, column side }{
		1: {top, left}, 2: {top, right}, 3: {bottom, right}, 4: {bottom, left},
		5: {left, top}, 6: {right, top}, 7: {right, bottom}, 8: {left, bottom},
		0: {top, left}, 9: {top, left},
	} {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			x, err := decode(patches(t, order, o), 1)
			require.NoError(t, err)
			rows, columns := 2, 3 // patches, upright
			if c.row == left || c.row == right {
				rows, columns = 3, 2
			}
			require.Equal(t, []int{1, 1, rows * 8, columns * 8}, x.Shape, "orientation %d", o)
			for i := range 2 {
				for j := range 3 {
					var y, z int
					along := func(s side, k int) { // k patches away from that side
						switch s {
						case top:
							y = k
						case bottom:
							y = rows - 1 - k
						case left:
							z = k
						case right:
							z = columns - 1 - k
						}
					}
					along(c.row, i)
					along(c.column, j)
					got := x.Data.([]float32)[(y*8+4)*columns*8+z*8+4]
					assert.InDelta(t, float64(40*(i*3+j))/255, got, 0.02, "orientation %d, stored patch %d, %d", o, i, j)
				}
			}
		}
	}
}

func TestDamagedExifIsUpright(t *testing.T) {
	good := patches(t, binary.LittleEndian, 6)
	for _, at := range []int{12, 14, 16, 20, 24, 38} { // inside the EXIF segment
		b := bytes.Clone(good)
		for i := range 4 {
			b[at+i] = 0xff
		}
		_, err := decode(b, 0)
		assert.NoError(t, err, "at %d", at)
	}
}

func TestColourJPEG(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 16, 16))
	for i := range img.Pix {
		img.Pix[i] = []uint8{200, 100, 50, 255}[i%4]
	}
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, img, &jpeg.Options{Quality: 100}))
	x := values(t, b.Bytes(), 0)
	for c, want := range []float64{200, 100, 50} {
		assert.InDelta(t, want/255, x[c*256+100], 0.01)
	}
}

func TestEncodeRoundsAndClips(t *testing.T) {
	in := []float32{-1, 0, 0.5 / 255, 0.49 / 255, 1, 7, float32(math.NaN()), float32(math.Inf(1))}
	var b bytes.Buffer
	require.NoError(t, WritePNG(&b, &tensor.Tensor{Shape: []int{2, 4}, Data: in}))
	x, err := decode(b.Bytes(), 0)
	require.NoError(t, err)
	assert.Equal(t, []int{1, 1, 2, 4}, x.Shape)
	assert.Equal(t, []float32{0, 0, 1. / 255, 0, 1, 1, 0, 1}, x.Data)
}

func TestEncodeAndDecodeAgree(t *testing.T) {
	data := make([]float32, 3*5*7)
	for i := range data {
		data[i] = float32(i*37%256) / 255
	}
	want := &tensor.Tensor{Shape: []int{1, 3, 5, 7}, Data: data}
	var b bytes.Buffer
	require.NoError(t, WritePNG(&b, want))
	got, err := decode(b.Bytes(), 0)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	b.Reset()
	require.NoError(t, WriteJPEG(&b, want))
	got, err = decode(b.Bytes(), 0)
	require.NoError(t, err)
	assert.Equal(t, want.Shape, got.Shape)
}

func TestBatchIsAGrid(t *testing.T) {
	data := make([]float32, 5*3*2*2)
	for i := range data {
		data[i] = float32(i/12+1) * 51 / 255 // picture k is of value (k+1)/5
	}
	var b bytes.Buffer
	require.NoError(t, WritePNG(&b, &tensor.Tensor{Shape: []int{5, 3, 2, 2}, Data: data}))
	x, err := decode(b.Bytes(), 0)
	require.NoError(t, err)
	h, w := 2*2+gap, 3*2+2*gap // two rows of three
	require.Equal(t, []int{1, 3, h, w}, x.Shape)
	at := func(y, x0 int) float32 { return x.Data.([]float32)[y*w+x0] }
	assert.Equal(t, []float32{0.2, 0, 0.4, 0.6}, []float32{at(0, 0), at(0, 2), at(0, 4), at(1, 9)})
	assert.Equal(t, []float32{0.8, 1, 0}, []float32{at(4, 1), at(5, 5), at(5, 9)}, "the last place is empty")
}

func TestEncodeRefuses(t *testing.T) {
	for says, x := range map[string]*tensor.Tensor{
		"is no picture":      {Shape: []int{4}, Data: make([]float32, 4)},
		"2 channels":         {Shape: []int{2, 1, 1}, Data: make([]float32, 2)},
		"f64[1, 1], not f32": {Shape: []int{1, 1}, Data: make([]float64, 1)},
		"no pixels":          {Shape: []int{0, 3, 8, 8}, Data: []float32{}},
		"9 elements":         {Shape: []int{3, 3}, Data: make([]float32, 8)},
	} {
		assert.ErrorContains(t, WritePNG(&bytes.Buffer{}, x), says)
		assert.ErrorContains(t, WriteJPEG(&bytes.Buffer{}, x), says)
	}
}

// hugePNG is a valid header of a picture without data.
func hugePNG(w, h uint32, depth, colour byte) []byte {
	ihdr := []byte("IHDR")
	ihdr = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(ihdr, w), h)
	ihdr = append(ihdr, depth, colour, 0, 0, 0)
	b := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), 13)
	return binary.BigEndian.AppendUint32(append(b, ihdr...), crc32.ChecksumIEEE(ihdr))
}

func TestHugeDimensionsAreRefusedBeforeAllocation(t *testing.T) {
	for _, b := range [][]byte{
		hugePNG(1<<20, 1<<20, 8, 2), hugePNG(1<<31-1, 1<<31-1, 1, 0), hugePNG(10000, 10000, 16, 6), hugePNG(0, 5, 8, 2),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := decode(b, 3)
		runtime.ReadMemStats(&after)
		require.Error(t, err)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<18))
	}
}

func TestTruncatedAndMissing(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 8, 8))
	b := pngOf(t, img)
	for n := range len(b) - 12 { // the closing chunk says nothing
		_, err := decode(b[:n], 3)
		assert.Error(t, err, "cut to %d bytes", n)
	}
	j := patches(t, binary.LittleEndian, 1)
	for n := 0; n < len(j)-2; n += 7 {
		_, err := decode(j[:n], 3)
		assert.Error(t, err, "cut to %d bytes", n)
	}
	_, err := ReadFile(filepath.Join(t.TempDir(), "none.png"), 3)
	assert.ErrorIs(t, err, os.ErrNotExist)
	path := filepath.Join(t.TempDir(), "text.png")
	require.NoError(t, os.WriteFile(path, []byte("hello"), 0o644))
	_, err = ReadFile(path, 3)
	assert.ErrorContains(t, err, "text.png: not a PNG or JPEG picture")
}

func FuzzRead(f *testing.F) {
	img := image.NewNRGBA(image.Rect(0, 0, 3, 2))
	f.Add(pngOf(f, img), 0)
	f.Add(pngOf(f, image.NewPaletted(img.Rect, color.Palette{color.Black, color.NRGBA{1, 2, 3, 4}})), 3)
	f.Add(pngOf(f, image.NewGray16(img.Rect)), 1)
	var b bytes.Buffer
	require.NoError(f, jpeg.Encode(&b, img, nil))
	f.Add(b.Bytes(), 3)
	f.Fuzz(func(t *testing.T, b []byte, channels int) {
		x, err := decode(b, channels)
		if err == nil {
			require.NoError(t, x.Validate())
		}
	})
}

// FuzzOrientation goes past the decoders, straight at the segments.
func FuzzOrientation(f *testing.F) {
	f.Add(patches(&testing.T{}, binary.BigEndian, 8))
	f.Fuzz(func(t *testing.T, b []byte) {
		if o := orientationOf(b); o < upright || o > 8 {
			t.Fatal(o)
		}
	})
}

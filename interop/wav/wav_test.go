package wav

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"mmc/interop/tensor"

	"github.com/go-audio/audio"
	peer "github.com/go-audio/wav"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func chunk(name string, body ...byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body)))
	return append(b, body...)
}

func file(chunks ...[]byte) []byte {
	body := bytes.Join(chunks, nil)
	b := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(4+len(body)))
	return append(append(b, "WAVE"...), body...)
}

func fmtChunk(kind uint16, channels, bits int) []byte {
	le := binary.LittleEndian
	b := le.AppendUint16(le.AppendUint16(nil, kind), uint16(channels))
	b = le.AppendUint32(le.AppendUint32(b, 8000), uint32(8000*channels*bits/8))
	return chunk("fmt ", le.AppendUint16(le.AppendUint16(b, uint16(channels*bits/8)), uint16(bits))...)
}

func extensible(bits int) []byte {
	b := fmtChunk(formatExtensible, 1, bits)[8:]
	b = append(b, 22, 0, byte(bits), 0, 4, 0, 0, 0)
	b = append(b, 1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71) // PCM's GUID
	return chunk("fmt ", b...)
}

func decode(b []byte) (Sound, error) { return Read(bytes.NewReader(b), int64(len(b))) }

var good = []struct {
	name  string
	bytes []byte
	shape []int
	data  []float32
}{
	{"8 bits", file(fmtChunk(1, 1, 8), chunk("data", 0, 128, 192)), []int{1, 1, 3}, []float32{-1, 0, 0.5}},
	{"16 bits", file(fmtChunk(1, 1, 16), chunk("data", 0, 0x80, 0, 0x40)), []int{1, 1, 2}, []float32{-1, 0.5}},
	{"24 bits", file(fmtChunk(1, 1, 24), chunk("data", 0, 0, 0x80, 1, 0, 0x40)), []int{1, 1, 2}, []float32{-1, 0.5 + 1./(1<<23)}},
	{"32 bits", file(fmtChunk(1, 1, 32), chunk("data", 0, 0, 0, 0xc0)), []int{1, 1, 1}, []float32{-0.5}},
	{"float", file(fmtChunk(3, 1, 32), chunk("data", 0, 0, 0x80, 0x3e)), []int{1, 1, 1}, []float32{0.25}},
	{"double", file(fmtChunk(3, 1, 64), chunk("data", 0, 0, 0, 0, 0, 0, 0xd0, 0x3f)), []int{1, 1, 1}, []float32{0.25}},
	{"extensible", file(extensible(16), chunk("data", 0, 0x40)), []int{1, 1, 1}, []float32{0.5}},
	{"stereo", file(fmtChunk(1, 2, 8), chunk("data", 0, 192, 128, 64)), []int{1, 2, 2}, []float32{-1, 0, 0.5, -0.5}},
	{"odd chunk before", file(chunk("LIST", 'a', 'b', 'c'), []byte{0}, fmtChunk(1, 1, 8), chunk("data", 192)), []int{1, 1, 1}, []float32{0.5}},
	{"empty", file(fmtChunk(1, 1, 16), chunk("data")), []int{1, 1, 0}, []float32{}},
}

func TestRead(t *testing.T) {
	for _, c := range good {
		s, err := decode(c.bytes)
		require.NoError(t, err, c.name)
		assert.Equal(t, 8000, s.Rate, c.name)
		assert.Equal(t, c.shape, s.Samples.Shape, c.name)
		assert.Equal(t, c.data, s.Samples.Data, c.name)
		for n := range c.bytes {
			_, err := decode(c.bytes[:n])
			assert.Error(t, err, "%s cut to %d bytes", c.name, n)
		}
	}
}

func TestHostile(t *testing.T) {
	zeroChannels := fmtChunk(1, 0, 16)
	misaligned := fmtChunk(1, 2, 16)
	misaligned[8+12] = 3
	huge := chunk("data")
	copy(huge[4:], "\xff\xff\xff\xff")
	list := chunk("LIST")
	copy(list[4:], "\xff\xff\xff\xff")
	for says, b := range map[string][]byte{
		"no RIFF header":            []byte("RIFX0000WAVE"),
		"without a data chunk":      file(),
		"without a fmt chunk":       file(chunk("data", 1)),
		"format 2 with 4 bits":      file(fmtChunk(2, 1, 4), chunk("data", 1)),
		"format 1 with 12 bits":     file(fmtChunk(1, 1, 12), chunk("data", 1)),
		"0 channels":                file(zeroChannels, chunk("data", 1)),
		"do not hold 2 channels":    file(misaligned, chunk("data", 1)),
		"fmt chunk of 3 bytes":      file(chunk("fmt ", 1, 2, 3)),
		"no whole number of frames": file(fmtChunk(1, 1, 16), chunk("data", 1)),
		"WAVE data: after about":    file(fmtChunk(1, 1, 8), huge),
		`chunk "LIST"`:              file(list),
	} {
		_, err := decode(b)
		assert.ErrorContains(t, err, says)
	}
}

func TestWriteAndRead(t *testing.T) {
	data := []float32{0, 0.5, -0.5, 1, -1, 2, -3, float32(math.NaN())}
	var b bytes.Buffer
	require.NoError(t, Write(&b, Sound{16000, &tensor.Tensor{Shape: []int{2, 4}, Data: data}}))
	s, err := decode(b.Bytes())
	require.NoError(t, err)
	assert.Equal(t, 16000, s.Rate)
	top := float32(32767) / 32768
	assert.Equal(t, []float32{0, 0.5, -0.5, top, -1, top, -1, 0}, s.Samples.Data)
	assert.Equal(t, []int{1, 2, 4}, s.Samples.Shape)

	again := bytes.Clone(b.Bytes())
	b.Reset()
	require.NoError(t, Write(&b, s))
	assert.Equal(t, again, b.Bytes(), "what was read is written unchanged")
}

// The independent library go-audio must agree in both directions.
func TestPeer(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, Write(&b, Sound{22050, &tensor.Tensor{Shape: []int{1, 2, 2}, Data: []float32{0.5, -0.25, 0.125, -1}}}))
	d := peer.NewDecoder(bytes.NewReader(b.Bytes()))
	pcm, err := d.FullPCMBuffer()
	require.NoError(t, err)
	assert.Equal(t, &audio.Format{NumChannels: 2, SampleRate: 22050}, pcm.Format)
	assert.Equal(t, []int{16384, 4096, -8192, -32768}, pcm.Data)

	for _, bits := range []int{16, 24, 32} {
		path := filepath.Join(t.TempDir(), "peer.wav")
		f, err := os.Create(path)
		require.NoError(t, err)
		e := peer.NewEncoder(f, 44100, bits, 1, formatPCM)
		half := 1 << (bits - 2)
		mono := &audio.Format{NumChannels: 1, SampleRate: 44100}
		require.NoError(t, e.Write(&audio.IntBuffer{Format: mono, Data: []int{half, -half}, SourceBitDepth: bits}))
		require.NoError(t, e.Close())
		require.NoError(t, f.Close())
		s, err := ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, 44100, s.Rate)
		assert.Equal(t, []float32{0.5, -0.5}, s.Samples.Data, "%d bits", bits)
	}
}

func TestWriteRefuses(t *testing.T) {
	ok := &tensor.Tensor{Shape: []int{2}, Data: []float32{0, 0}}
	for says, s := range map[string]Sound{
		"0 samples per second": {0, ok},
		"is no sound":          {8000, &tensor.Tensor{Shape: []int{2, 1, 1}, Data: []float32{0, 0}}},
		"not f32":              {8000, &tensor.Tensor{Shape: []int{1}, Data: []int16{0}}},
		"more, or less":        {8000, &tensor.Tensor{Shape: []int{0, 5}, Data: []float32{}}},
		"3 elements":           {8000, &tensor.Tensor{Shape: []int{3}, Data: []float32{0}}},
	} {
		assert.ErrorContains(t, Write(io.Discard, s), says)
	}
	assert.ErrorContains(t, Write(full{}, Sound{8000, ok}), "no space")
	_, err := ReadFile(filepath.Join(t.TempDir(), "none.wav"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space") }

func FuzzRead(f *testing.F) {
	for _, c := range good {
		f.Add(c.bytes)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := decode(b)
		if err != nil {
			return
		}
		require.NoError(t, s.Samples.Validate())
		require.LessOrEqual(t, s.Samples.Len(), len(b))
	})
}

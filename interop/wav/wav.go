// Package wav reads and writes RIFF/WAVE sound as f32 tensors [1, channels, T] of values -1..1: integer PCM of 8 to 32 bits and
// float samples, plain or "extensible". It walks the chunks itself, since a chunk's stated size must not be believed before its
// bytes are there.
package wav

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"mmc/interop/internal/bulk"
	"mmc/interop/tensor"
)

// Numbers of the format, from the fmt chunk.
const (
	formatPCM        = 1
	formatFloat      = 3
	formatExtensible = 0xfffe
	formatBytes      = 16   // the part of the fmt chunk that all formats have
	maxFormatBytes   = 1024 // far above the 40 bytes of the longest kind
	maxChannels      = 1024
)

// Sound is a recording.
type Sound struct {
	Rate    int            // samples per second
	Samples *tensor.Tensor // f32[1, channels, T]
}

// ReadFile reads a .wav file.
func ReadFile(path string) (Sound, error) {
	f, err := os.Open(path)
	if err != nil {
		return Sound{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Sound{}, err
	}
	s, err := Read(bufio.NewReader(f), info.Size())
	if err != nil {
		return Sound{}, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// Read reads a WAVE stream of size bytes. What follows the sound (titles, cue points) is not looked at.
func Read(r io.Reader, size int64) (Sound, error) {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return Sound{}, errors.New("not a WAVE file: no RIFF header at its start")
	}
	var f *format
	for {
		name, length, err := nextChunk(r)
		if err != nil {
			return Sound{}, err
		}
		switch name {
		case "fmt ":
			if f, err = readFormat(r, length); err != nil {
				return Sound{}, err
			}
		case "data":
			if f == nil {
				return Sound{}, errors.New("WAVE data without a fmt chunk before it")
			}
			return f.read(r, length, size)
		default:
			if err := skip(r, length); err != nil {
				return Sound{}, fmt.Errorf("WAVE chunk %q: %w", name, err)
			}
		}
	}
}

func nextChunk(r io.Reader) (name string, length int64, err error) {
	var b [8]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return "", 0, fmt.Errorf("WAVE file without a data chunk: %w", io.ErrUnexpectedEOF)
	}
	return string(b[:4]), int64(binary.LittleEndian.Uint32(b[4:])), nil
}

// skip passes over a chunk and the byte that pads it to an even length.
func skip(r io.Reader, length int64) error {
	if _, err := io.CopyN(io.Discard, r, length+length%2); err != nil {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// format is what the fmt chunk says.
type format struct {
	rate, channels int
	width          int // bytes of a sample
	decode         func(b []byte) float32
}

func readFormat(r io.Reader, length int64) (*format, error) {
	if length < formatBytes || length > maxFormatBytes {
		return nil, fmt.Errorf("WAVE fmt chunk of %d bytes", length)
	}
	b := make([]byte, length+length%2)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, fmt.Errorf("WAVE fmt chunk: %w", io.ErrUnexpectedEOF)
	}
	le := binary.LittleEndian
	kind, bits := le.Uint16(b), int(le.Uint16(b[14:]))
	if kind == formatExtensible && length >= 40 {
		kind = le.Uint16(b[24:]) // the first bytes of the sub-format's GUID are the plain number
	}
	f := &format{rate: int(le.Uint32(b[4:])), channels: int(le.Uint16(b[2:])), width: bits / 8}
	f.decode = decoders[encoding{kind, bits}]
	align := int(le.Uint16(b[12:]))
	switch {
	case f.decode == nil:
		return nil, fmt.Errorf("WAVE format %d with %d bits is not read: want PCM of 8, 16, 24, 32 bits or float of 32, 64", kind, bits)
	case f.channels == 0 || f.channels > maxChannels:
		return nil, fmt.Errorf("WAVE file of %d channels", f.channels)
	case align != f.channels*f.width:
		return nil, fmt.Errorf("WAVE frames of %d bytes do not hold %d channels of %d", align, f.channels, f.width)
	}
	return f, nil
}

type encoding struct {
	kind uint16
	bits int
}

// decoders turn one sample into -1..1. Bytes are unsigned, all other integers signed.
var decoders = map[encoding]func([]byte) float32{
	{formatPCM, 8}:    func(b []byte) float32 { return (float32(b[0]) - 128) / 128 },
	{formatPCM, 16}:   func(b []byte) float32 { return float32(int16(binary.LittleEndian.Uint16(b))) / 32768 },
	{formatPCM, 24}:   func(b []byte) float32 { return float32(int32(b[0])|int32(b[1])<<8|int32(int8(b[2]))<<16) / (1 << 23) },
	{formatPCM, 32}:   func(b []byte) float32 { return float32(int32(binary.LittleEndian.Uint32(b))) / (1 << 31) },
	{formatFloat, 32}: func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) },
	{formatFloat, 64}: func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) },
}

// read takes the frames of the data chunk apart into one row for each channel.
func (f *format) read(r io.Reader, length, size int64) (Sound, error) {
	frame := f.channels * f.width
	if length%int64(frame) != 0 {
		return Sound{}, fmt.Errorf("WAVE data of %d bytes is no whole number of frames of %d", length, frame)
	}
	raw, err := bulk.Read[uint8](r, binary.LittleEndian, int(length), size)
	if err != nil {
		return Sound{}, fmt.Errorf("WAVE data: %w", err)
	}
	n := len(raw) / frame
	data := make([]float32, n*f.channels)
	for c := range f.channels {
		row := data[c*n : (c+1)*n]
		for i := range row {
			row[i] = f.decode(raw[i*frame+c*f.width:])
		}
	}
	return Sound{f.rate, &tensor.Tensor{Shape: []int{1, f.channels, n}, Data: data}}, nil
}

// Write writes sound as 16-bit PCM; what is beyond -1..1 is cut off. The shape is [T], [channels, T] or [1, channels, T].
func Write(w io.Writer, s Sound) error {
	if err := s.Samples.Validate(); err != nil {
		return err
	}
	data, err := tensor.Data[float32](s.Samples)
	if err != nil {
		return fmt.Errorf("sound is written from f32: %w", err)
	}
	shape := s.Samples.Shape
	if len(shape) == 0 || len(shape) > 3 || len(shape) == 3 && shape[0] != 1 {
		return fmt.Errorf("%s is no sound: want [T], [channels, T] or [1, channels, T]", s.Samples)
	}
	shape = append([]int{1, 1}, shape...)
	channels, n := shape[len(shape)-2], shape[len(shape)-1]
	if channels == 0 || channels > maxChannels || len(data) > (math.MaxUint32-64)/2 {
		return fmt.Errorf("%s is more, or less, than a WAVE file can hold", s.Samples)
	}
	if s.Rate <= 0 || int64(s.Rate) > math.MaxUint32/2/int64(channels) {
		return fmt.Errorf("sound of %d samples per second", s.Rate)
	}
	if _, err := w.Write(header(s.Rate, channels, 2*len(data))); err != nil {
		return err
	}
	samples := make([]int16, len(data))
	for c := range channels {
		for i := range n {
			samples[i*channels+c] = level(data[c*n+i])
		}
	}
	return bulk.Write(w, binary.LittleEndian, samples)
}

func header(rate, channels, bytes int) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32([]byte("RIFF"), uint32(36+bytes))
	b = le.AppendUint32(append(b, "WAVEfmt "...), formatBytes)
	b = le.AppendUint16(b, formatPCM)
	b = le.AppendUint16(b, uint16(channels))
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(rate*channels*2))
	b = le.AppendUint16(b, uint16(channels*2))
	b = le.AppendUint16(b, 16)
	return le.AppendUint32(append(b, "data"...), uint32(bytes))
}

// level rounds half away from zero. What Read made of a 16-bit sample becomes that sample again; a NaN is silence.
func level(v float32) int16 {
	if v != v {
		return 0
	}
	return int16(max(math.MinInt16, min(math.MaxInt16, math.Round(float64(v)*32768))))
}

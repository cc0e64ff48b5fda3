// Package npy reads and writes NumPy's .npy and .npz files (numpy.lib.format, versions 1.0 to 3.0): C and Fortran order, both byte
// orders, floats of 2, 4 and 8 bytes, integers and bools. Objects, strings, records and complex numbers are refused by name; nothing
// in a file is ever executed. What a header states costs no memory until the bytes are there.
package npy

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"

	"mmc/interop/internal/bulk"
	"mmc/interop/tensor"
	rt "mmc/runtime"
)

// codec reads and writes the elements of one NumPy type.
type codec struct {
	read  func(r io.Reader, h header, n int, size int64) (any, error)
	write func(w io.Writer, data any) error
}

// codecs is keyed by NumPy's name of the type, without the byte order; kinds has the same names by DType. bfloat16 has none.
var codecs = map[string]codec{
	"f2": of[tensor.Half](), "f4": of[float32](), "f8": of[float64](),
	"i1": of[int8](), "i2": of[int16](), "i4": of[int32](), "i8": of[int64](),
	"u1": of[uint8](), "u2": of[uint16](), "u4": of[uint32](), "u8": of[uint64](),
	"b1": of[bool](),
}

var kinds = map[tensor.DType]string{
	tensor.F16: "f2", tensor.F32: "f4", tensor.F64: "f8",
	tensor.I8: "i1", tensor.I16: "i2", tensor.I32: "i4", tensor.I64: "i8",
	tensor.U8: "u1", tensor.U16: "u2", tensor.U32: "u4", tensor.U64: "u8",
	tensor.Bool: "b1",
}

func of[T tensor.Element]() codec {
	return codec{
		read: func(r io.Reader, h header, n int, size int64) (any, error) {
			data, err := bulk.Read[T](r, h.order, n, size)
			if err == nil && h.fortran {
				data = fromFortran(data, h.shape)
			}
			return data, err
		},
		write: func(w io.Writer, data any) error { return bulk.Write(w, binary.LittleEndian, data.([]T)) },
	}
}

// ReadFile reads one .npy file.
func ReadFile(path string) (*tensor.Tensor, error) { return ReadFileIf(path, nil) }

// ReadFileIf reads one .npy file whose shape fits finds nothing wrong with; nil takes all. It is asked before the data are read.
func ReadFileIf(path string, fits func(shape []int) error) (*tensor.Tensor, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	t, err := read(bufio.NewReader(f), info.Size(), info.Size(), fits)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// Read reads one .npy file from r, to its end. size is the file's size, or a smaller number if it is not known.
func Read(r io.Reader, size int64) (*tensor.Tensor, error) { return read(r, size, math.MaxInt64, nil) }

// read is Read where at most so many bytes can follow, and where fits, unless nil, judges the shape. A header that declares more than
// can follow, more than the machine holds or what is not wanted is refused before any of its data are read.
func read(r io.Reader, size, most int64, fits func(shape []int) error) (*tensor.Tensor, error) {
	h, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	n, err := rt.Count(h.shape)
	if err != nil {
		return nil, fmt.Errorf(".npy header: %w", err)
	}
	if fits != nil {
		if err := fits(h.shape); err != nil {
			return nil, err
		}
	}
	bytes, overflows := math.MaxInt64, n > math.MaxInt64/8
	if !overflows {
		bytes = n * h.width()
	}
	switch afford := rt.Afford(bytes); {
	case int64(bytes) > most:
		return nil, fmt.Errorf(".npy data, %s%s: more than the file can hold: %w", h.kind, tensor.Dims(h.shape), io.ErrUnexpectedEOF)
	case afford != nil && most < math.MaxInt64:
		return nil, fmt.Errorf(".npy data, %s%s: %w", h.kind, tensor.Dims(h.shape), afford)
	}
	data, err := codecs[h.kind].read(r, h, n, size)
	if err == nil {
		err = bulk.End(r)
	}
	if err != nil {
		return nil, fmt.Errorf(".npy data, %s%s: %w", h.kind, tensor.Dims(h.shape), err)
	}
	return &tensor.Tensor{Shape: h.shape, Data: data}, nil
}

// Write writes t as one .npy file.
func Write(w io.Writer, t *tensor.Tensor) error {
	if err := t.Validate(); err != nil {
		return err
	}
	kind, ok := kinds[t.DType()]
	if !ok {
		return fmt.Errorf(".npy has no %s; write .safetensors", t.DType())
	}
	if err := writeHeader(w, kind, t.Shape); err != nil {
		return err
	}
	return codecs[kind].write(w, t.Data)
}

// fromFortran reorders column-major elements to row-major: an odometer over the row-major index carries the column-major offset.
func fromFortran[T any](src []T, shape []int) []T {
	stride := make([]int, len(shape))
	step := 1
	for i, d := range shape {
		stride[i] = step
		step *= d
	}
	dst := make([]T, len(src))
	index := make([]int, len(shape))
	at := 0
	for i := range dst {
		dst[i] = src[at]
		for k := len(shape) - 1; k >= 0; k-- {
			index[k]++
			at += stride[k]
			if index[k] < shape[k] {
				break
			}
			at -= stride[k] * shape[k]
			index[k] = 0
		}
	}
	return dst
}

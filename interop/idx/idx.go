// Package idx reads the IDX files in which MNIST and its kin are published, plain or gzipped. A file cannot make it allocate more
// than its content justifies: the dimensions it states are not trusted, see mmc/interop/internal/bulk.
package idx

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"mmc/interop/internal/bulk"
	"mmc/interop/tensor"
	rt "mmc/runtime"
)

// maxRank keeps a hostile rank byte from stating hundreds of dimensions of size one.
const maxRank = 32

var gzipMagic = []byte{0x1f, 0x8b}

// ReadFile reads an IDX file, gzipped or not.
func ReadFile(path string) (*tensor.Tensor, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	t, err := Read(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// Read reads one IDX tensor from the size bytes of r, gzipped or not.
func Read(r io.Reader, size int64) (*tensor.Tensor, error) {
	b := bufio.NewReader(r)
	if head, _ := b.Peek(len(gzipMagic)); !bytes.Equal(head, gzipMagic) {
		return read(b, size)
	}
	z, err := gzip.NewReader(b)
	if err != nil {
		return nil, fmt.Errorf("not an idx file: %w", err)
	}
	return read(z, size)
}

func read(r io.Reader, size int64) (*tensor.Tensor, error) {
	var magic [4]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return nil, fmt.Errorf("not an idx file: no magic number: %w", err)
	}
	decode := decoders[magic[2]]
	if magic[0] != 0 || magic[1] != 0 || decode == nil {
		return nil, fmt.Errorf("not an idx file: it starts with % x", magic)
	}
	shape, err := readShape(r, int(magic[3]))
	if err != nil {
		return nil, err
	}
	data, err := decode(r, shape, size)
	if err != nil {
		return nil, fmt.Errorf("idx data of shape %s: %w", tensor.Dims(shape), err)
	}
	if err := bulk.End(r); err != nil {
		return nil, fmt.Errorf("idx data of shape %s: %w", tensor.Dims(shape), err)
	}
	return &tensor.Tensor{Shape: shape, Data: data}, nil
}

func readShape(r io.Reader, rank int) ([]int, error) {
	if rank > maxRank {
		return nil, fmt.Errorf("idx header: rank %d, at most %d is read", rank, maxRank)
	}
	dims, err := bulk.Read[uint32](r, binary.BigEndian, rank, 0)
	if err != nil {
		return nil, fmt.Errorf("idx header: %d dimensions: %w", rank, err)
	}
	shape := make([]int, rank)
	for i, d := range dims {
		shape[i] = int(d)
	}
	return shape, nil
}

type decoder func(r io.Reader, shape []int, size int64) (any, error)

// decoders is keyed by the type byte of the magic number.
var decoders = map[byte]decoder{
	0x08: values[uint8], 0x09: values[int8], 0x0b: values[int16], 0x0c: values[int32], 0x0d: values[float32], 0x0e: values[float64],
}

func values[T tensor.Element](r io.Reader, shape []int, size int64) (any, error) {
	n, err := rt.Count(shape)
	if err != nil {
		return nil, err
	}
	return bulk.Read[T](r, binary.BigEndian, n, size)
}

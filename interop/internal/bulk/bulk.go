// Package bulk moves long runs of numbers between byte streams and typed slices without trusting the length that a header states:
// a slice starts no larger than the file it comes from and grows only as bytes really arrive.
package bulk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"mmc/interop/tensor"
)

// chunk is the number of bytes moved at a time.
const chunk = 1 << 16

// Read reads n values of T. The slice is set aside at once if it is no larger than size, the bytes of the file behind r; beyond that
// (a compressed file, a lie) it grows as values arrive. A short stream is io.ErrUnexpectedEOF.
func Read[T tensor.Element](r io.Reader, order binary.ByteOrder, n int, size int64) ([]T, error) {
	width := binary.Size(*new(T))
	out := make([]T, 0, min(n, int(size)/width+1))
	buf := make([]byte, min(n, chunk/width)*width)
	for len(out) < n {
		part := buf[:min(len(buf)/width, n-len(out))*width]
		if _, err := io.ReadFull(r, part); err != nil {
			return nil, short(err, len(out), n)
		}
		at := len(out)
		out = slices.Grow(out, len(part)/width)[:at+len(part)/width]
		if _, err := binary.Decode(part, order, out[at:]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func short(err error, have, want int) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("after about %d of %d values: %w", have, want, err)
}

// Write writes the values of data, a slice of a tensor.Element.
func Write[T tensor.Element](w io.Writer, order binary.ByteOrder, data []T) error {
	width := binary.Size(*new(T))
	buf := make([]byte, min(len(data)*width, chunk))
	for part := range slices.Chunk(data, chunk/width) {
		n, err := binary.Encode(buf, order, part)
		if err != nil {
			return err
		}
		if _, err := w.Write(buf[:n]); err != nil {
			return err
		}
	}
	return nil
}

// End returns an error unless r is at its end. It also makes a compressed stream verify its checksum.
func End(r io.Reader) error {
	var one [1]byte
	switch n, err := io.ReadFull(r, one[:]); {
	case n > 0:
		return errors.New("more bytes follow the data")
	case errors.Is(err, io.EOF):
		return nil
	default:
		return err
	}
}

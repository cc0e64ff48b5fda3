// Package text reads a file's bytes as an i32 tensor [1, T] and writes them back. It knows no character set: what a byte means is
// the model's affair.
package text

import (
	"fmt"
	"io"
	"os"

	"mmc/interop/tensor"
)

// ReadFile reads the bytes of a file.
func ReadFile(path string) (*tensor.Tensor, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return FromBytes(b), nil
}

// FromBytes returns bytes as i32[1, T].
func FromBytes(b []byte) *tensor.Tensor {
	data := make([]int32, len(b))
	for i, v := range b {
		data[i] = int32(v)
	}
	return &tensor.Tensor{Shape: []int{1, len(b)}, Data: data}
}

// Write writes integers of any width as bytes. The shape is [T] or [1, T]; a value beyond 0..255 is an error.
func Write(w io.Writer, t *tensor.Tensor) error {
	if err := t.Validate(); err != nil {
		return err
	}
	if len(t.Shape) == 0 || len(t.Shape) > 2 || len(t.Shape) == 2 && t.Shape[0] != 1 {
		return fmt.Errorf("%s is no text: want [T] or [1, T]", t)
	}
	bytes, _, err := tensor.Convert(t, tensor.U8)
	if err != nil {
		return fmt.Errorf("text: %w", err)
	}
	_, err = w.Write(bytes.Data.([]uint8))
	return err
}

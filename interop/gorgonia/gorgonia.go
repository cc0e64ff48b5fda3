// Package gorgonia carries tensors to and from gorgonia.org/tensor, for programs that use that library beside a generated package,
// and for tests that want a second opinion on a result (see Contract). Neither mmc nor a generated package imports it.
//
// Both directions copy: the library reaches into its memory by address, and a copy leaves nobody else's slice to it.
package gorgonia

import (
	"errors"
	"fmt"
	"slices"

	"mmc/interop/tensor"
	rt "mmc/runtime"

	gt "gorgonia.org/tensor"
)

// kind moves the elements of one type.
type kind struct {
	to   func(data any, shape []int) *gt.Dense
	from func(d *gt.Dense, n int) any
}

var kinds = map[gt.Dtype]kind{
	gt.Float32: of[float32](), gt.Float64: of[float64](), gt.Bool: of[bool](),
	gt.Int8: of[int8](), gt.Int16: of[int16](), gt.Int32: of[int32](), gt.Int64: of[int64](),
	gt.Uint8: of[uint8](), gt.Uint16: of[uint16](), gt.Uint32: of[uint32](), gt.Uint64: of[uint64](),
	gt.Int: {from: platformInts},
}

// dtypes has no row for the 16-bit floats, which the library lacks.
var dtypes = map[tensor.DType]gt.Dtype{
	tensor.F32: gt.Float32, tensor.F64: gt.Float64, tensor.Bool: gt.Bool,
	tensor.I8: gt.Int8, tensor.I16: gt.Int16, tensor.I32: gt.Int32, tensor.I64: gt.Int64,
	tensor.U8: gt.Uint8, tensor.U16: gt.Uint16, tensor.U32: gt.Uint32, tensor.U64: gt.Uint64,
}

func of[T tensor.Element]() kind {
	return kind{
		to: func(data any, shape []int) *gt.Dense {
			if len(shape) == 0 {
				return gt.New(gt.FromScalar(data.([]T)[0]))
			}
			return gt.New(gt.WithShape(shape...), gt.WithBacking(slices.Clone(data.([]T))))
		},
		from: func(d *gt.Dense, n int) any { return gather[T](d, n) },
	}
}

// ToDense returns a copy of t.
func ToDense(t *tensor.Tensor) (*gt.Dense, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	dtype, ok := dtypes[t.DType()]
	if !ok {
		return nil, fmt.Errorf("%s: gorgonia.org/tensor has no such elements", t)
	}
	if t.Len() == 0 {
		return nil, fmt.Errorf("%s: gorgonia.org/tensor has no empty tensors", t)
	}
	return kinds[dtype].to(t.Data, slices.Clone(t.Shape)), nil
}

// FromDense returns a copy of d in row-major order, be it a view, transposed or column-major.
func FromDense(d *gt.Dense) (*tensor.Tensor, error) {
	if d == nil {
		return nil, errors.New("no tensor: nil *Dense")
	}
	if d.IsMasked() {
		return nil, errors.New("a masked tensor has elements without a value")
	}
	k, ok := kinds[d.Dtype()]
	if !ok {
		return nil, fmt.Errorf("a tensor of %s cannot be carried over", d.Dtype())
	}
	shape := append([]int{}, d.Shape()...)
	n, err := rt.Count(shape)
	if err != nil {
		return nil, err
	}
	return &tensor.Tensor{Shape: shape, Data: k.from(d, n)}, nil
}

func gather[T any](d *gt.Dense, n int) []T {
	if d.IsScalar() {
		return []T{d.ScalarValue().(T)}
	}
	if data, ok := d.Data().([]T); ok && len(data) == n && d.DataOrder().IsRowMajor() && !d.RequiresIterator() {
		return slices.Clone(data)
	}
	out := make([]T, 0, n)
	at := make([]int, d.Dims())
	for range n {
		v, _ := d.At(at...) // an odometer stays inside the shape
		out = append(out, v.(T))
		for axis := len(at) - 1; axis >= 0; axis-- {
			if at[axis]++; at[axis] < d.Shape()[axis] {
				break
			}
			at[axis] = 0
		}
	}
	return out
}

// platformInts widens Go's int, which is no element type of ours.
func platformInts(d *gt.Dense, n int) any {
	out := make([]int64, n)
	for i, v := range gather[int](d, n) {
		out[i] = int64(v)
	}
	return out
}

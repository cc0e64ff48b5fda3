// Package tensor is the form in which files and foreign libraries hand over their numbers: a shape and a typed slice, in
// row-major order. It knows more element types than the language does, since files do, and it computes nothing but the
// conversions that a reader may make without being asked (see Convert). It imports nothing of the compiler.
package tensor

import (
	"fmt"
	"strings"

	rt "mmc/runtime"
)

// DType names an element type as .mm spells it.
type DType string

// The element types that some file format can hold.
const (
	F16  DType = "f16"
	BF16 DType = "bf16"
	F32  DType = "f32"
	F64  DType = "f64"
	I8   DType = "i8"
	I16  DType = "i16"
	I32  DType = "i32"
	I64  DType = "i64"
	U8   DType = "u8"
	U16  DType = "u16"
	U32  DType = "u32"
	U64  DType = "u64"
	Bool DType = "bool"
)

// Half and BHalf are the 16-bit floats: types of their own, so that a slice says its DType.
type (
	Half  = rt.F16
	BHalf = rt.BF16
)

// Element lists the Go types of elements, one for each DType.
type Element interface {
	Half | BHalf | float32 | float64 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | bool
}

// Tensor is a dense tensor in row-major order. Data is a slice of an Element type with as many elements as Shape says; use Of to
// build one that is known to be so.
type Tensor struct {
	Shape []int
	Data  any
}

// Named is a tensor with the name it has in its file.
type Named struct {
	Name string
	*Tensor
}

// Of returns the tensor of that shape over data, which it keeps. The error tells when they do not fit.
func Of[T Element](shape []int, data []T) (*Tensor, error) {
	n, err := rt.Count(shape)
	if err != nil {
		return nil, err
	}
	if n != len(data) {
		return nil, fmt.Errorf("shape %s has %d elements, the data %d", Dims(shape), n, len(data))
	}
	return &Tensor{Shape: shape, Data: data}, nil
}

// Dims writes a shape as [2, 3].
func Dims(shape []int) string { return strings.ReplaceAll(fmt.Sprint(shape), " ", ", ") }

// traits is what one pass over the type of Data tells.
type traits struct {
	dtype DType
	size  int // bytes of an element
	count int
}

func traitsOf(data any) traits {
	switch d := data.(type) {
	case []Half:
		return traits{F16, 2, len(d)}
	case []BHalf:
		return traits{BF16, 2, len(d)}
	case []float32:
		return traits{F32, 4, len(d)}
	case []float64:
		return traits{F64, 8, len(d)}
	case []int8:
		return traits{I8, 1, len(d)}
	case []int16:
		return traits{I16, 2, len(d)}
	case []int32:
		return traits{I32, 4, len(d)}
	case []int64:
		return traits{I64, 8, len(d)}
	case []uint8:
		return traits{U8, 1, len(d)}
	case []uint16:
		return traits{U16, 2, len(d)}
	case []uint32:
		return traits{U32, 4, len(d)}
	case []uint64:
		return traits{U64, 8, len(d)}
	case []bool:
		return traits{Bool, 1, len(d)}
	}
	return traits{}
}

// DType returns the element type, or "" if Data is no slice of an Element.
func (t *Tensor) DType() DType { return traitsOf(t.Data).dtype }

// Len returns the number of elements of Data.
func (t *Tensor) Len() int { return traitsOf(t.Data).count }

// Bytes returns the size of the elements in memory.
func (t *Tensor) Bytes() int { tr := traitsOf(t.Data); return tr.count * tr.size }

// String tells dtype and shape, as in "f32[2, 3]".
func (t *Tensor) String() string { return string(t.DType()) + Dims(t.Shape) }

// Validate returns an error if Data is no slice of an Element or does not fit Shape. Writers call it, since fields are open.
func (t *Tensor) Validate() error {
	tr := traitsOf(t.Data)
	if tr.dtype == "" {
		return fmt.Errorf("a tensor cannot hold %T", t.Data)
	}
	n, err := rt.Count(t.Shape)
	if err == nil && n != tr.count {
		err = fmt.Errorf("shape %s has %d elements, the data %d", Dims(t.Shape), n, tr.count)
	}
	return err
}

// Data returns the elements of t as a slice of T, or an error that names the type they have.
func Data[T Element](t *Tensor) ([]T, error) {
	if d, ok := t.Data.([]T); ok {
		return d, nil
	}
	var want []T
	return nil, fmt.Errorf("the tensor is %s, not %s", t, traitsOf(want).dtype)
}

// Float64s returns the elements of a float tensor (f32 or f64) as float64, for comparisons.
func (t *Tensor) Float64s() ([]float64, error) {
	switch d := t.Data.(type) {
	case []float64:
		return d, nil
	case []float32:
		out := make([]float64, len(d))
		for i, v := range d {
			out[i] = float64(v)
		}
		return out, nil
	}
	return nil, fmt.Errorf("the tensor is %s, not f32 or f64", t)
}

// Values returns the elements of any tensor as float64: integers exactly up to 2^53, true as 1.
func (t *Tensor) Values() ([]float64, error) {
	switch d := t.Data.(type) {
	case []Half:
		return widened(d, func(x Half) float64 { return float64(x.Float32()) }), nil
	case []BHalf:
		return widened(d, func(x BHalf) float64 { return float64(x.Float32()) }), nil
	case []bool:
		return widened(d, func(x bool) float64 {
			if x {
				return 1
			}
			return 0
		}), nil
	case []int8:
		return widened(d, number), nil
	case []int16:
		return widened(d, number), nil
	case []int32:
		return widened(d, number), nil
	case []int64:
		return widened(d, number), nil
	case []uint8:
		return widened(d, number), nil
	case []uint16:
		return widened(d, number), nil
	case []uint32:
		return widened(d, number), nil
	case []uint64:
		return widened(d, number), nil
	}
	return t.Float64s()
}

func number[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64](x T) float64 {
	return float64(x)
}

func widened[T any](from []T, f func(T) float64) []float64 {
	out := make([]float64, len(from))
	for i, x := range from {
		out[i] = f(x)
	}
	return out
}

package rt

import (
	"math"
	"strconv"
)

// Elem is the set of element types a tensor may have.
type Elem interface {
	float32 | float64 | int32 | int64 | uint8 | bool | F16 | BF16
}

// A Tensor is a dense row-major array. A result of a session shares the session's memory until its next call;
// Clone keeps it.
type Tensor[T Elem] struct {
	Data  []T
	Shape []int
}

// New makes a tensor of zeros. New[float32]() is a scalar.
func New[T Elem](shape ...int) (Tensor[T], error) {
	n, err := Count(shape)
	if err != nil {
		return Tensor[T]{}, err
	}
	if n > maxBytes/8 { // no element is wider than 8 bytes: what passes here never makes `make` panic
		return Tensor[T]{}, &ShapeError{Msg: "tensor of shape " + shapeText(shape) + " is too large"}
	}
	return Tensor[T]{Data: make([]T, n), Shape: append([]int(nil), shape...)}, nil
}

// FromSlice gives data a shape. The tensor shares data.
func FromSlice[T Elem](data []T, shape ...int) (Tensor[T], error) {
	n, err := Count(shape)
	if err != nil {
		return Tensor[T]{}, err
	}
	if n != len(data) {
		return Tensor[T]{}, &ShapeError{Msg: "shape " + shapeText(shape) + " has " + strconv.Itoa(n) +
			" elements, the data " + strconv.Itoa(len(data))}
	}
	return Tensor[T]{Data: data, Shape: append([]int(nil), shape...)}, nil
}

// Clone copies data and shape.
func (t Tensor[T]) Clone() Tensor[T] {
	return Tensor[T]{Data: append([]T(nil), t.Data...), Shape: append([]int(nil), t.Shape...)}
}

// Rank is the number of axes.
func (t Tensor[T]) Rank() int { return len(t.Shape) }

// Len is the number of elements.
func (t Tensor[T]) Len() int { return len(t.Data) }

// String is short: dtype, shape and the first few elements, as in `f32[2, 3] 0 0.5 1 …`.
func (t Tensor[T]) String() string {
	const shown = 6
	s := elemName[T]() + shapeText(t.Shape)
	for i, v := range t.Data {
		if i == shown {
			return s + " …"
		}
		s += " " + elemText(v)
	}
	return s
}

// Count is the number of elements of a shape: the product of its sizes, refused when a size is negative or
// the product leaves the int range.
func Count(shape []int) (int, error) {
	n := 1
	for _, d := range shape {
		if d < 0 {
			return 0, &ShapeError{Msg: "shape " + shapeText(shape) + " has a negative size"}
		}
		if d > 0 && n > math.MaxInt/d {
			return 0, &ShapeError{Msg: "shape " + shapeText(shape) + " has too many elements"}
		}
		n *= d
	}
	return n, nil
}

// SameShape reports whether two shapes agree axis by axis.
func SameShape(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// elemName is T in the words of the .mm language.
func elemName[T Elem]() string { return DTypeOf[T]().MM() }

func elemText[T Elem](v T) string {
	switch v := any(v).(type) {
	case float32:
		return strconv.FormatFloat(float64(v), 'g', 6, 32)
	case float64:
		return strconv.FormatFloat(v, 'g', 6, 64)
	case int32:
		return strconv.FormatInt(int64(v), 10)
	case int64:
		return strconv.FormatInt(v, 10)
	case uint8:
		return strconv.FormatUint(uint64(v), 10)
	case bool:
		return strconv.FormatBool(v)
	case F16:
		return strconv.FormatFloat(float64(v.Float32()), 'g', 4, 32)
	case BF16:
		return strconv.FormatFloat(float64(v.Float32()), 'g', 4, 32)
	}
	return "?"
}

// shapeText writes a shape as the language does: [2, 3], and [] for a scalar.
func shapeText(shape []int) string {
	s := "["
	for i, d := range shape {
		if i > 0 {
			s += ", "
		}
		s += strconv.Itoa(d)
	}
	return s + "]"
}

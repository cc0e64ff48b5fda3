package tensor

import (
	"fmt"
	"math"
)

// Convert returns t with elements of type want, under the rules by which a file may differ from what a program asks for: integers
// change width if every value fits, f64 narrows to f32 with a note for the user, and nothing else happens silently. The note is
// empty where no precision was lost. Where the types agree, t itself is returned.
func Convert(t *Tensor, want DType) (out *Tensor, note string, err error) {
	if t.DType() == want {
		return t, "", nil
	}
	if from, ok := t.Data.([]float64); ok && want == F32 {
		return &Tensor{t.Shape, narrow(from)}, "f64 values were rounded to f32", nil
	}
	src, wide := widen(t.Data)
	store := integers[want]
	if !wide || store == nil {
		return nil, "", fmt.Errorf("elements are %s, want %s: no implicit conversion", t.DType(), want)
	}
	data, at := store(src)
	if at >= 0 {
		return nil, "", fmt.Errorf("element %d is %s, which %s cannot hold", at, src.text(at), want)
	}
	return &Tensor{t.Shape, data}, "", nil
}

func narrow(src []float64) []float32 {
	dst := make([]float32, len(src))
	for i, v := range src {
		dst[i] = float32(v)
	}
	return dst
}

// integral is a view of integers of any width: at returns value i as int64, and false if it is an u64 beyond that.
type integral struct {
	n    int
	at   func(i int) (int64, bool)
	text func(i int) string
}

func view[T interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}](s []T) (integral, bool) {
	return integral{
		n:    len(s),
		at:   func(i int) (int64, bool) { v := int64(s[i]); return v, s[i] < 0 || v >= 0 },
		text: func(i int) string { return fmt.Sprint(s[i]) },
	}, true
}

func widen(data any) (integral, bool) {
	switch d := data.(type) {
	case []int8:
		return view(d)
	case []int16:
		return view(d)
	case []int32:
		return view(d)
	case []int64:
		return view(d)
	case []uint8:
		return view(d)
	case []uint16:
		return view(d)
	case []uint32:
		return view(d)
	case []uint64:
		return view(d)
	}
	return integral{}, false
}

// integers has, for each integer type, the function that stores a view into a slice of it; at is the first element that does not
// fit, or -1.
var integers = map[DType]func(src integral) (data any, at int){
	I8:  fit[int8](math.MinInt8, math.MaxInt8),
	I16: fit[int16](math.MinInt16, math.MaxInt16),
	I32: fit[int32](math.MinInt32, math.MaxInt32),
	I64: fit[int64](math.MinInt64, math.MaxInt64),
	U8:  fit[uint8](0, math.MaxUint8),
	U16: fit[uint16](0, math.MaxUint16),
	U32: fit[uint32](0, math.MaxUint32),
	U64: fit[uint64](0, math.MaxInt64), // a larger value is an u64 already
}

func fit[T interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}](lo, hi int64) func(integral) (any, int) {
	return func(src integral) (any, int) {
		dst := make([]T, src.n)
		for i := range dst {
			v, ok := src.at(i)
			if !ok || v < lo || v > hi {
				return nil, i
			}
			dst[i] = T(v)
		}
		return dst, -1
	}
}

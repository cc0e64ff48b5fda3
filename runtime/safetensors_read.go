package rt

import (
	"errors"
	"math"
	"strconv"
	"unsafe"
)

// LoadTensor reads a tensor by name, converting as ReadTensor does.
func LoadTensor[T Elem](s *SafeTensors, name string) (Tensor[T], error) {
	e, ok := s.Lookup(name)
	if !ok {
		return Tensor[T]{}, s.fault("no tensor " + strconv.Quote(name))
	}
	t, err := New[T](e.Shape...)
	if err != nil {
		return t, within(s.name, within("tensor "+strconv.Quote(name), err))
	}
	return t, ReadTensor(s, e, t.Data)
}

// ReadTensor reads an entry's elements into dst, which must have as many. Floats and integers become floats of any
// width, rounded to nearest; integers become any integer type that holds their values, and what does not fit is an
// error. NaNs of the same type keep their bits. BOOL counts as an integer, and every byte but 0 as true.
func ReadTensor[T Elem](s *SafeTensors, e Entry, dst []T) error {
	what := "tensor " + strconv.Quote(e.Name)
	if n := e.Count(); n != len(dst) {
		return s.fault(what + " has " + strconv.Itoa(n) + " elements, not " + strconv.Itoa(len(dst)))
	}
	if len(dst) == 0 {
		return nil
	}
	if want := DTypeOf[T](); e.DType == want && want != BOOL {
		return within(s.name, within(what, readAt(s.source, bytesOf(dst), s.data+e.Offset)))
	}
	if !Convertible(e.DType, DTypeOf[T]()) {
		return s.fault(what + " is " + e.DType.MM() + ", which does not become " + elemName[T]())
	}
	return within(s.name, within(what, readConverted(s, e, dst)))
}

// Convertible reports whether ReadTensor reads elements of one type as another.
func Convertible(from, to DType) bool {
	switch to {
	case from:
		return from.float() || intAt[from] != nil
	case F32, F64, F16Type, BF16Type:
		return from.float() || intAt[from] != nil
	case U8, I32, I64, BOOL:
		return intAt[from] != nil
	}
	return false
}

// readConverted reads through a buffer of constant size.
func readConverted[T Elem](s *SafeTensors, e Entry, dst []T) error {
	const buffered = 64 << 10
	buffer := bytesOf(make([]int64, (min(e.Bytes, buffered)+7)/8)) // aligned for a view as any type
	width := e.DType.Bits() / 8
	at := s.data + e.Offset
	for done := 0; done < len(dst); {
		n := min(len(dst)-done, len(buffer)/width)
		raw := buffer[:n*width]
		if err := readAt(s.source, raw, at); err != nil {
			return err
		}
		if bad := convert(dst[done:done+n], raw, e.DType); bad >= 0 {
			return errors.New("element " + strconv.Itoa(done+bad) + " does not fit into " + elemName[T]())
		}
		done += n
		at += int64(len(raw))
	}
	return nil
}

// convert decodes elements of type d; it returns the index of the first that T cannot hold, or -1.
func convert[T Elem](dst []T, raw []byte, d DType) int {
	switch dst := any(dst).(type) {
	case []float32:
		return toFloats(dst, raw, d)
	case []float64:
		return toFloats(dst, raw, d)
	case []F16:
		return toHalves(dst, raw, d, ToF16)
	case []BF16:
		return toHalves(dst, raw, d, ToBF16)
	case []uint8:
		return toInts(dst, raw, d)
	case []int32:
		return toInts(dst, raw, d)
	case []int64:
		return toInts(dst, raw, d)
	case []bool:
		return toBools(dst, raw, d)
	}
	return 0
}

func toFloats[T float32 | float64](dst []T, raw []byte, d DType) int {
	switch d {
	case F16Type:
		for i, v := range viewOf[F16](raw)[:len(dst)] {
			dst[i] = T(v.Float32())
		}
	case BF16Type:
		for i, v := range viewOf[BF16](raw)[:len(dst)] {
			dst[i] = T(v.Float32())
		}
	case F32:
		for i, v := range viewOf[float32](raw)[:len(dst)] {
			dst[i] = T(v)
		}
	case F64:
		for i, v := range viewOf[float64](raw)[:len(dst)] {
			dst[i] = T(v)
		}
	default:
		return intsToFloats(dst, raw, intAt[d])
	}
	return -1
}

func intsToFloats[T float32 | float64](dst []T, raw []byte, get func(b []byte, i int) (int64, bool)) int {
	for i := range dst {
		v, ok := get(raw, i)
		if !ok {
			return i
		}
		dst[i] = T(v)
	}
	return -1
}

// toHalves goes by way of float32, whose rounding a wider number may feel twice.
func toHalves[T F16 | BF16](dst []T, raw []byte, d DType, round func(float32) T) int {
	var wide [64]float32
	for i := 0; i < len(dst); i += len(wide) {
		n := min(len(wide), len(dst)-i)
		if bad := toFloats(wide[:n], raw[i*d.Bits()/8:], d); bad >= 0 {
			return i + bad
		}
		for j, v := range wide[:n] {
			dst[i+j] = round(v)
		}
	}
	return -1
}

func toInts[T uint8 | int32 | int64](dst []T, raw []byte, d DType) int {
	get := intAt[d]
	for i := range dst {
		v, ok := get(raw, i)
		if dst[i] = T(v); !ok || int64(dst[i]) != v {
			return i
		}
	}
	return -1
}

func toBools(dst []bool, raw []byte, d DType) int {
	get := intAt[d]
	for i := range dst {
		v, ok := get(raw, i)
		if !ok || d != BOOL && v != 0 && v != 1 {
			return i
		}
		dst[i] = v != 0
	}
	return -1
}

// intAt decodes element i of each integer type; false if int64 does not hold it.
var intAt = [numDTypes]func(b []byte, i int) (int64, bool){
	BOOL: func(b []byte, i int) (int64, bool) { return int64(b[i]), true },
	U8:   func(b []byte, i int) (int64, bool) { return int64(b[i]), true },
	I8:   func(b []byte, i int) (int64, bool) { return int64(int8(b[i])), true },
	U16:  func(b []byte, i int) (int64, bool) { return int64(le16(b[2*i:])), true },
	I16:  func(b []byte, i int) (int64, bool) { return int64(int16(le16(b[2*i:]))), true },
	U32:  func(b []byte, i int) (int64, bool) { return int64(le32(b[4*i:])), true },
	I32:  func(b []byte, i int) (int64, bool) { return int64(int32(le32(b[4*i:]))), true },
	U64:  func(b []byte, i int) (int64, bool) { v := le64(b[8*i:]); return int64(v), v <= math.MaxInt64 },
	I64:  func(b []byte, i int) (int64, bool) { return int64(le64(b[8*i:])), true },
}

func le16(b []byte) uint16 { return uint16(b[0]) | uint16(b[1])<<8 }

func le32(b []byte) uint32 { return uint32(le16(b)) | uint32(le16(b[2:]))<<16 }

func le64(b []byte) uint64 { return uint64(le32(b)) | uint64(le32(b[4:]))<<32 }

// viewOf is what bytes hold; they must be aligned.
func viewOf[T Elem](raw []byte) []T {
	var zero T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(raw))), uintptr(len(raw))/unsafe.Sizeof(zero))
}

// bytesOf is the memory of a slice.
func bytesOf[T Elem](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), uintptr(len(s))*unsafe.Sizeof(s[0]))
}

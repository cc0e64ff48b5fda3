// Package dtype names the element types of tensors. It knows nothing of shapes or operators.
package dtype

import "math"

// DType is an element type. The zero DType is Invalid.
type DType uint8

// The element types. Bool is stored as one byte, 0 or 1.
const (
	Invalid DType = iota
	F32
	F64
	F16
	BF16
	I32
	I64
	U8
	Bool
)

var table = [...]struct {
	name, goName string
	size         int
}{
	Invalid: {"invalid", "invalid", 0},
	F32:     {"f32", "float32", 4},
	F64:     {"f64", "float64", 8},
	F16:     {"f16", "F16", 2},
	BF16:    {"bf16", "BF16", 2},
	I32:     {"i32", "int32", 4},
	I64:     {"i64", "int64", 8},
	U8:      {"u8", "uint8", 1},
	Bool:    {"bool", "bool", 1},
}

// String returns the name in .mm.
func (d DType) String() string { return table[d].name }

// GoName returns the Go type of one element.
func (d DType) GoName() string { return table[d].goName }

// Size returns the bytes of one element.
func (d DType) Size() int { return table[d].size }

// IsFloat reports whether d holds reals.
func (d DType) IsFloat() bool { return d >= F32 && d <= BF16 }

// IsInt reports whether d holds integers; Bool is not one.
func (d DType) IsInt() bool { return d >= I32 && d <= U8 }

// IsHalf reports whether d is a float of 16 bits, which holds numbers that are computed with as f32.
func (d DType) IsHalf() bool { return d == F16 || d == BF16 }

// halves are the 16-bit formats: bits of the significand, the exponent of the smallest number, the largest number.
var halves = map[DType]struct {
	bits, least int
	most        float64
}{F16: {11, -24, 65504}, BF16: {8, -133, 0x1.FEp127}}

// Rounded is the number nearest to x that a half holds, of two the even one; what is too large becomes infinite. Other types keep x.
func (d DType) Rounded(x float64) float64 {
	h, is := halves[d]
	if !is || x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return x
	}
	_, exp := math.Frexp(x)
	unit := max(exp-h.bits, h.least)
	y := math.Ldexp(math.RoundToEven(math.Ldexp(x, -unit)), unit)
	if math.Abs(y) > h.most {
		return math.Inf(int(math.Copysign(1, x)))
	}
	return y
}

// Parse returns the type of that .mm name.
func Parse(name string) (DType, bool) {
	for d := F32; d <= Bool; d++ {
		if table[d].name == name {
			return d, true
		}
	}
	return Invalid, false
}

// All lists the valid types.
func All() []DType { return []DType{F32, F64, F16, BF16, I32, I64, U8, Bool} }

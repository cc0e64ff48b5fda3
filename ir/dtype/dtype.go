// Package dtype names the element types of tensors. It knows nothing of shapes or operators.
package dtype

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

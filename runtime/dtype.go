package rt

// A DType is an element type of the safetensors format.
type DType uint8

// The element types of the format. Those that mmc computes with have a name in the language too.
const (
	InvalidDType DType = iota
	BOOL
	U8
	I8
	U16
	I16
	U32
	I32
	U64
	I64
	F8E4M3
	F8E5M2
	F8E8M0
	F16Type
	BF16Type
	F32
	F64
	C64
	F4
	F6E2M3
	F6E3M2
	numDTypes
)

// dtypes says what each type is called in a file and in the language, and how many bits an element takes.
var dtypes = [numDTypes]struct {
	file, mm string
	bits     int64
}{
	InvalidDType: {"invalid", "invalid", 0},
	BOOL:         {"BOOL", "bool", 8},
	U8:           {"U8", "u8", 8},
	I8:           {"I8", "i8", 8},
	U16:          {"U16", "u16", 16},
	I16:          {"I16", "i16", 16},
	U32:          {"U32", "u32", 32},
	I32:          {"I32", "i32", 32},
	U64:          {"U64", "u64", 64},
	I64:          {"I64", "i64", 64},
	F8E4M3:       {"F8_E4M3", "f8e4m3", 8},
	F8E5M2:       {"F8_E5M2", "f8e5m2", 8},
	F8E8M0:       {"F8_E8M0", "f8e8m0", 8},
	F16Type:      {"F16", "f16", 16},
	BF16Type:     {"BF16", "bf16", 16},
	F32:          {"F32", "f32", 32},
	F64:          {"F64", "f64", 64},
	C64:          {"C64", "c64", 64},
	F4:           {"F4", "f4", 4},
	F6E2M3:       {"F6_E2M3", "f6e2m3", 6},
	F6E3M2:       {"F6_E3M2", "f6e3m2", 6},
}

// String is the name in a file, such as F32.
func (d DType) String() string { return dtypes[d.known()].file }

// MM is the name in the language, such as f32.
func (d DType) MM() string { return dtypes[d.known()].mm }

// Bits is the width of an element.
func (d DType) Bits() int { return int(dtypes[d.known()].bits) }

// float reports whether it is one of the float types that can be read.
func (d DType) float() bool { return d == F32 || d == F64 || d == F16Type || d == BF16Type }

func (d DType) known() DType {
	if d >= numDTypes {
		return InvalidDType
	}
	return d
}

// ParseDType finds a type by its name in a file.
func ParseDType(name string) (DType, bool) {
	for d := InvalidDType + 1; d < numDTypes; d++ {
		if dtypes[d].file == name {
			return d, true
		}
	}
	return InvalidDType, false
}

// DTypeOf is the type of a tensor's elements in a file.
func DTypeOf[T Elem]() DType {
	var zero T
	switch any(zero).(type) {
	case float32:
		return F32
	case float64:
		return F64
	case int32:
		return I32
	case int64:
		return I64
	case uint8:
		return U8
	case bool:
		return BOOL
	case F16:
		return F16Type
	case BF16:
		return BF16Type
	}
	return InvalidDType
}

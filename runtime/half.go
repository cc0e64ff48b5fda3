package rt

import "math"

// F16 holds the bits of an IEEE 754 binary16 number.
type F16 uint16

// BF16 holds the bits of a bfloat16 number: the upper half of a float32.
type BF16 uint16

// Float32 widens exactly; a NaN keeps its payload.
func (h F16) Float32() float32 {
	sign, exp, frac := uint32(h>>15)<<31, uint32(h>>10)&31, uint32(h)&0x3FF
	switch exp {
	case 31: // infinity or NaN
		return math.Float32frombits(sign | 0x7F800000 | frac<<13)
	case 0: // zero or subnormal: frac * 2^-24 is exact
		return math.Float32frombits(sign | math.Float32bits(float32(frac)*(1.0/(1<<24))))
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | frac<<13)
}

// ToF16 rounds to nearest, ties to even; what is too large becomes infinity.
func ToF16(f float32) F16 {
	b := math.Float32bits(f)
	sign, mag := F16(b>>16)&0x8000, b&0x7FFFFFFF
	switch {
	case mag > 0x7F800000: // NaN: keep the upper payload, stay a NaN
		return sign | 0x7E00 | F16(mag>>13)&0x3FF
	case mag >= 0x477FF000: // 65520, half way between the largest number and the next power of two
		return sign | 0x7C00
	case mag < 0x38800000: // below 2^-14: adding 0.5 leaves the subnormal, rounded by the hardware, in the low bits
		return sign | F16(math.Float32bits(math.Float32frombits(mag)+0.5)-math.Float32bits(0.5))
	}
	mag += 0xFFF + mag>>13&1 // half an ulp of the target, less one when the kept part is even
	return sign | F16((mag-(127-15)<<23)>>13)
}

// Float32 widens exactly.
func (h BF16) Float32() float32 { return math.Float32frombits(uint32(h) << 16) }

// ToBF16 rounds to nearest, ties to even.
func ToBF16(f float32) BF16 {
	b := math.Float32bits(f)
	if b&0x7FFFFFFF > 0x7F800000 { // NaN: rounding could carry it into infinity
		return BF16(b>>16) | 0x40
	}
	return BF16((b + 0x7FFF + b>>16&1) >> 16)
}

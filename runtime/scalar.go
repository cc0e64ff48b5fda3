package rt

import "math"

// The scalar functions below are what portable kernels call where Go has no operator of the same meaning.

// Integer is the set of integer element types.
type Integer interface {
	int | int32 | int64 | uint8
}

// Real is the set of element types with an order and a sign.
type Real interface {
	float32 | float64 | int32 | int64 | uint8
}

// FloorDiv is a / b rounded down, and 0 where b is 0.
func FloorDiv[T Integer](a, b T) T {
	if b == 0 {
		return 0
	}
	q := a / b
	if r := a % b; r != 0 && (r < 0) != (b < 0) {
		q--
	}
	return q
}

// FloorMod is the remainder of FloorDiv: it has the sign of b, and is a where b is 0.
func FloorMod[T Integer](a, b T) T {
	if b == 0 {
		return a
	}
	r := a % b
	if r != 0 && (r < 0) != (b < 0) {
		r += b
	}
	return r
}

// Mod is x - y*floor(x/y).
func Mod(x, y float64) float64 {
	r := math.Mod(x, y)
	if r != 0 && (r < 0) != (y < 0) {
		r += y
	}
	return r
}

// PowInt is a to the power of b; a negative power rounds toward zero as division does.
func PowInt[T Integer](a, b T) T {
	if b < 0 {
		switch {
		case a == 1:
			return 1
		case a+1 == 0: // a is -1
			return 1 - 2*(b&1)
		}
		return 0
	}
	p := T(1)
	for ; b > 0; b >>= 1 {
		if b&1 != 0 {
			p *= a
		}
		a *= a
	}
	return p
}

// Sign is -1, 0 or 1; zeros and NaN stay themselves.
func Sign[T Real](x T) T {
	one := T(1)
	switch {
	case x > 0:
		return one
	case x < 0:
		return -one
	}
	return x
}

// Abs is the absolute value.
func Abs[T Real](x T) T {
	if x < 0 {
		return -x
	}
	return x + 0 // -0 becomes 0
}

// Sigmoid is the logistic function.
func Sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Pick is a where c holds, else b.
func Pick[T any](c bool, a, b T) T {
	if c {
		return a
	}
	return b
}

// FromBool is 1 or 0.
func FromBool[T Real](b bool) T {
	if b {
		return 1
	}
	return 0
}

// Clamp keeps an index inside of 0 .. n-1.
func Clamp(i, n int) int { return max(0, min(i, n-1)) }

// RoundF16 and RoundBF16 round to the numbers that the types hold.
func RoundF16(x float32) float32 { return ToF16(x).Float32() }

// RoundBF16 is RoundF16 for bfloat16.
func RoundBF16(x float32) float32 { return ToBF16(x).Float32() }

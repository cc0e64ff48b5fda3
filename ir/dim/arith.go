package dim

import (
	"math"
	"math/bits"
)

// addInt is a + b; ok tells that it did not overflow.
func addInt(a, b int64) (sum int64, ok bool) {
	sum = a + b
	return sum, (sum > a) == (b > 0)
}

// mulInt is a * b; ok tells that it did not overflow.
func mulInt(a, b int64) (product int64, ok bool) {
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	negative := (a < 0) != (b < 0)
	switch {
	case hi != 0 || lo > 1<<63:
		return 0, false
	case lo == 1<<63:
		return math.MinInt64, negative
	case negative:
		return -int64(lo), true
	}
	return int64(lo), true
}

// magnitude is |a|, for math.MinInt64 too.
func magnitude(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

// floorDiv rounds a / b towards minus infinity. b is not zero; ok is false only for math.MinInt64 / -1.
func floorDiv(a, b int64) (quotient int64, ok bool) {
	if a == math.MinInt64 && b == -1 {
		return 0, false
	}
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q, true
}

// floorMod is a - k*floor(a/k) for k > 0, so 0 <= floorMod(a, k) < k.
func floorMod(a, k int64) int64 {
	if r := a % k; r < 0 {
		return r + k
	} else {
		return r
	}
}

// gcd is the greatest common divisor, never negative; gcd(0, b) = |b|. Its result for math.MinInt64 alone is negative and callers
// treat it as 1 (no common factor).
func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	if a < 0 {
		return -a
	}
	return a
}

// lcm is the least common multiple of two positive numbers.
func lcm(a, b int64) (int64, bool) { return mulInt(a/gcd(a, b), b) }

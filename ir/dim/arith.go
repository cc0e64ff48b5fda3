package dim

import (
	"math"
	"math/bits"
)

// Coefficients and values lie in [-maxInt, maxInt]: without the odd -2**63 a sign can always be changed and read back.
const maxInt = math.MaxInt64

// addInt is a + b; ok tells that it is in range.
func addInt(a, b int64) (sum int64, ok bool) {
	sum = a + b
	return sum, (sum > a) == (b > 0) && sum >= -maxInt
}

// mulInt is a * b; ok tells that it is in range.
func mulInt(a, b int64) (product int64, ok bool) {
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	if hi != 0 || lo > maxInt {
		return 0, false
	}
	if (a < 0) != (b < 0) {
		return -int64(lo), true
	}
	return int64(lo), true
}

func magnitude(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

// floorDiv rounds a / b towards minus infinity; b is not zero.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// floorMod is a - k*floor(a/k) for k > 0, so 0 <= floorMod(a, k) < k.
func floorMod(a, k int64) int64 {
	r := a % k
	if r < 0 {
		r += k
	}
	return r
}

// gcd is the greatest common divisor, never negative; gcd(0, b) = |b|.
func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, -a)
}

// lcm is the least common multiple of two positive numbers.
func lcm(a, b int64) (multiple int64, ok bool) { return mulInt(a/gcd(a, b), b) }

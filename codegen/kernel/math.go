package kernel

import (
	"math"

	"mmc/codegen/vec"
)

// Vector mathematics: each function records its formula for float32 lanes, the same for all targets, and is right for NaN,
// infinities, subnormals and huge arguments. docs/accuracy.md has the measured errors. Polynomials are minimax fits whose
// coefficients were rounded to float32 one after the other, the rest being fitted again each time. Constants are memory
// operands, so that the functions need few registers and may run on accumulators.

// log 2 in two parts: the product of an exponent with the first, of 15 bits, is exact, so that it needs no fused multiply-add.
const (
	ln2High = 0x3f317200
	ln2Low  = 0x35bfbe8e
)

// poly is c[0] + x*(c[1] + x*(...)).
func poly(b *vec.Builder, x vec.V, c ...uint32) vec.V {
	last := len(c) - 1
	p := b.ConstBits(c[last])
	for k := last - 1; k >= 0; k-- {
		p = b.Madd(p, x, b.ConstBits(c[k]))
	}
	return p
}

// expTail is (exp(r) - 1 - r) / r² for |r| <= log(2)/2, within 2^-28 of exp(r).
func expTail(b *vec.Builder, r vec.V) vec.V {
	return poly(b, r, 0x3efffffe, 0x3e2aaa48, 0x3d2aac4f, 0x3c091d65, 0x3ab53134)
}

// expReduce splits x = n log 2 + r.
func expReduce(b *vec.Builder, x vec.V) (n, r vec.V) {
	n = b.Round(b.Mul(x, b.Const(math.Log2E)))
	r = b.Nmadd(n, b.ConstBits(ln2High), x)
	return n, b.Nmadd(n, b.ConstBits(ln2Low), r)
}

// expOf is exp(r) for a reduced r: 1 is added last, so that its rounding is nearly the only one.
func expOf(b *vec.Builder, r vec.V) vec.V {
	q := expTail(b, r)
	s := b.Madd(q, b.Mul(r, r), r)
	return b.Add(s, b.Const(1))
}

// clamp keeps NaN.
func clamp(b *vec.Builder, x vec.V, lo, hi float32) vec.V {
	return b.MinRaw(b.Const(hi), b.MaxRaw(b.Const(lo), x))
}

// Exp is e^x.
func Exp(b *vec.Builder, x vec.V) vec.V {
	n, r := expReduce(b, clamp(b, x, -104, 89))
	return b.Scale(expOf(b, r), n)
}

// expFine is exp(x - low) = e 2^n with an error of 0.75 instead of 0.97 units in the last place: the low part of x - n log 2
// stays apart until the polynomial has been added to it. low is 0 or small.
func expFine(b *vec.Builder, x, low vec.V) (n, e vec.V) {
	n = b.Round(b.Mul(x, b.Const(math.Log2E)))
	high := b.Nmadd(n, b.ConstBits(ln2High), x)
	if low == 0 {
		low = b.Mul(n, b.ConstBits(ln2Low))
	} else {
		low = b.Madd(n, b.ConstBits(ln2Low), low)
	}
	r := b.Sub(high, low)
	q := expTail(b, r)
	s := b.Add(b.Msub(q, b.Mul(r, r), low), high)
	return n, b.Add(s, b.Const(1))
}

// Sigmoid is q = 1 / (1 + e^|x|) for negative x, else 1 - q. With e^|x| = 2^n (1+s) the denominator is 2^n (2^-n + 1 + s): it
// never overflows. What 2^-n + 1 loses from n = 24 on is added to s.
func Sigmoid(b *vec.Builder, x vec.V) vec.V {
	n, r := expReduce(b, b.MinRaw(b.Const(104), b.Abs(x)))
	n = b.Neg(n)
	s := b.Madd(expTail(b, r), b.Mul(r, r), r)
	power := b.Scale(b.Const(1), n)
	one := b.Add(power, b.Const(1))
	lost := b.Sub(power, b.Sub(one, b.Const(1)))
	q := b.Scale(b.Div(b.Const(1), b.Add(one, b.Add(s, lost))), n)
	return b.Select(b.Cmp(vec.LT, x, b.Const(0)), q, b.Sub(b.Const(1), q))
}

// Tanh is 1 - 2 / (e^2|x| + 1) with x's sign, and for |x| < 5/8 a polynomial, since the difference cancels there.
func Tanh(b *vec.Builder, x vec.V) vec.V {
	y := b.MinRaw(b.Const(20), b.Abs(b.Add(x, x)))
	n, r := expReduce(b, y)
	e := b.Scale(expOf(b, r), n)
	large := b.CopySign(b.Sub(b.Const(1), b.Div(b.Const(2), b.Add(e, b.Const(1)))), x)
	s := b.Mul(x, x)
	q := poly(b, s, 0xbeaaaa99, 0x3e08837e, 0xbd5c1b98, 0x3ca903a3, 0xbbbaaf4f)
	small := b.Madd(b.Mul(q, s), x, x)
	return b.Select(b.Cmp(vec.LT, b.Abs(x), b.Const(0.625)), small, large)
}

// Expm1 is e^x - 1, accurate near zero.
func Expm1(b *vec.Builder, x vec.V) vec.V {
	e := expm1(b, clamp(b, x, -20, 89))
	// For -0 and subnormals the formula keeps the value but not the sign of zero.
	return b.Select(b.Cmp(vec.EQ, x, b.Const(0)), x, e)
}

// expm1 is 2^n (e^r - 1) + (2^n - 1).
func expm1(b *vec.Builder, x vec.V) vec.V {
	n, r := expReduce(b, x)
	q := poly(b, r, 0x3f000000, 0x3e2aaaaa, 0x3d2aaa7c, 0x3c088970, 0x3ab69d25, 0x394f3077)
	p := b.Madd(q, b.Mul(r, r), r)
	// 2^128 does not exist: half of everything is computed and doubled.
	half := b.Scale(b.Const(0.5), n)
	s := b.Madd(half, p, b.Sub(half, b.Const(0.5)))
	return b.Add(s, s)
}

// Log is the natural logarithm: x = 2^n (1 + f), log(1+f) = f - f²/2 + f³ P(f).
func Log(b *vec.Builder, x vec.V) vec.V {
	n, f := logReduce(b, x)
	p := log1pTail(b, f)
	y := b.Madd(n, b.ConstBits(ln2Low), p)
	return b.Madd(n, b.ConstBits(ln2High), b.Add(f, y))
}

// Log2 is the logarithm to base 2.
func Log2(b *vec.Builder, x vec.V) vec.V {
	n, f := logReduce(b, x)
	p := log1pTail(b, f)
	// log2(e) = 1.5 - 0.0573..: the first product is exact to two bits.
	y := b.Mul(b.Add(f, p), b.Const(math.Log2E-1.5))
	y = b.Madd(p, b.Const(1.5), y)
	return b.Add(n, b.Madd(f, b.Const(1.5), y))
}

// logReduce splits x = 2^n (1 + f) with f in [-1/4, 1/2), so that n is 0 around 1.
func logReduce(b *vec.Builder, x vec.V) (n, f vec.V) {
	m := b.GetMant(x)
	n = b.Sub(b.GetExp(x), b.GetExp(m))
	return n, b.Sub(m, b.Const(1))
}

// log1pTail is log(1+f) - f.
func log1pTail(b *vec.Builder, f vec.V) vec.V {
	p := poly(b, f, 0x3eaaaaad, 0xbe800038, 0x3e4ccbae, 0xbe2a8c9a, 0x3e1231fb, 0xbe025ae5, 0x3def919c, 0xbdba5c0c, 0x3d19b283)
	s := b.Mul(f, f)
	return b.Mul(s, b.Madd(p, f, b.Const(-0.5)))
}

// Rsqrt is 1 / sqrt(x).
func Rsqrt(b *vec.Builder, x vec.V) vec.V { return b.Div(b.Const(1), b.Sqrt(x)) }

// erfLimit is where the error function changes its formula.
const erfLimit = 0.8125

// erfSmall is erf(x) for |x| < erfLimit.
func erfSmall(b *vec.Builder, x vec.V) vec.V {
	q := poly(b, b.Mul(x, x), 0x3e0375d4, 0xbec09398, 0x3de713ff, 0xbcdbb4a9, 0x3ba68198, 0xba2a8024)
	return b.Madd(q, x, x)
}

// erfcLarge is erfc(a) for a >= erfLimit: exp(-a²) P(1/(a+1) - 5/16) / (a+1). The square is split in an exact part h² and
// a small one, (a-h)(a+h), since its rounding would be multiplied by itself.
func erfcLarge(b *vec.Builder, a vec.V) vec.V {
	const round = 3 << 14 // adding it leaves 12 bits of a, NaN stays NaN
	a = b.MinRaw(b.Const(10.2), a)
	h := b.Sub(b.Add(a, b.Const(round)), b.Const(round))
	low := b.Mul(b.Sub(a, h), b.Add(a, h))
	n, e := expFine(b, b.Neg(b.Mul(h, h)), low)
	d := b.Add(a, b.Const(1))
	p := poly(b, b.Sub(b.Div(b.Const(1), d), b.Const(0.3125)), 0x3f40ff6d, 0x3f183b16, 0xbe5f8511, 0xbef84200, 0x3efc034c, 0x3eab92f8, 0xbf9527d2, 0x3f2fec25, 0x3fd3a96d, 0xc03dac56)
	return b.Scale(b.Div(b.Mul(e, p), d), n)
}

// Erfc is the complementary error function.
func Erfc(b *vec.Builder, x vec.V) vec.V {
	y := erfcLarge(b, b.Abs(x))
	y = b.Select(b.Cmp(vec.LT, x, b.Const(0)), b.Sub(b.Const(2), y), y)
	return b.Select(b.Cmp(vec.LT, b.Abs(x), b.Const(erfLimit)), b.Sub(b.Const(1), erfSmall(b, x)), y)
}

// Erf is the error function.
func Erf(b *vec.Builder, x vec.V) vec.V {
	y := b.CopySign(b.Sub(b.Const(1), erfcLarge(b, b.Abs(x))), x)
	return b.Select(b.Cmp(vec.LT, b.Abs(x), b.Const(erfLimit)), erfSmall(b, x), y)
}

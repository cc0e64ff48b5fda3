package kernel

import "mmc/codegen/vec"

// Sine and cosine: x = q π/2 + r with |r| <= π/4, then a polynomial for the quadrant q.

// trigLimit is where the subtraction of q times π/2 in four parts ends and 2/π with all its bits begins.
const trigLimit = 8192

// Sin is the sine.
func Sin(b *vec.Builder, x vec.V) vec.V {
	q, r := trigReduce(b, b.Abs(x))
	sign := b.And(b.AsI(x), b.ConstI(-1<<31))
	return b.AsF(b.Xor(sign, b.AsI(quadrant(b, q, r))))
}

// Cos is the cosine.
func Cos(b *vec.Builder, x vec.V) vec.V {
	q, r := trigReduce(b, b.Abs(x))
	return quadrant(b, b.Add(q, b.ConstI(1)), r)
}

// quadrant is sin(q π/2 + r).
func quadrant(b *vec.Builder, q, r vec.V) vec.V {
	s := b.Mul(r, r)
	cos := b.Madd(poly(b, s, 0x3d2aaaa5, 0xbab60614, 0x37ccf40c), s, b.Const(-0.5))
	cos = b.Madd(cos, s, b.Const(1))
	sin := b.Mul(poly(b, s, 0xbe2aaaa3, 0x3c0883bb, 0xb94ca96d), s)
	sin = b.Madd(sin, r, r)
	odd := b.Cmp(vec.NE, b.And(q, b.ConstI(1)), b.ConstI(0))
	negative := b.Shl(b.And(q, b.ConstI(2)), 30)
	return b.AsF(b.Xor(negative, b.AsI(b.Select(odd, cos, sin))))
}

// trigReduce splits a >= 0. The first three parts of π/2 are so short that their products with n are exact.
func trigReduce(b *vec.Builder, a vec.V) (q, r vec.V) {
	huge := b.NotM(b.Cmp(vec.LT, a, b.Const(trigLimit))) // NaN, too
	n := b.Round(b.Mul(a, b.ConstBits(0x3f22f983)))
	q, r = b.NewVI(), b.NewV()
	b.Set(q, b.ToI(n))
	d := b.Nmadd(n, b.ConstBits(0x3fc90000), a)
	d = b.Nmadd(n, b.ConstBits(0x39fda000), d)
	const third, fourth = 0x33a22000, 0x2c34611a
	e := b.Nmadd(n, b.ConstBits(third), d)
	lost := b.Nmadd(n, b.ConstBits(third), b.Sub(d, e)) // what rounding took from e
	b.Set(r, b.Add(e, b.Nmadd(n, b.ConstBits(fourth), lost)))
	b.If(b.BitsOf(huge), 0xffff, func() {
		q1, r1 := hugeReduce(b, a)
		b.Set(q, b.Select(huge, q1, q))
		b.Set(r, b.Select(huge, r1, r))
	}, nil)
	return q, r
}

// twoOverPi are the bits of 2/π behind the point, after 32 zeros.
var twoOverPi = [vec.TableSize]uint32{0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab}

// hugeReduce follows Payne and Hanek: a is an integer m times a power of two, so only 96 bits of 2/π matter, those that give
// multiples of 4 dropping out. The product is a fixed-point number with two bits before the point.
func hugeReduce(b *vec.Builder, a vec.V) (q, r vec.V) {
	bits := b.AsI(a)
	m := b.Or(b.And(bits, b.ConstI(1<<23-1)), b.ConstI(1<<23))
	first := b.Sub(b.Shr(bits, 23), b.ConstI(150-30)) // of the 96 bits
	var high, low vec.V
	{
		p2, p1, p0 := window(b, first)
		low1 := b.Mul(m, p1)
		low = b.Add(low1, mulHigh(b, m, p0))
		carry := b.Ones(lessUnsigned(b, low, low1))
		high = b.Add(b.Add(b.Mul(m, p2), mulHigh(b, m, p1)), carry)
	}
	q = b.Shr(b.Add(high, b.ConstI(1<<29)), 30)
	high = b.Sub(high, b.Shl(q, 30))
	sign := b.Sar(high, 31) // the magnitude, so that nothing cancels when its parts are added
	high, low = b.Xor(high, sign), b.Xor(low, sign)
	// Now high and low are the fraction of a quadrant. Its first 12 bits times 12 bits of π/2 are exact, and the sum with all the
	// rest is rounded once.
	const halfPi, halfPiHigh, halfPiLow = 0x3fc90fdb, 0x3fc90000, 0x39fdaa22
	top := b.Mul(b.ToF(b.Sar(high, 18)), b.Const(1.0/(1<<12)))
	mid := b.ToF(b.Or(b.Shl(b.And(high, b.ConstI(1<<18-1)), 6), b.Shr(low, 26)))
	rest := b.Madd(b.ToF(b.And(low, b.ConstI(1<<26-1))), b.Const(1.0/(1<<26)), mid)
	rest = b.Mul(b.Mul(rest, b.Const(1.0/(1<<36))), b.ConstBits(halfPi))
	rest = b.Madd(top, b.ConstBits(halfPiLow), rest)
	r = b.Madd(top, b.ConstBits(halfPiHigh), rest)
	r = b.AsF(b.Xor(b.AsI(r), b.And(sign, b.ConstI(-1<<31))))
	return q, b.Add(r, b.Sub(a, a)) // NaN of infinities
}

// window is 96 bits of the table from a bit on.
func window(b *vec.Builder, first vec.V) (p2, p1, p0 vec.V) {
	idx := b.Shr(first, 5)
	left := b.And(first, b.ConstI(31))
	right := b.Sub(b.ConstI(32), left)
	var p [3]vec.V
	word := b.Lookup(twoOverPi, idx)
	for k := range p {
		next := b.Lookup(twoOverPi, b.Add(idx, b.ConstI(int32(k+1))))
		p[k] = b.Or(b.ShlV(word, left), b.ShrV(next, right))
		word = next
	}
	return p[0], p[1], p[2]
}

// mulHigh is the upper half of the product of m < 2^24 and an unsigned p, by halves of 16 bits.
func mulHigh(b *vec.Builder, m, p vec.V) vec.V {
	half := b.ConstI(0xffff)
	mh, ml := b.Shr(m, 16), b.And(m, half)
	ph, pl := b.Shr(p, 16), b.And(p, half)
	t := b.Add(b.Mul(ml, ph), b.Shr(b.Mul(ml, pl), 16))
	w := b.Add(b.Mul(mh, pl), b.And(t, half))
	return b.Add(b.Add(b.Mul(mh, ph), b.Shr(t, 16)), b.Shr(w, 16))
}

// lessUnsigned compares int32 lanes as unsigned numbers.
func lessUnsigned(b *vec.Builder, x, y vec.V) vec.M {
	flip := b.ConstI(-1 << 31)
	return b.Cmp(vec.LT, b.Xor(x, flip), b.Xor(y, flip))
}

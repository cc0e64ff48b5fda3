package rt

import "math"

// The laws of distribution below are a contract between targets: the same float32 operations in the same order,
// each rounded on its own. Go may fuse x*y + z where the machine can, unless the product is converted explicitly:
// hence float32(x*y) wherever a sum follows, as __fmul_rn in CUDA. Square roots are correctly rounded everywhere;
// logarithm, sine and cosine are polynomials of our own.

// unit is the step of the 24 bits that a float32 in [0, 1) can hold without rounding.
const unit = 1.0 / (1 << 24)

type uniformLaw struct {
	lo, width float32
	last      float32 // the largest number below hi, which rounding must not reach
}

func (l uniformLaw) values(w [4]uint32) (v [4]float32) {
	for i, x := range w {
		u := float32(int32(x>>8)) * unit
		v[i] = min(float32(l.width*u)+l.lo, l.last)
	}
	return v
}

// below is the next number towards -infinity.
func below(x float32) float32 { return math.Nextafter32(x, float32(math.Inf(-1))) }

type bernoulliLaw struct{ p float32 }

func (l bernoulliLaw) values(w [4]uint32) (v [4]float32) {
	for i, x := range w {
		if l.one(x) {
			v[i] = 1
		}
	}
	return v
}

func (l bernoulliLaw) one(w uint32) bool { return float32(int32(w>>8))*unit < l.p }

type normalLaw struct{ mean, deviation float32 }

// values makes two pairs by Box and Muller: words 0 and 2 give the radii, 1 and 3 the angles.
func (l normalLaw) values(w [4]uint32) (v [4]float32) {
	for i := 0; i < 4; i += 2 {
		r := radius(w[i])
		sin, cos := sinCosTurn(w[i+1])
		v[i] = float32(l.deviation*float32(r*cos)) + l.mean
		v[i+1] = float32(l.deviation*float32(r*sin)) + l.mean
	}
	return v
}

// radius is sqrt(-2 ln u), u = (the upper 24 bits + 1) / 2^24 in (0, 1].
func radius(w uint32) float32 {
	x := -2 * lnUnit(int32(w>>8)+1)
	return float32(math.Sqrt(float64(x))) // rounding twice gives the correctly rounded float32 root
}

// Polynomial of lnUnit: (ln(1+f) - f + f*f/2) / f^3 for sqrt(1/2) <= 1+f <= sqrt(2), within 6e-9 of ln(1+f), relatively.
// ln2Head has so few bits that its product with an exponent is exact.
const (
	ln0, ln1, ln2, ln3 = 0.333333164, -0.250008076, 0.200022861, -0.166245967
	ln4, ln5, ln6, ln7 = 0.141812146, -0.131284043, 0.128814042, -0.0786020756

	ln2Head, ln2Tail = 0.693359375, -2.12194440e-4
)

// lnUnit is ln(k / 2^24) for k in 1 .. 2^24.
func lnUnit(k int32) float32 {
	const one, rootHalf = 0x3F800000, 0x3F3504F3 // the bits of 1 and of sqrt(1/2)
	b := math.Float32bits(float32(k)) + (one - rootHalf)
	e := float32(int32(b>>23) - 127 - 24)
	f := math.Float32frombits(b&0x7FFFFF+rootHalf) - 1
	p := float32(f*ln7) + ln6
	p = float32(f*p) + ln5
	p = float32(f*p) + ln4
	p = float32(f*p) + ln3
	p = float32(f*p) + ln2
	p = float32(f*p) + ln1
	p = float32(f*p) + ln0
	square := float32(f * f)
	y := float32(float32(square*f) * p)
	y = float32(e*ln2Tail) + y
	y = y - float32(0.5*square)
	return float32(e*ln2Head) + (f + y)
}

// Polynomials of sinCosTurn: sin(pi/4 y) / y and (cos(pi/4 y) - 1) / y^2 in y^2 for y in -1 .. 1, within 3e-9.
const (
	sin0, sin1, sin2, sin3 = 0.785398185, -0.0807454363, 0.00249000709, -3.59545083e-5
	cos0, cos1, cos2, cos3 = -0.308425128, 0.0158543382, -0.000325961388, 3.54196686e-6
)

// sinCosTurn gives sine and cosine of 2 pi k / 2^24, k being the upper 24 bits. The nearest quarter turn is taken
// off in integers, without error.
func sinCosTurn(w uint32) (sin, cos float32) {
	k := int32(w >> 8)
	quarter := (k + 1<<21) >> 22
	y := float32(k-quarter<<22) * (1.0 / (1 << 21))
	z := float32(y * y)
	s := float32(z*sin3) + sin2
	s = float32(z*s) + sin1
	s = float32(z*s) + sin0
	s = float32(y * s)
	c := float32(z*cos3) + cos2
	c = float32(z*c) + cos1
	c = float32(z*c) + cos0
	c = float32(z*c) + 1
	if quarter&1 != 0 {
		s, c = c, -s
	}
	if quarter&2 != 0 {
		s, c = -s, -c
	}
	return s, c
}

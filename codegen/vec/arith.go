package vec

import "math"

// pair is the float and the integer form of an operation; opNone where there is none.
type pair struct{ f, i op }

// two records d = o(x, y). The second operand may stay a constant in memory.
func (b *Builder) two(p pair, x, y V) V {
	o := b.form(p, x)
	if x < 0 && y > 0 && o.is(fCommute) {
		x, y = y, x
	}
	return V(b.def(instr{op: o, a: int32(b.inReg(x)), b: int32(y)}))
}

func (b *Builder) one(p pair, x V) V {
	return V(b.def(instr{op: b.form(p, x), a: int32(b.inReg(x))}))
}

// form picks the operation for x's kind.
func (b *Builder) form(p pair, x V) op {
	o := p.i
	if b.isFloat(x) {
		o = p.f
	}
	if o == opNone {
		b.fail("%s is not defined on an %s", ops[max(p.f, p.i)].name, kindNames[b.kindOf(int32(x))])
		return max(p.f, p.i)
	}
	return o
}

// three records d = o(x, y, z), where one of y and z may stay a constant.
func (b *Builder) three(o op, x, y, z V) V {
	if x < 0 {
		x, y = y, x
	}
	if y < 0 && z < 0 {
		z = b.inReg(z)
	}
	return V(b.def(instr{op: o, a: int32(b.inReg(x)), b: int32(y), c: int32(z)}))
}

// constant finds or makes a constant.
func (b *Builder) constant(bits uint32, k kind) V {
	for n, c := range b.konst {
		if c.bits == bits && c.kind == k {
			return V(-1 - n)
		}
	}
	b.konst = append(b.konst, konst{bits, k})
	return V(-len(b.konst))
}

// Const is x in every lane.
func (b *Builder) Const(x float32) V { return b.constant(math.Float32bits(x), kF32) }

// ConstBits is the float32 with these bits in every lane.
func (b *Builder) ConstBits(bits uint32) V { return b.constant(bits, kF32) }

// ConstI is n in every lane.
func (b *Builder) ConstI(n int32) V { return b.constant(uint32(n), kI32) }

// inReg brings a constant into a register.
func (b *Builder) inReg(v V) V {
	switch {
	case v >= 0:
		return v
	case b.konst[-1-v].bits == 0:
		return V(b.def(instr{op: b.form(pair{opZeroF, opZeroI}, v)}))
	}
	return V(b.def(instr{op: b.form(pair{opConstF, opConstI}, v), a: int32(v)}))
}

// Hold loads a constant into a register, for loops whose every instruction would fetch it again.
func (b *Builder) Hold(v V) V { return b.inReg(v) }

// Zero is a float register of zeros, to be changed in place.
func (b *Builder) Zero() V { return V(b.def(instr{op: opZeroF})) }

// NewV is a float register without a value: SetZero, SetLoad or Set define it.
func (b *Builder) NewV() V { return V(b.newReg(kF32)) }

// NewVI is an int32 register without a value.
func (b *Builder) NewVI() V { return V(b.newReg(kI32)) }

// SetZero clears d.
func (b *Builder) SetZero(d V) { b.add(instr{op: b.form(pair{opZeroF, opZeroI}, d), d: int32(d)}) }

// Set is d = v, for values that a loop carries. When v has just been computed its instruction writes d directly, and v may
// not be used again.
func (b *Builder) Set(d, v V) {
	if n := len(b.code) - 1; n >= 0 && v > 0 && b.code[n].d == int32(v) {
		last := &b.code[n]
		if _, inout := last.op.result(); !inout && b.lastReg(v) && !last.op.is(fEarly) {
			last.d = int32(d)
			return
		}
	}
	if v < 0 {
		b.add(instr{op: b.form(pair{opConstF, opConstI}, v), d: int32(d), a: int32(v)})
		return
	}
	b.add(instr{op: b.form(pair{opMovF, opMovI}, v), d: int32(d), a: int32(v)})
}

// lastReg reports whether v is the youngest register: nothing else can have defined it before.
func (b *Builder) lastReg(v V) bool { return int(v) == len(b.regs)-1 }

// Float arithmetic; Add, Sub and Mul are for int32 lanes too and wrap.

// Add is x + y.
func (b *Builder) Add(x, y V) V { return b.two(pair{opAddF, opAddI}, x, y) }

// Sub is x - y.
func (b *Builder) Sub(x, y V) V { return b.two(pair{opSubF, opSubI}, x, y) }

// Mul is x * y.
func (b *Builder) Mul(x, y V) V { return b.two(pair{opMulF, opMulI}, x, y) }

// Div is x / y.
func (b *Builder) Div(x, y V) V { return b.two(pair{f: opDivF}, x, y) }

// Sqrt is the square root, correctly rounded.
func (b *Builder) Sqrt(x V) V { return b.one(pair{f: opSqrt}, x) }

// MinRaw is x < y ? x : y, so y when one of them is NaN or when both are zeros: the form that costs one instruction.
func (b *Builder) MinRaw(x, y V) V { return b.two(pair{opMinF, opMinI}, x, y) }

// MaxRaw is x > y ? x : y, so y when one of them is NaN or when both are zeros.
func (b *Builder) MaxRaw(x, y V) V { return b.two(pair{opMaxF, opMaxI}, x, y) }

// Min is the smaller one, or NaN when one of them is NaN.
func (b *Builder) Min(x, y V) V { return b.propagate(b.MinRaw, x, y) }

// Max is the larger one, or NaN when one of them is NaN.
func (b *Builder) Max(x, y V) V { return b.propagate(b.MaxRaw, x, y) }

// propagate makes an operation that keeps only its second operand's NaNs keep both's. A constant is no NaN and goes first.
func (b *Builder) propagate(raw func(x, y V) V, x, y V) V {
	if y < 0 {
		x, y = y, x
	}
	r := raw(x, y)
	if x < 0 || !b.isFloat(x) {
		return r
	}
	return b.Select(b.IsNaN(x), x, r)
}

// Fma is d += x*y, in place.
func (b *Builder) Fma(d, x, y V) {
	if x < 0 {
		x, y = y, x
	}
	b.add(instr{op: opFma, d: int32(d), a: int32(b.inReg(x)), b: int32(y)})
}

// FmaBcast is d += x*y, in place, y being one element in every lane.
func (b *Builder) FmaBcast(d, x V, y Mem) {
	if b.elem(y.P) != F32 {
		b.fail("a broadcast of %s cannot be multiplied", b.elem(y.P).Go())
		return
	}
	b.add(instr{op: opFmaBcast, d: int32(d), a: int32(b.inReg(x)), mem: y})
}

// Madd is x*y + z, rounded once where the target fuses.
func (b *Builder) Madd(x, y, z V) V { return b.three(opMadd, x, y, z) }

// Nmadd is z - x*y.
func (b *Builder) Nmadd(x, y, z V) V { return b.three(opNmadd, x, y, z) }

// Msub is x*y - z.
func (b *Builder) Msub(x, y, z V) V { return b.three(opMsub, x, y, z) }

// Round is the nearest integer, ties to even.
func (b *Builder) Round(x V) V { return b.one(pair{f: opNearest}, x) }

// Floor is the largest integer not above x.
func (b *Builder) Floor(x V) V { return b.one(pair{f: opFloor}, x) }

// Ceil is the smallest integer not below x.
func (b *Builder) Ceil(x V) V { return b.one(pair{f: opCeil}, x) }

// Trunc rounds towards zero.
func (b *Builder) Trunc(x V) V { return b.one(pair{f: opTrunc}, x) }

// Scale is x * 2^floor(y) for finite y, exact but for overflow and rounding to a subnormal.
func (b *Builder) Scale(x, y V) V { return b.two(pair{f: opScale}, x, y) }

// GetExp is floor(log2 |x|) as a float, for subnormals too; -Inf of 0, +Inf of ±Inf, NaN of NaN.
func (b *Builder) GetExp(x V) V { return b.one(pair{f: opGetExp}, x) }

// GetMant is x scaled by a power of two into [0.75, 1.5); 1 of ±0 and +Inf, NaN of what is less than zero.
func (b *Builder) GetMant(x V) V { return b.one(pair{f: opGetMant}, x) }

const signBit = math.MinInt32

// Abs clears the sign.
func (b *Builder) Abs(x V) V {
	if !b.isFloat(x) {
		return b.MaxRaw(x, b.Neg(x))
	}
	return b.AsF(b.And(b.AsI(x), b.ConstI(math.MaxInt32)))
}

// Neg flips the sign.
func (b *Builder) Neg(x V) V {
	if !b.isFloat(x) {
		return b.Sub(b.ConstI(0), x)
	}
	return b.AsF(b.Xor(b.AsI(x), b.ConstI(signBit)))
}

// CopySign is |x| with y's sign.
func (b *Builder) CopySign(x, y V) V {
	s := b.And(b.AsI(y), b.ConstI(signBit))
	return b.AsF(b.Or(s, b.And(b.AsI(x), b.ConstI(math.MaxInt32))))
}

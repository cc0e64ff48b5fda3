package vec

import "slices"

// Integer lanes.

// And is x & y.
func (b *Builder) And(x, y V) V { return b.two(pair{i: opAnd}, x, y) }

// Or is x | y.
func (b *Builder) Or(x, y V) V { return b.two(pair{i: opOr}, x, y) }

// Xor is x ^ y.
func (b *Builder) Xor(x, y V) V { return b.two(pair{i: opXor}, x, y) }

// AndNot is ^x & y.
func (b *Builder) AndNot(x, y V) V { return b.two(pair{i: opAndN1}, x, y) }

func (b *Builder) shift(o op, x V, n int) V {
	return V(b.def(instr{op: o, a: int32(b.inReg(x)), imm: int32(n)}))
}

// Shl is x << n.
func (b *Builder) Shl(x V, n int) V { return b.shift(opShl, x, n) }

// Shr is x >> n with zeros coming in.
func (b *Builder) Shr(x V, n int) V { return b.shift(opShr, x, n) }

// Sar is x >> n with the sign coming in.
func (b *Builder) Sar(x V, n int) V { return b.shift(opSar, x, n) }

// ShlV is x << y per lane, 0 when y is not in 0..31.
func (b *Builder) ShlV(x, y V) V { return b.two(pair{i: opShlV}, x, y) }

// ShrV is x >> y per lane with zeros coming in, 0 when y is not in 0..31.
func (b *Builder) ShrV(x, y V) V { return b.two(pair{i: opShrV}, x, y) }

// SarV is x >> y per lane with the sign coming in, the sign when y is not in 0..31.
func (b *Builder) SarV(x, y V) V { return b.two(pair{i: opSarV}, x, y) }

// Iota is the number of the lane.
func (b *Builder) Iota() V { return V(b.def(instr{op: opIota})) }

// Splat is the low 32 bits of i in every lane.
func (b *Builder) Splat(i I) V { return V(b.def(instr{op: opSplat, a: int32(i)})) }

// TableSize is the number of entries of a table in the read-only data.
const TableSize = 16

// Lookup is table[idx] per lane, by the low four bits of the index.
func (b *Builder) Lookup(table [TableSize]uint32, idx V) V {
	n := slices.Index(b.tables, table)
	if n < 0 {
		n = len(b.tables)
		b.tables = append(b.tables, table)
	}
	return V(b.def(instr{op: opLookup, a: int32(b.inReg(idx)), imm: int32(n)}))
}

// Conversions.

// AsI is the bits of a float.
func (b *Builder) AsI(x V) V {
	if x < 0 {
		return b.constant(b.konst[-1-x].bits, kI32)
	}
	return b.one(pair{f: opAsI}, x)
}

// AsF is the float with these bits.
func (b *Builder) AsF(x V) V {
	if x < 0 {
		return b.constant(b.konst[-1-x].bits, kF32)
	}
	return b.one(pair{i: opAsF}, x)
}

// ToF converts int32 to the nearest float32.
func (b *Builder) ToF(x V) V { return b.one(pair{i: opCvtF}, x) }

// ToI rounds to the nearest int32, ties to even; what does not fit (NaN too) is the smallest int32.
func (b *Builder) ToI(x V) V { return b.one(pair{f: opCvtI}, x) }

// TruncI rounds towards zero to an int32; what does not fit (NaN too) is the smallest int32.
func (b *Builder) TruncI(x V) V { return b.one(pair{f: opTruncI}, x) }

// Masks.

// Pred is a comparison.
type Pred uint8

// Comparisons mean what Go's operators mean: with a NaN only NE is true.
const (
	EQ Pred = iota
	NE
	LT
	LE
	GT
	GE
)

// flipped is the comparison with its operands exchanged.
var flipped = [...]Pred{EQ: EQ, NE: NE, LT: GT, LE: GE, GT: LT, GE: LE}

// Cmp compares lanes.
func (b *Builder) Cmp(p Pred, x, y V) M {
	if x < 0 && y > 0 {
		x, y, p = y, x, flipped[p]
	}
	o := b.form(pair{opEqF, opEqI}, x) + op(p)
	return M(b.def(instr{op: o, a: int32(b.inReg(x)), b: int32(y)}))
}

// IsNaN are the lanes that are NaN.
func (b *Builder) IsNaN(x V) M { return M(b.one(pair{f: opIsNaN}, x)) }

// Bits is the mask of the bits from.. of i, one per lane.
func (b *Builder) Bits(i I, from int) M {
	return M(b.def(instr{op: opLanes, a: int32(i), imm: int32(from)}))
}

// First is the mask of the first n lanes after skipping off: lane l is set when off+l < n. n is less than 2^31.
func (b *Builder) First(n I, off int) M {
	l := b.Iota()
	if off != 0 {
		l = b.Add(l, b.ConstI(int32(off)))
	}
	return b.Cmp(LT, l, b.Splat(n))
}

func (b *Builder) mask2(o op, x, y M) M { return M(b.def(instr{op: o, a: int32(x), b: int32(y)})) }

// AndM is x && y.
func (b *Builder) AndM(x, y M) M { return b.mask2(opAndM, x, y) }

// OrM is x || y.
func (b *Builder) OrM(x, y M) M { return b.mask2(opOrM, x, y) }

// XorM is x != y.
func (b *Builder) XorM(x, y M) M { return b.mask2(opXorM, x, y) }

// AndNotM is !x && y.
func (b *Builder) AndNotM(x, y M) M { return b.mask2(opAndNotM, x, y) }

// NotM is !x.
func (b *Builder) NotM(x M) M { return M(b.def(instr{op: opNotM, a: int32(x)})) }

// BitsOf is the mask as an integer: 0 when no lane is set, for If.
func (b *Builder) BitsOf(m M) I { return I(b.def(instr{op: opBits, a: int32(m)})) }

// Ones is 1 in the lanes of m and 0 elsewhere.
func (b *Builder) Ones(m M) V { return V(b.def(instr{op: opOnes, a: int32(m)})) }

// Select is m ? x : y.
func (b *Builder) Select(m M, x, y V) V {
	o := b.form(pair{opSelectF, opSelectI}, x)
	return V(b.def(instr{op: o, a: int32(b.inReg(y)), b: int32(x), c: int32(m)}))
}

// Reductions leave their result in every lane. The order of operations is fixed: halves, quarters, ...

// reduce folds the lanes of x.
func (b *Builder) reduce(x V, f func(x, y V) V) V {
	for n := b.target.Lanes / 2; n > 0; n /= 2 {
		y := V(b.def(instr{op: b.form(pair{opSwapF, opSwapI}, x), a: int32(x), imm: int32(n)}))
		x = f(x, y)
	}
	return x
}

// Sum is the sum of x's lanes.
func (b *Builder) Sum(x V) V { return b.reduce(x, b.Add) }

// Prod is the product of x's lanes.
func (b *Builder) Prod(x V) V { return b.reduce(x, b.Mul) }

// HMax is the largest lane of x, or NaN if a lane is.
func (b *Builder) HMax(x V) V { return b.reduce(x, b.Max) }

// HMin is the smallest lane of x, or NaN if a lane is.
func (b *Builder) HMin(x V) V { return b.reduce(x, b.Min) }

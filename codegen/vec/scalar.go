package vec

// Copy is a second position at p's place.
func (b *Builder) Copy(p P) P {
	d := b.def(instr{op: opMovP, a: int32(p)})
	b.regs[d].arg = b.regs[p].arg
	return P(d)
}

// Step moves p by n elements.
func (b *Builder) Step(p P, n int) {
	if n != 0 {
		b.add(instr{op: opStep, d: int32(p), imm: int32(n)})
	}
}

// Walk moves p by s*i elements, s >= 0.
func (b *Builder) Walk(p P, i I, s int) {
	most := 8 / b.elem(p).Size()
	for s > 0 {
		k := most
		for k > s {
			k /= 2
		}
		b.add(instr{op: opWalk, d: int32(p), a: int32(i), imm: int32(k)})
		s -= k
	}
}

// elem is the element type of the slice that p walks in.
func (b *Builder) elem(p P) Elem { return b.args[b.regs[p].arg].elem }

// IConst is an integer.
func (b *Builder) IConst(n int) I { return I(b.def(instr{op: opConstN, imm: int32(n)})) }

// CopyI is a second integer with i's value.
func (b *Builder) CopyI(i I) I { return I(b.def(instr{op: opMovN, a: int32(i)})) }

// IncI is i += n.
func (b *Builder) IncI(i I, n int) { b.add(instr{op: opIncN, d: int32(i), imm: int32(n)}) }

// AddI is i += j.
func (b *Builder) AddI(i, j I) { b.add(instr{op: opAddN, d: int32(i), a: int32(j)}) }

// SubI is i -= j.
func (b *Builder) SubI(i, j I) { b.add(instr{op: opSubN, d: int32(i), a: int32(j)}) }

// MulI is i *= j.
func (b *Builder) MulI(i, j I) { b.add(instr{op: opMulN, d: int32(i), a: int32(j)}) }

// ShlI is i <<= n.
func (b *Builder) ShlI(i I, n int) { b.add(instr{op: opShlN, d: int32(i), imm: int32(n)}) }

// ShrI is i >>= n, arithmetically.
func (b *Builder) ShrI(i I, n int) { b.add(instr{op: opShrN, d: int32(i), imm: int32(n)}) }

// AndI is i &= n.
func (b *Builder) AndI(i I, n int) { b.add(instr{op: opAndN, d: int32(i), imm: int32(n)}) }

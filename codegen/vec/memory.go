package vec

// perElem chooses an operation by the element type of a position.
type perElem [3]op

var (
	loads   = perElem{opLoadF, opLoadI, opLoadB}
	bcasts  = perElem{opBcastF, opBcastI, opBcastB}
	stores  = perElem{opStoreF, opStoreI, opStoreB}
	stores1 = perElem{opStore1F, opStore1I, opNone}
	gathers = perElem{opGatherF, opGatherI, opNone}
)

func (b *Builder) pick(t perElem, at Mem, what string) op {
	e := b.elem(at.P)
	if t[e] == opNone {
		b.fail("%s of %s is not supported", what, e.Go())
		return t[I32]
	}
	return t[e]
}

// Load reads Lanes elements; lanes outside m (if not 0) are zero and their memory is not touched.
func (b *Builder) Load(at Mem, m M) V {
	return V(b.def(instr{op: b.pick(loads, at, "a load"), mem: at, m: int32(m)}))
}

// SetLoad is Load into an existing register.
func (b *Builder) SetLoad(d V, at Mem, m M) {
	b.add(instr{op: b.pick(loads, at, "a load"), d: int32(d), mem: at, m: int32(m)})
}

// Bcast reads one element into every lane.
func (b *Builder) Bcast(at Mem) V {
	return V(b.def(instr{op: b.pick(bcasts, at, "a broadcast"), mem: at}))
}

// Gather reads element at.P[at.Off+idx] for each lane of m (0: every lane); the others are zero. Only 4-byte elements.
func (b *Builder) Gather(at Mem, idx V, m M) V {
	return V(b.def(instr{op: b.pick(gathers, at, "a gather"), a: int32(b.inReg(idx)), mem: at, m: int32(m)}))
}

// Store writes the lanes of m (0: every lane). An int32 stored to U8 keeps its low byte.
func (b *Builder) Store(v V, at Mem, m M) {
	b.add(instr{op: b.pick(stores, at, "a store"), a: int32(b.inReg(v)), mem: at, m: int32(m)})
}

// StoreFirst writes lane 0.
func (b *Builder) StoreFirst(v V, at Mem) {
	b.add(instr{op: b.pick(stores1, at, "a store of one lane"), a: int32(b.inReg(v)), mem: at})
}

// StoreMask writes 1 or 0 per lane of v to memory of any integer type, in the lanes of m.
func (b *Builder) StoreMask(v M, at Mem, m M) { b.Store(b.Ones(v), at, m) }

// LoadMask reads elements as bools: lanes that are not zero. Lanes outside m are unset.
func (b *Builder) LoadMask(at Mem, m M) M {
	v := b.Load(at, m)
	zero := b.ConstI(0)
	if b.isFloat(v) {
		zero = b.Const(0)
	}
	return b.Cmp(NE, v, zero)
}

// Prefetch hints that a line is wanted soon in the cache of a level (0 is L1, 1 is L2). The place may lie anywhere.
func (b *Builder) Prefetch(at Mem, level int) {
	if b.target.Lanes > 1 {
		b.add(instr{op: opPrefetch, mem: at, imm: int32(level)})
	}
}

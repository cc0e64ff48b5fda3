package vec

// verifier walks the record once. A block (loop body, branch) is a region; a register may be read where the region of its
// first definition is still open. Hence what a loop carries is defined before the loop. A register that both branches of an
// If define is defined after it.
type verifier struct {
	b       *Builder
	at      []int32 // region of a register's definition; 0 is none, 1 the function's body
	regions int32
	stack   []region
	loose   []bool // registers that are defined in several regions
}

// region is an open block.
type region struct {
	num     int32
	op      op
	counter int32   // of a loop
	defs    []int32 // registers defined first in this region
	yes     []int32 // in an else branch: defs of the other branch
}

// verify checks the whole record and returns the registers that are defined in several regions: Go declares them outside.
func (b *Builder) verify() (loose []bool, err error) {
	v := &verifier{b: b, at: make([]int32, len(b.regs)), regions: 1, stack: []region{{num: 1}}, loose: make([]bool, len(b.regs))}
	if len(b.open) > 0 {
		b.fail("a block is not closed")
	}
	for k := range b.code {
		if b.err != nil {
			break
		}
		v.instr(k, &b.code[k])
	}
	return v.loose, b.err
}

func (v *verifier) fail(k int, i *instr, format string, args ...any) {
	v.b.fail("instruction %d (%s): "+format, append([]any{k, ops[i.op].name}, args...)...)
}

func (v *verifier) instr(k int, i *instr) {
	v.operands(k, i)
	v.memory(k, i)
	switch i.op {
	case opLoop, opLoopArg, opIf:
		v.push(region{op: i.op, counter: i.d})
	case opElse:
		yes := v.pop().defs
		v.push(region{op: opElse, yes: yes})
	case opEndLoop, opEndLoopArg:
		v.pop()
	case opEndIf:
		v.join(v.pop())
	default:
		v.result(k, i)
	}
}

func (v *verifier) push(r region) {
	v.regions++
	r.num = v.regions
	v.stack = append(v.stack, r)
}

func (v *verifier) pop() region {
	r := v.stack[len(v.stack)-1]
	v.stack = v.stack[:len(v.stack)-1]
	return r
}

// join moves what both branches define to the region around them.
func (v *verifier) join(no region) {
	both := map[int32]bool{}
	for _, r := range no.yes {
		both[r] = true
	}
	for _, r := range no.defs {
		if both[r] {
			v.define(r)
		}
	}
}

func (v *verifier) define(r int32) {
	top := &v.stack[len(v.stack)-1]
	v.loose[r] = v.loose[r] || v.at[r] != 0
	v.at[r] = top.num
	top.defs = append(top.defs, r)
}

func (v *verifier) visible(r int32) bool {
	for _, s := range v.stack {
		if s.num == v.at[r] {
			return true
		}
	}
	return false
}

// operands checks kinds and that each operand is defined.
func (v *verifier) operands(k int, i *instr) {
	for n, r := range [...]int32{i.a, i.b, i.c} {
		want := i.op.operand(n)
		if want == kNone && r != 0 || want != kNone && r == 0 {
			v.fail(k, i, "operand %d is %s", n+1, map[bool]string{true: "missing", false: "one too many"}[r == 0])
			return
		}
		if want != kNone {
			v.use(k, i, r, want)
			v.constant(k, i, n, r)
		}
	}
	if i.m != 0 {
		if !i.op.is(fMasked) {
			v.fail(k, i, "takes no mask")
		}
		v.use(k, i, i.m, kMask)
	}
	if kind, inout := i.op.result(); inout {
		v.use(k, i, i.d, kind)
	}
}

// constant checks that a constant stands where an instruction can fetch it.
func (v *verifier) constant(k int, i *instr, n int, r int32) {
	fetch := n == 1 || n == 2 && i.op.is(fConstC) && i.b >= 0 || i.op == opConstF || i.op == opConstI
	if r < 0 && !fetch {
		v.fail(k, i, "operand %d cannot be a constant", n+1)
	}
}

func (v *verifier) use(k int, i *instr, r int32, want kind) {
	if got := v.b.kindOf(r); got != want {
		v.fail(k, i, "wants an %s, has an %s", kindNames[want], kindNames[got])
	} else if r > 0 && !v.visible(r) {
		v.fail(k, i, "register %d (%s) is not defined here", r, kindNames[got])
	}
}

// memory checks the place that an instruction reads or writes.
func (v *verifier) memory(k int, i *instr) {
	if !i.op.is(fMem) {
		return
	}
	v.use(k, i, int32(i.mem.P), kPtr)
	if i.mem.S == 0 {
		return
	}
	if i.op == opGatherF || i.op == opGatherI {
		v.fail(k, i, "an address cannot hold an index beside the lanes' own")
	}
	v.use(k, i, int32(i.mem.I), kInt)
	if s := int(i.mem.S); s != 1 && s != 2 && s != 4 && s != 8 || s*v.b.elem(i.mem.P).Size() > 8 {
		v.fail(k, i, "an address cannot hold %d times an index", s)
	}
}

// result checks the register that is written, and marks it defined.
func (v *verifier) result(k int, i *instr) {
	kind, inout := i.op.result()
	if kind == kNone {
		return
	}
	if got := v.b.kindOf(i.d); got != kind {
		v.fail(k, i, "its result is an %s, the register an %s", kindNames[kind], kindNames[got])
		return
	}
	for _, s := range v.stack {
		if s.op == opLoop && s.counter == i.d {
			v.fail(k, i, "changes the counter of a loop around it")
		}
	}
	if !inout && !v.visible(i.d) {
		v.define(i.d)
	}
}

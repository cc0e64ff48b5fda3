package vec

import "strconv"

// asmPrinter prints one function as Go assembly.
type asmPrinter struct {
	b    *Builder
	out  []byte
	reg  []uint8
	iota int // place of 0, 1, 2, .. in the constants, or -1
	tab  int // place of the first table
	args []int
	size int
}

func (p *asmPrinter) s(s string) { p.out = append(p.out, s...) }
func (p *asmPrinter) n(n int)    { p.out = strconv.AppendInt(p.out, int64(n), 10) }

// printAsm allocates registers and prints the constants and the text.
func printAsm(b *Builder, _ []bool) ([]byte, int, error) {
	a, err := b.alloc()
	if err != nil {
		return nil, 0, err
	}
	p := &asmPrinter{b: b, reg: a.reg, out: make([]byte, 0, 48*len(b.code)+256)}
	p.frame()
	p.constants()
	p.s("TEXT ·" + b.name + "(SB), NOSPLIT, $0-")
	p.n(p.size)
	p.s("\n")
	for k := range b.code {
		p.instr(&b.code[k])
	}
	p.s("\tVZEROUPPER\n\tRET\n")
	return p.out, a.live, nil
}

// frame lays out the arguments as Go does.
func (p *asmPrinter) frame() {
	for _, a := range p.b.args {
		p.args = append(p.args, p.size)
		p.size += [...]int{argSlice: 24, argInt: 8, argFloat: 4}[a.kind]
	}
}

// constants prints the read-only data: one word per constant, and the lane numbers where Iota wants them.
func (p *asmPrinter) constants() {
	var words []uint32
	for _, c := range p.b.konst {
		words = append(words, c.bits)
	}
	p.iota = -1
	for k := range p.b.code {
		if o := p.b.code[k].op; p.iota < 0 && (o == opIota || o == opOnes) {
			p.iota = len(words)
			for l := range p.b.target.Lanes {
				words = append(words, uint32(l))
			}
		}
	}
	p.tab = len(words)
	for _, t := range p.b.tables {
		words = append(words, t[:]...)
	}
	if len(words) == 0 {
		return
	}
	for k, w := range words {
		p.s("DATA ")
		p.data(k)
		p.s("/4, $0x")
		p.out = strconv.AppendUint(p.out, uint64(w), 16)
		p.s("\n")
	}
	p.s("GLOBL " + p.b.name + "_k<>(SB), RODATA|NOPTR, $")
	p.n(4 * len(words))
	p.s("\n\n")
}

// data is the address of a constant.
func (p *asmPrinter) data(k int) {
	p.s(p.b.name)
	p.s("_k<>+")
	p.n(4 * k)
	p.s("(SB)")
}

func (p *asmPrinter) instr(i *instr) {
	if f := avx512Special[i.op]; f != nil {
		f(p, i)
		return
	}
	t := p.b.target.forms
	if i.m != 0 {
		t = p.b.target.masked
	}
	if i.op == opEndIf && i.imm == 0 { // without an else branch its label stands here
		p.form(i, ifWithoutElse)
		return
	}
	p.form(i, t[i.op])
	p.s("\n")
}

var ifWithoutElse = compile("else%L:\n")

// form prints an instruction by its pattern.
func (p *asmPrinter) form(i *instr, f form) {
	for _, x := range f {
		p.s(x.text)
		if x.what != 0 {
			p.operand(i, x)
		}
	}
}

func (p *asmPrinter) operand(i *instr, x piece) {
	switch x.what {
	case 'd':
		p.register(i.d, x.view)
	case 'a':
		p.register(i.a, x.view)
	case 'b':
		p.register(i.b, x.view)
	case 'c':
		p.register(i.c, x.view)
	case 'm':
		p.register(i.m, x.view)
	case 't':
		if i.b < 0 || i.c < 0 {
			p.s(".BCST")
		}
	case '@':
		p.mem(i.mem)
	case 'g':
		p.mem(i.mem)
		p.s("(")
		p.register(i.a, 0)
		p.s("*4)")
	case '#':
		p.n(int(i.imm))
	case 's':
		p.n(int(i.imm) * p.b.elem(P(i.d)).Size())
	case 'L':
		p.n(int(i.mem.Off))
	case 'n':
		p.arg(i.imm)
	case 'T':
		p.data(p.tab + int(i.imm)*TableSize)
	case 'i':
		p.data(p.iota)
	case '1':
		p.data(p.iota + 1)
	}
}

// register prints a register, or the address of a constant.
func (p *asmPrinter) register(r int32, view byte) {
	if r < 0 {
		p.data(int(-1 - r))
		return
	}
	p.name(r, view)
}

func (p *asmPrinter) arg(n int32) {
	a := p.b.args[n]
	p.s(a.Name)
	if a.kind == argSlice {
		p.s("_base")
	}
	p.s("+")
	p.n(p.args[n])
	p.s("(FP)")
}

func (p *asmPrinter) mem(m Mem) {
	size := p.b.elem(m.P).Size()
	p.n(int(m.Off) * size)
	p.s("(")
	p.name(int32(m.P), 0)
	p.s(")")
	if m.S > 0 {
		p.s("(")
		p.name(int32(m.I), 0)
		p.s("*")
		p.n(int(m.S) * size)
		p.s(")")
	}
}

package vec

import (
	"fmt"
	"regexp"
)

// registerName matches what Scalar calls its variables.
var registerName = regexp.MustCompile(`^([vmpn][0-9]+|.*At)$`)

// Virtual registers. The zero value is "none". A negative V is a constant that stays in memory until an instruction needs it
// in a register.
type (
	V int32 // vector of float32 or int32 lanes
	M int32 // lane mask; 0 as the mask of a load or store means every lane
	P int32 // position in a slice argument
	I int32 // integer
)

// Elem is the type of elements in memory.
type Elem uint8

// Memory element types. A U8 is widened to an int32 lane when loaded and narrowed when stored; 0 and 1 stand for bools.
const (
	F32 Elem = iota
	I32
	U8
)

// Size is the number of bytes of an element.
func (e Elem) Size() int { return [...]int{4, 4, 1}[e] }

// Go is the name of the Go type.
func (e Elem) Go() string { return [...]string{"float32", "int32", "uint8"}[e] }

// argKind tells apart the three kinds of argument.
type argKind uint8

const (
	argSlice argKind = iota
	argInt
	argFloat
)

// Arg declares one argument of a function.
type Arg struct {
	Name string
	kind argKind
	elem Elem
}

// Slice declares an argument []T.
func Slice(name string, e Elem) Arg { return Arg{name, argSlice, e} }

// Int declares an argument of type int.
func Int(name string) Arg { return Arg{Name: name, kind: argInt} }

// Float declares an argument of type float32. Floats come last, so that the frame has no holes.
func Float(name string) Arg { return Arg{Name: name, kind: argFloat} }

// Go is the Go type of the argument.
func (a Arg) Go() string {
	return [...]string{"[]" + a.elem.Go(), "int", "float32"}[a.kind]
}

// Mem is the element P[I*S+Off]. Without an index S is 0; else it is 1, 2, 4 or 8 and S times the element size is at most 8.
type Mem struct {
	P   P
	I   I
	S   int32
	Off int32
}

// At is the element p[off].
func At(p P, off int) Mem { return Mem{P: p, Off: int32(off)} }

// Index adds i*s elements to the place.
func (m Mem) Index(i I, s int) Mem {
	if s != 0 {
		m.I, m.S = i, int32(s)
	}
	return m
}

// instr is one recorded instruction. Operands are registers; imm is an immediate, an argument's number or a block's number.
type instr struct {
	op         op
	d, a, b, c int32
	m          int32
	mem        Mem
	imm        int32
}

// reg is what is known about a virtual register.
type reg struct {
	kind kind
	arg  int32 // a pointer's slice argument
}

// konst is a constant: its bits, and whether lanes read them as float32 or int32.
type konst struct {
	bits uint32
	kind kind
}

// Builder records one function.
type Builder struct {
	name   string
	target *Target
	args   []Arg
	code   []instr
	regs   []reg
	konst  []konst
	tables [][TableSize]uint32
	open   []block
	blocks int32
	err    error
}

// block is an open loop or branch.
type block struct {
	op  op
	num int32
}

// New starts a function. Its arguments are declared in order.
func New(name string, t *Target, args ...Arg) *Builder {
	b := &Builder{name: name, target: t, args: args, code: make([]instr, 0, 512), regs: make([]reg, 1, 256)}
	seen := map[string]bool{}
	for k, a := range args {
		if registerName.MatchString(a.Name) {
			b.fail("argument %s is named like a register", a.Name)
		}
		if seen[a.Name] {
			b.fail("argument %s is declared twice", a.Name)
		}
		if seen[a.Name] = true; a.kind != argFloat && k > 0 && args[k-1].kind == argFloat {
			b.fail("argument %s follows a float", a.Name)
		}
	}
	return b
}

// Lanes is the number of lanes of the target's vectors.
func (b *Builder) Lanes() int { return b.target.Lanes }

// Target is what the function is recorded for.
func (b *Builder) Target() *Target { return b.target }

// Name is the function's name.
func (b *Builder) Name() string { return b.name }

// fail keeps the first mistake, which Build returns: recording goes on, so that templates need no error checks.
func (b *Builder) fail(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf("vec: %s: %s", b.name, fmt.Sprintf(format, args...))
	}
}

func (b *Builder) add(i instr) { b.code = append(b.code, i) }

func (b *Builder) newReg(k kind) int32 {
	b.regs = append(b.regs, reg{kind: k})
	return int32(len(b.regs) - 1)
}

// def records an instruction with a fresh register for its result.
func (b *Builder) def(i instr) int32 {
	k, _ := i.op.result()
	i.d = b.newReg(k)
	b.add(i)
	return i.d
}

// kindOf is the kind of a register or constant.
func (b *Builder) kindOf(r int32) kind {
	if r < 0 {
		return b.konst[-1-r].kind
	}
	return b.regs[r].kind
}

// isFloat chooses between the float and the integer form of an operation.
func (b *Builder) isFloat(x V) bool { return b.kindOf(int32(x)) == kF32 }

// arg finds an argument of a kind by name.
func (b *Builder) arg(name string, k argKind) int32 {
	for n, a := range b.args {
		if a.Name == name && a.kind == k {
			return int32(n)
		}
	}
	b.fail("there is no argument %s of type %s", name, Arg{kind: k}.Go())
	return 0
}

// Ptr loads a slice argument's position here: a late load takes no register earlier.
func (b *Builder) Ptr(name string) P {
	n := b.arg(name, argSlice)
	d := b.def(instr{op: opArgPtr, imm: n})
	b.regs[d].arg = n
	return P(d)
}

// Int loads an integer argument here.
func (b *Builder) Int(name string) I { return I(b.def(instr{op: opArgInt, imm: b.arg(name, argInt)})) }

// Scalar loads a float argument into every lane.
func (b *Builder) Scalar(name string) V {
	return V(b.def(instr{op: opArgF, imm: b.arg(name, argFloat)}))
}

// SavePtr writes a position back to its slice argument: the next Ptr continues there.
func (b *Builder) SavePtr(name string, p P) {
	n := b.arg(name, argSlice)
	if b.regs[p].arg != n {
		b.fail("a position in %s is saved as %s", b.args[b.regs[p].arg].Name, name)
	}
	b.add(instr{op: opSavePtr, a: int32(p), imm: n})
}

// SaveInt writes an integer argument.
func (b *Builder) SaveInt(name string, i I) {
	b.add(instr{op: opSaveInt, a: int32(i), imm: b.arg(name, argInt)})
}

// begin opens a block, end closes the innermost one.
func (b *Builder) begin(i instr) {
	b.blocks++
	b.open = append(b.open, block{i.op, b.blocks})
	i.mem.Off = b.blocks
	b.add(i)
}

func (b *Builder) end(i instr) {
	i.mem.Off = b.open[len(b.open)-1].num
	b.open = b.open[:len(b.open)-1]
	b.add(i)
}

// Loop runs body n times (never if n <= 0) and uses n up.
func (b *Builder) Loop(n I, body func()) {
	b.begin(instr{op: opLoop, d: int32(n)})
	body()
	b.end(instr{op: opEndLoop, d: int32(n)})
}

// LoopArg runs body as often as an integer argument says; the counter is the argument itself and takes no register.
func (b *Builder) LoopArg(name string, body func()) {
	n := b.arg(name, argInt)
	b.begin(instr{op: opLoopArg, imm: n})
	body()
	b.end(instr{op: opEndLoopArg, imm: n})
}

// If runs yes when i has one of the bits, else no (which may be nil).
func (b *Builder) If(i I, bits int, yes, no func()) {
	b.begin(instr{op: opIf, a: int32(i), imm: int32(bits)})
	yes()
	if no != nil {
		b.add(instr{op: opElse, mem: Mem{Off: b.open[len(b.open)-1].num}})
		no()
	}
	e := instr{op: opEndIf}
	if no != nil {
		e.imm = 1
	}
	b.end(e)
}

package vec

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Scalar prints Go: a vector is one float32 or int32, a mask a bool, a position an index into its slice.
var Scalar = &Target{Name: "go", Lanes: 1}

func init() {
	Scalar.forms, Scalar.masked = compileAll(scalarForms), compileAll(scalarMasked)
	Scalar.print = printGo
}

// scalarForms spells each operation: an operation that defines d is an expression, the others are statements.
var scalarForms = map[op]string{
	opArgPtr: "%p", opArgInt: "%n", opArgF: "%n", opSavePtr: "%p = %a", opSaveInt: "%n = %a",

	opLoop: "for ; %d > 0; %d-- {", opEndLoop: "}", opLoopArg: "for ; %n > 0; %n-- {", opEndLoopArg: "}",
	opIf: "if %a&%# != 0 {", opElse: "} else {", opEndIf: "}",

	opMovP: "%a", opStep: "%d += %#", opWalk: "%d += %a%*",
	opConstN: "%#", opMovN: "%a", opAddN: "%d += %a", opSubN: "%d -= %a", opMulN: "%d *= %a",
	opIncN: "%d += %#", opShlN: "%d <<= %#", opShrN: "%d >>= %#", opAndN: "%d &= %#",

	opConstF: "float32(%a)", opConstI: "int32(%a)", opZeroF: "float32(0)", opZeroI: "int32(0)", opMovF: "%a", opMovI: "%a",
	opIota: "int32(0)", opSplat: "int32(%a)", opAsF: "math.Float32frombits(uint32(%a))", opAsI: "int32(math.Float32bits(%a))",
	opCvtF: "float32(%a)", opCvtI: "vecToInt(vecRound(%a))", opTruncI: "vecToInt(%a)",

	opLoadF: "%@", opLoadI: "%@", opLoadB: "int32(%@)", opBcastF: "%@", opBcastI: "%@", opBcastB: "int32(%@)",
	opStoreF: "%@ = %a", opStoreI: "%@ = %a", opStoreB: "%@ = uint8(%a)", opStore1F: "%@ = %a", opStore1I: "%@ = %a",
	opGatherF: "%g", opGatherI: "%g",

	opAddF: "%a + %b", opSubF: "%a - %b", opMulF: "%a * %b", opDivF: "%a / %b", opMinF: "vecMin(%a, %b)", opMaxF: "vecMax(%a, %b)",
	opFma: "%d += %a * %b", opFmaBcast: "%d += %a * %@", opMadd: "%a*%b + %c", opNmadd: "%c - %a*%b", opMsub: "%a*%b - %c", opSqrt: "float32(math.Sqrt(float64(%a)))",
	opNearest: "vecRound(%a)", opFloor: "float32(math.Floor(float64(%a)))", opCeil: "float32(math.Ceil(float64(%a)))", opTrunc: "float32(math.Trunc(float64(%a)))",
	opScale: "vecScale(%a, %b)", opGetExp: "vecExponent(%a)", opGetMant: "vecMantissa(%a)",

	opAddI: "%a + %b", opSubI: "%a - %b", opMulI: "%a * %b", opMinI: "min(%a, %b)", opMaxI: "max(%a, %b)",
	opAnd: "%a & %b", opOr: "%a | %b", opXor: "%a ^ %b", opAndN1: "%b &^ %a", opShl: "%a << %#", opShr: "int32(uint32(%a) >> %#)", opSar: "%a >> %#",
	opShlV: "%a << uint32(%b)", opShrV: "int32(uint32(%a) >> uint32(%b))", opSarV: "%a >> uint32(%b)",

	opLookup: "int32(%T[%a&15])",

	opEqF: "%a == %b", opNeF: "%a != %b", opLtF: "%a < %b", opLeF: "%a <= %b", opGtF: "%a > %b", opGeF: "%a >= %b", opIsNaN: "%a != %a",
	opEqI: "%a == %b", opNeI: "%a != %b", opLtI: "%a < %b", opLeI: "%a <= %b", opGtI: "%a > %b", opGeI: "%a >= %b",

	opLanes: "%a>>%#&1 != 0", opBits: "vecBit(%a)", opAndM: "%a && %b", opOrM: "%a || %b", opXorM: "%a != %b", opAndNotM: "!%a && %b", opNotM: "!%a",
	opSelectF: "vecSelect(%c, %b, %a)", opSelectI: "vecSelect(%c, %b, %a)", opOnes: "int32(vecBit(%a))",
}

var scalarMasked = map[op]string{
	opLoadF: "vecLoad(%m, %l)", opLoadI: "vecLoad(%m, %l)", opLoadB: "int32(vecLoad(%m, %l))",
	opStoreF: "if %m {\n%@ = %a\n}", opStoreI: "if %m {\n%@ = %a\n}", opStoreB: "if %m {\n%@ = uint8(%a)\n}",
	opGatherF: "vecLoad(%m, %h)", opGatherI: "vecLoad(%m, %h)",
}

// Support is the Go source of the functions that Scalar's text calls: once per package.
const Support = `// vecLoad is p[i] where m holds, else zero: p[i] may then not exist.
func vecLoad[T float32 | int32 | uint8](m bool, p []T, i int) (x T) {
	if m {
		x = p[i]
	}
	return x
}

func vecSelect[T float32 | int32](m bool, x, y T) T {
	if m {
		return x
	}
	return y
}

func vecBit(m bool) int {
	if m {
		return 1
	}
	return 0
}

// vecMin is y when one of x and y is NaN.
func vecMin(x, y float32) float32 {
	if x < y {
		return x
	}
	return y
}

// vecMax is y when one of x and y is NaN.
func vecMax(x, y float32) float32 {
	if x > y {
		return x
	}
	return y
}

func vecRound(x float32) float32 { return float32(math.RoundToEven(float64(x))) }

// vecToInt truncates; what does not fit is the smallest int32.
func vecToInt(x float32) int32 {
	if x >= -1<<31 && x < 1<<31 {
		return int32(x)
	}
	return math.MinInt32
}

// vecScale is x * 2^floor(y), rounded once, for finite y.
func vecScale(x, y float32) float32 {
	if x != x || y != y {
		return x + y
	}
	n := math.Floor(min(max(float64(y), -400), 400))
	return float32(float64(x) * math.Float64frombits(uint64(int64(n)+1023)<<52))
}

// vecExponent is floor(log2 |x|).
func vecExponent(x float32) float32 {
	b := math.Float64bits(float64(x)) >> 52 & 0x7ff
	switch {
	case x != x:
		return x
	case b == 0:
		return float32(math.Inf(-1))
	case b == 0x7ff:
		return float32(math.Inf(1))
	}
	return float32(int(b) - 1023)
}

// vecMantissa is x times the power of two that brings it into [0.75, 1.5).
func vecMantissa(x float32) float32 {
	b := math.Float64bits(float64(x))
	switch {
	case x != x || x < 0:
		return float32(math.NaN())
	case x == 0 || b>>52 == 0x7ff:
		return 1
	}
	m := math.Float64frombits(b&(1<<52-1) | 1023<<52)
	if m >= 1.5 {
		m /= 2
	}
	return float32(m)
}
`

// supportParts are the functions of Support by name, in order. None calls another.
var supportParts = sync.OnceValue(func() (parts []supportPart) {
	for _, text := range strings.Split(Support, "\n\n") {
		_, rest, _ := strings.Cut("\n"+text, "\nfunc ")
		parts = append(parts, supportPart{rest[:strings.IndexAny(rest, "([")], strings.TrimSuffix(text, "\n") + "\n"})
	}
	return parts
})

type supportPart struct{ name, text string }

// SupportFor is what functions printed for Scalar need of Support, function by function.
func SupportFor(funcs ...*Func) []string {
	var out []string
	for _, p := range supportParts() {
		if slices.ContainsFunc(funcs, func(f *Func) bool { return bytes.Contains(f.Text, []byte(p.name+"(")) }) {
			out = append(out, p.text)
		}
	}
	return out
}

// goPrinter prints one function as Go.
type goPrinter struct {
	b     *Builder
	out   []byte
	begun []bool // declared registers
	saved []bool // slice arguments whose position is written back
}

func (p *goPrinter) s(s string) { p.out = append(p.out, s...) }
func (p *goPrinter) n(n int)    { p.out = strconv.AppendInt(p.out, int64(n), 10) }

// printGo prints the function; the text is left to gofmt.
func printGo(b *Builder, loose []bool) ([]byte, int, error) {
	p := &goPrinter{b: b, begun: make([]bool, len(b.regs)), saved: make([]bool, len(b.args)), out: make([]byte, 0, 24*len(b.code)+256)}
	p.tables()
	p.s("func " + b.name + "(" + Params(b.args) + ") {\n")
	p.positions()
	p.declare(loose)
	for k := range b.code {
		p.instr(&b.code[k])
	}
	p.s("}\n")
	return p.out, 0, nil
}

// tables declares the tables as variables of the package.
func (p *goPrinter) tables() {
	for k, t := range p.b.tables {
		p.s("var ")
		p.table(k)
		p.out = fmt.Appendf(p.out, " = %#v\n\n", t)
	}
}

func (p *goPrinter) table(k int) {
	p.s(p.b.name + "_t")
	p.n(k)
}

// positions declares a variable for each slice argument whose position is saved.
func (p *goPrinter) positions() {
	for k := range p.b.code {
		if i := &p.b.code[k]; i.op == opSavePtr && !p.saved[i.imm] {
			p.saved[i.imm] = true
			p.s(p.b.args[i.imm].Name + "At := 0\n")
		}
	}
}

// declare declares the registers whose first definition lies deeper than a use.
func (p *goPrinter) declare(loose []bool) {
	types := [...]string{kF32: "float32", kI32: "int32", kMask: "bool", kPtr: "int", kInt: "int"}
	for k := range p.b.code {
		if r := p.b.code[k].d; r > 0 && loose[r] && !p.begun[r] {
			p.begun[r] = true
			p.s("var ")
			p.register(r)
			p.s(" " + types[p.b.regs[r].kind] + "\n")
		}
	}
}

func (p *goPrinter) instr(i *instr) {
	t := p.b.target.forms
	if i.m != 0 {
		t = p.b.target.masked
	}
	if k, inout := i.op.result(); k != kNone && !inout {
		p.register(i.d)
		if p.begun[i.d] {
			p.s(" = ")
		} else {
			p.s(" := ")
		}
		p.begun[i.d] = true
	}
	for _, x := range t[i.op] {
		p.s(x.text)
		if x.what != 0 {
			p.operand(i, x.what)
		}
	}
	p.s("\n")
}

func (p *goPrinter) operand(i *instr, what byte) {
	switch what {
	case 'd':
		p.register(i.d)
	case 'a':
		p.register(i.a)
	case 'b':
		p.register(i.b)
	case 'c':
		p.register(i.c)
	case 'm':
		p.register(i.m)
	case '#':
		p.n(int(i.imm))
	case 'T':
		p.table(int(i.imm))
	case '*':
		if i.imm > 1 {
			p.s(" * ")
			p.n(int(i.imm))
		}
	case 'n':
		p.s(p.b.args[i.imm].Name)
	case 'p':
		p.position(i.imm)
	case '@':
		p.mem(i.mem, "[", 0)
		p.s("]")
	case 'l':
		p.mem(i.mem, ", ", 0)
	case 'g':
		p.mem(i.mem, "[", i.a)
		p.s("]")
	case 'h':
		p.mem(i.mem, ", ", i.a)
	}
}

// position is where a slice argument begins, or the variable that was saved.
func (p *goPrinter) position(arg int32) {
	if p.saved[arg] {
		p.s(p.b.args[arg].Name + "At")
		return
	}
	p.s("0")
}

// mem prints the slice and the index; idx is the lane's index of a gather.
func (p *goPrinter) mem(m Mem, between string, idx int32) {
	p.s(p.b.args[p.b.regs[m.P].arg].Name + between)
	p.register(int32(m.P))
	if m.S > 0 {
		p.s("+")
		p.register(int32(m.I))
		if m.S > 1 {
			p.s("*")
			p.n(int(m.S))
		}
	}
	if idx > 0 {
		p.s("+int(")
		p.register(idx)
		p.s(")")
	}
	if m.Off != 0 {
		p.s("+")
		p.n(int(m.Off))
	}
}

// register prints a variable, or a constant's value.
func (p *goPrinter) register(r int32) {
	if r < 0 {
		p.constant(p.b.konst[-1-r])
		return
	}
	p.s([...]string{kF32: "v", kI32: "v", kMask: "m", kPtr: "p", kInt: "n"}[p.b.regs[r].kind])
	p.n(int(r))
}

// constant prints a number; what has no literal is made from its bits.
func (p *goPrinter) constant(c konst) {
	if c.kind == kI32 {
		p.n(int(int32(c.bits)))
		return
	}
	x := float64(math.Float32frombits(c.bits))
	if math.IsNaN(x) || math.IsInf(x, 0) || x == 0 && math.Signbit(x) {
		p.s("math.Float32frombits(0x")
		p.out = strconv.AppendUint(p.out, uint64(c.bits), 16)
		p.s(")")
		return
	}
	if x < 0 {
		p.s("(")
	}
	p.out = strconv.AppendFloat(p.out, x, 'g', -1, 32)
	if x < 0 {
		p.s(")")
	}
}

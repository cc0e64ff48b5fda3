package vec

import "strconv"

// AVX512 prints Go assembly for processors with AVX-512 F, BW, DQ and VL. Mask register 7 is scratch for gathers, which
// clear their mask; K0 as a mask means none, so six remain. BP and SP keep their meaning.
var AVX512 = &Target{
	Name: "avx512", Lanes: 16,
	files: [numClasses]int{cVec: 32, cMask: 6, cGeneral: 14},
}

func init() {
	AVX512.forms, AVX512.masked = compileAll(avx512Forms), compileAll(avx512Masked)
	AVX512.print = printAsm
}

// avx512Forms spells each operation. Beside the operands: %t is the suffix of an embedded broadcast where an operand is a
// constant, %L the number of the block, %n an argument, %T a table, %s the immediate times the size of an element.
var avx512Forms = map[op]string{
	opArgPtr: "\tMOVQ %n, %d", opArgInt: "\tMOVQ %n, %d", opArgF: "\tVBROADCASTSS %n, %d",
	opSavePtr: "\tMOVQ %a, %n", opSaveInt: "\tMOVQ %a, %n",

	opLoop:       "\tTESTQ %d, %d\n\tJLE done%L\n\tPCALIGN $32\nloop%L:",
	opEndLoop:    "\tDECQ %d\n\tJNE loop%L\ndone%L:",
	opLoopArg:    "\tCMPQ %n, $0\n\tJLE done%L\nloop%L:",
	opEndLoopArg: "\tDECQ %n\n\tJNE loop%L\ndone%L:",
	opIf:         "\tTESTQ $%#, %a\n\tJEQ else%L",
	opElse:       "\tJMP end%L\nelse%L:",
	opEndIf:      "end%L:",

	opStep: "\tADDQ $%s, %d", opWalk: "\tLEAQ (%d)(%a*%s), %d", opPrefetch: "\tPREFETCHT%# %@",
	opConstN: "\tMOVQ $%#, %d", opAddN: "\tADDQ %a, %d", opSubN: "\tSUBQ %a, %d", opMulN: "\tIMULQ %a, %d",
	opIncN: "\tADDQ $%#, %d", opShlN: "\tSHLQ $%#, %d", opShrN: "\tSARQ $%#, %d", opAndN: "\tANDQ $%#, %d",

	opConstF: "\tVBROADCASTSS %a, %d", opConstI: "\tVPBROADCASTD %a, %d",
	opZeroF: "\tVPXORD %d, %d, %d", opZeroI: "\tVPXORD %d, %d, %d",
	opIota: "\tVMOVDQU32 %i, %d", opSplat: "\tVPBROADCASTD %a, %d",
	opCvtF: "\tVCVTDQ2PS %a, %d", opCvtI: "\tVCVTPS2DQ %a, %d", opTruncI: "\tVCVTTPS2DQ %a, %d",

	opLoadF: "\tVMOVUPS %@, %d", opLoadI: "\tVMOVDQU32 %@, %d", opLoadB: "\tVPMOVZXBD %@, %d",
	opBcastF: "\tVBROADCASTSS %@, %d", opBcastI: "\tVPBROADCASTD %@, %d", opBcastB: "\tVPBROADCASTB %@, %xd\n\tVPMOVZXBD %xd, %d",
	opStoreF: "\tVMOVUPS %a, %@", opStoreI: "\tVMOVDQU32 %a, %@", opStoreB: "\tVPMOVDB %a, %@",
	opStore1F: "\tVMOVSS %xa, %@", opStore1I: "\tVMOVD %xa, %@",
	opGatherF: "\tVPXORD %d, %d, %d\n\tKXNORW K7, K7, K7\n\tVGATHERDPS %g, K7, %d",
	opGatherI: "\tVPXORD %d, %d, %d\n\tKXNORW K7, K7, K7\n\tVPGATHERDD %g, K7, %d",

	opAddF: "\tVADDPS%t %b, %a, %d", opSubF: "\tVSUBPS%t %b, %a, %d", opMulF: "\tVMULPS%t %b, %a, %d", opDivF: "\tVDIVPS%t %b, %a, %d",
	opMinF: "\tVMINPS%t %b, %a, %d", opMaxF: "\tVMAXPS%t %b, %a, %d", opFma: "\tVFMADD231PS%t %b, %a, %d", opFmaBcast: "\tVFMADD231PS.BCST %@, %a, %d",
	opSqrt: "\tVSQRTPS %a, %d", opNearest: "\tVRNDSCALEPS $8, %a, %d", opFloor: "\tVRNDSCALEPS $9, %a, %d",
	opCeil: "\tVRNDSCALEPS $10, %a, %d", opTrunc: "\tVRNDSCALEPS $11, %a, %d",
	opScale: "\tVSCALEFPS%t %b, %a, %d", opGetExp: "\tVGETEXPPS %a, %d", opGetMant: "\tVGETMANTPS $15, %a, %d",

	opLookup: "\tVPERMD %T, %a, %d", opEvenQuads: "\tVSHUFF32X4 $0x88, %b, %a, %d", opOddQuads: "\tVSHUFF32X4 $0xdd, %b, %a, %d",

	opAddI: "\tVPADDD%t %b, %a, %d", opSubI: "\tVPSUBD%t %b, %a, %d", opMulI: "\tVPMULLD%t %b, %a, %d",
	opMinI: "\tVPMINSD%t %b, %a, %d", opMaxI: "\tVPMAXSD%t %b, %a, %d",
	opAnd: "\tVPANDD%t %b, %a, %d", opOr: "\tVPORD%t %b, %a, %d", opXor: "\tVPXORD%t %b, %a, %d", opAndN1: "\tVPANDND%t %b, %a, %d",
	opShl: "\tVPSLLD $%#, %a, %d", opShr: "\tVPSRLD $%#, %a, %d", opSar: "\tVPSRAD $%#, %a, %d",
	opShlV: "\tVPSLLVD%t %b, %a, %d", opShrV: "\tVPSRLVD%t %b, %a, %d", opSarV: "\tVPSRAVD%t %b, %a, %d",

	opEqF: "\tVCMPPS%t $0, %b, %a, %d", opNeF: "\tVCMPPS%t $4, %b, %a, %d", opLtF: "\tVCMPPS%t $17, %b, %a, %d",
	opLeF: "\tVCMPPS%t $18, %b, %a, %d", opGtF: "\tVCMPPS%t $30, %b, %a, %d", opGeF: "\tVCMPPS%t $29, %b, %a, %d", opIsNaN: "\tVCMPPS $3, %a, %a, %d",
	opEqI: "\tVPCMPD%t $0, %b, %a, %d", opNeI: "\tVPCMPD%t $4, %b, %a, %d", opLtI: "\tVPCMPD%t $1, %b, %a, %d",
	opLeI: "\tVPCMPD%t $2, %b, %a, %d", opGtI: "\tVPCMPD%t $6, %b, %a, %d", opGeI: "\tVPCMPD%t $5, %b, %a, %d",

	opLanes: "\tKMOVQ %a, %d\n\tKSHIFTRQ $%#, %d, %d", opBits: "\tKMOVW %a, %d",
	opAndM: "\tKANDW %b, %a, %d", opOrM: "\tKORW %b, %a, %d", opXorM: "\tKXORW %b, %a, %d", opAndNotM: "\tKANDNW %b, %a, %d", opNotM: "\tKNOTW %a, %d",
	opSelectF: "\tVBLENDMPS%t %b, %a, %c, %d", opSelectI: "\tVPBLENDMD%t %b, %a, %c, %d",
	opOnes: "\tVPBROADCASTD.Z %1, %a, %d",
}

var avx512Masked = map[op]string{
	opLoadF: "\tVMOVUPS.Z %@, %m, %d", opLoadI: "\tVMOVDQU32.Z %@, %m, %d", opLoadB: "\tVPMOVZXBD.Z %@, %m, %d",
	opStoreF: "\tVMOVUPS %a, %m, %@", opStoreI: "\tVMOVDQU32 %a, %m, %@", opStoreB: "\tVPMOVDB %a, %m, %@",
	opGatherF: "\tVPXORD %d, %d, %d\n\tKMOVW %m, K7\n\tVGATHERDPS %g, K7, %d",
	opGatherI: "\tVPXORD %d, %d, %d\n\tKMOVW %m, K7\n\tVPGATHERDD %g, K7, %d",
}

// avx512Special are operations whose text depends on more than a pattern can say.
var avx512Special = [numOps]func(p *asmPrinter, i *instr){
	opMovP: (*asmPrinter).moveGeneral, opMovN: (*asmPrinter).moveGeneral,
	opMovF: (*asmPrinter).move, opMovI: (*asmPrinter).move, opAsF: (*asmPrinter).move, opAsI: (*asmPrinter).move,
	opMadd: (*asmPrinter).fma, opNmadd: (*asmPrinter).fma, opMsub: (*asmPrinter).fma,
	opSwapF: (*asmPrinter).swap, opSwapI: (*asmPrinter).swap,
	opZipLow: (*asmPrinter).zip, opZipHigh: (*asmPrinter).zip,
}

var (
	avx512Move  = compile("\tVMOVAPS %a, %d\n")
	generalMove = compile("\tMOVQ %a, %d\n")
	// avx512Swap exchanges groups of 8, 4, 2 or 1 neighbouring lanes.
	avx512Swap = map[int32]form{
		8: compile("\tVSHUFF32X4 $0x4e, %a, %a, %d\n"), 4: compile("\tVSHUFF32X4 $0xb1, %a, %a, %d\n"),
		2: compile("\tVPERMILPS $0x4e, %a, %d\n"), 1: compile("\tVPERMILPS $0xb1, %a, %d\n"),
	}
	// avx512Zip interleaves one or two lanes of each within quads of four.
	avx512Zip = map[zipKey]form{
		{opZipLow, 1}: compile("\tVUNPCKLPS %b, %a, %d\n"), {opZipHigh, 1}: compile("\tVUNPCKHPS %b, %a, %d\n"),
		{opZipLow, 2}: compile("\tVUNPCKLPD %b, %a, %d\n"), {opZipHigh, 2}: compile("\tVUNPCKHPD %b, %a, %d\n"),
	}
	// avx512Fma are the forms by the operand that is overwritten: the addend, a factor, or the factor with a constant beside it.
	avx512Fma = map[op][3]form{
		opMadd:  fmaForms("VFMADD"),
		opNmadd: fmaForms("VFNMADD"),
		opMsub:  fmaForms("VFMSUB"),
	}
)

// zipKey is an interleaving by its half and by the lanes that stay together.
type zipKey struct {
	op op
	n  int32
}

func fmaForms(name string) [3]form {
	return [3]form{
		compile("\t" + name + "231PS%t %b, %a, %d\n"),
		compile("\t" + name + "213PS%t %c, %a, %d\n"),
		compile("\t" + name + "132PS%t %b, %c, %d\n"),
	}
}

// general registers by number, after the order in which they are given away.
var general = [...]string{"AX", "BX", "CX", "DX", "SI", "DI", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"}

// move prints nothing when both registers are the same.
func (p *asmPrinter) move(i *instr) {
	if p.reg[i.a] != p.reg[i.d] {
		p.form(i, avx512Move)
	}
}

func (p *asmPrinter) moveGeneral(i *instr) {
	if p.reg[i.a] != p.reg[i.d] {
		p.form(i, generalMove)
	}
}

func (p *asmPrinter) swap(i *instr) { p.form(i, avx512Swap[i.imm]) }

func (p *asmPrinter) zip(i *instr) { p.form(i, avx512Zip[zipKey{i.op, i.imm}]) }

// fma prints d = ±a*b ± c in the form that overwrites the operand which has d's register already, else after a move of a.
func (p *asmPrinter) fma(i *instr) {
	same := func(r int32) bool { return r > 0 && p.reg[r] == p.reg[i.d] }
	forms, x := avx512Fma[i.op], *i
	switch {
	case same(i.c):
		p.form(i, forms[0])
		return
	case same(i.b):
		x.a, x.b = i.b, i.a
	case !same(i.a):
		p.form(i, avx512Move)
	}
	// Now d holds factor x.a.
	if x.b < 0 {
		p.form(&x, forms[2])
		return
	}
	x.a = x.b
	p.form(&x, forms[1])
}

// name is a machine register.
func (p *asmPrinter) name(r int32, view byte) {
	n := int(p.reg[r])
	switch classOf[p.b.regs[r].kind] {
	case cGeneral:
		p.s(general[n])
	case cMask:
		p.s("K")
		p.n(n + 1)
	default:
		if view == 0 {
			view = 'z'
		}
		p.out = append(p.out, view-'a'+'A')
		p.out = strconv.AppendInt(p.out, int64(n), 10)
	}
}

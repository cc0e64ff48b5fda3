package vec

// kind is the type of a virtual register.
type kind uint8

const (
	kNone kind = iota
	kF32       // vector of float32 lanes
	kI32       // vector of int32 lanes
	kMask      // one bit per lane
	kPtr       // position in a slice argument
	kInt       // machine integer
)

var kindNames = [...]string{"nothing", "f32 vector", "i32 vector", "mask", "pointer", "integer"}

// kindOf maps the letters of a signature to kinds.
var kindOf = [256]kind{'f': kF32, 'i': kI32, 'm': kMask, 'p': kPtr, 'n': kInt}

// op names what an instruction does; its row in ops says what it takes.
type op uint8

const (
	opNone op = iota

	opArgPtr
	opArgInt
	opArgF
	opSavePtr
	opSaveInt

	opLoop
	opEndLoop
	opLoopArg
	opEndLoopArg
	opIf
	opElse
	opEndIf

	opMovP
	opStep
	opWalk
	opPrefetch

	opConstN
	opMovN
	opAddN
	opSubN
	opMulN
	opIncN
	opShlN
	opShrN
	opAndN

	opConstF
	opConstI
	opZeroF
	opZeroI
	opMovF
	opMovI
	opIota
	opSplat
	opAsF
	opAsI
	opCvtF
	opCvtI
	opTruncI

	opLoadF
	opLoadI
	opLoadB
	opBcastF
	opBcastI
	opBcastB
	opStoreF
	opStoreI
	opStoreB
	opStore1F
	opStore1I
	opGatherF
	opGatherI

	opAddF
	opSubF
	opMulF
	opDivF
	opMinF
	opMaxF
	opFma
	opFmaBcast
	opMadd
	opNmadd
	opMsub
	opSqrt
	opNearest
	opFloor
	opCeil
	opTrunc
	opScale
	opGetExp
	opGetMant
	opSwapF
	opLookup
	opZipLow
	opZipHigh
	opEvenQuads
	opOddQuads

	opAddI
	opSubI
	opMulI
	opMinI
	opMaxI
	opAnd
	opOr
	opXor
	opAndN1
	opShl
	opShr
	opSar
	opShlV
	opShrV
	opSarV
	opSwapI

	opEqF
	opNeF
	opLtF
	opLeF
	opGtF
	opGeF
	opIsNaN
	opEqI
	opNeI
	opLtI
	opLeI
	opGtI
	opGeI

	opLanes
	opAndM
	opOrM
	opXorM
	opAndNotM
	opNotM
	opBits
	opSelectF
	opSelectI
	opOnes

	numOps
)

// flags of an operation.
type flags uint8

const (
	fEffect  flags = 1 << iota // must stay even when its result is unused
	fMem                       // reads or writes the memory operand
	fMasked                    // may have a lane mask
	fCommute                   // a and b may change places
	fEarly                     // the target may write d before it has read every operand
	fConstC                    // operand c, too, may be a constant in memory
)

// info is one operation: its name, its signature and its flags. A signature is the kind of the result ('-' for none),
// '=' when d is only written or '&' when it is read too, then the kinds of operands a, b and c.
type info struct {
	name string
	sig  string
	flag flags
}

var ops = [numOps]info{
	opArgPtr:  {"arg", "p=", 0},
	opArgInt:  {"arg", "n=", 0},
	opArgF:    {"arg", "f=", 0},
	opSavePtr: {"save", "-=p", fEffect},
	opSaveInt: {"save", "-=n", fEffect},

	opLoop:       {"loop", "n&", fEffect},
	opEndLoop:    {"endloop", "n&", fEffect},
	opLoopArg:    {"loop", "-=", fEffect},
	opEndLoopArg: {"endloop", "-=", fEffect},
	opIf:         {"if", "-=n", fEffect},
	opElse:       {"else", "-=", fEffect},
	opEndIf:      {"endif", "-=", fEffect},

	opMovP:     {"copy", "p=p", 0},
	opStep:     {"step", "p&", 0},
	opWalk:     {"walk", "p&n", 0},
	opPrefetch: {"prefetch", "-=", fEffect | fMem},

	opConstN: {"const", "n=", 0},
	opMovN:   {"copy", "n=n", 0},
	opAddN:   {"add", "n&n", 0},
	opSubN:   {"sub", "n&n", 0},
	opMulN:   {"mul", "n&n", 0},
	opIncN:   {"inc", "n&", 0},
	opShlN:   {"shl", "n&", 0},
	opShrN:   {"shr", "n&", 0},
	opAndN:   {"and", "n&", 0},

	opConstF: {"const", "f=f", 0},
	opConstI: {"const", "i=i", 0},
	opZeroF:  {"zero", "f=", 0},
	opZeroI:  {"zero", "i=", 0},
	opMovF:   {"move", "f=f", 0},
	opMovI:   {"move", "i=i", 0},
	opIota:   {"iota", "i=", 0},
	opSplat:  {"splat", "i=n", 0},
	opAsF:    {"as f32", "f=i", 0},
	opAsI:    {"as i32", "i=f", 0},
	opCvtF:   {"to f32", "f=i", 0},
	opCvtI:   {"round to i32", "i=f", 0},
	opTruncI: {"truncate to i32", "i=f", 0},

	opLoadF:   {"load", "f=", fMem | fMasked},
	opLoadI:   {"load", "i=", fMem | fMasked},
	opLoadB:   {"load", "i=", fMem | fMasked},
	opBcastF:  {"broadcast", "f=", fMem},
	opBcastI:  {"broadcast", "i=", fMem},
	opBcastB:  {"broadcast", "i=", fMem},
	opStoreF:  {"store", "-=f", fMem | fMasked | fEffect},
	opStoreI:  {"store", "-=i", fMem | fMasked | fEffect},
	opStoreB:  {"store", "-=i", fMem | fMasked | fEffect},
	opStore1F: {"store lane 0", "-=f", fMem | fEffect},
	opStore1I: {"store lane 0", "-=i", fMem | fEffect},
	opGatherF: {"gather", "f=i", fMem | fMasked | fEarly},
	opGatherI: {"gather", "i=i", fMem | fMasked | fEarly},

	opAddF:     {"add", "f=ff", fCommute},
	opSubF:     {"sub", "f=ff", 0},
	opMulF:     {"mul", "f=ff", fCommute},
	opDivF:     {"div", "f=ff", 0},
	opMinF:     {"min", "f=ff", 0},
	opMaxF:     {"max", "f=ff", 0},
	opFma:      {"fma", "f&ff", 0},
	opFmaBcast: {"fma with a broadcast", "f&f", fMem},
	opMadd:     {"madd", "f=fff", fCommute | fConstC},
	opNmadd:    {"nmadd", "f=fff", fCommute | fConstC},
	opMsub:     {"msub", "f=fff", fCommute | fConstC},
	opSqrt:     {"sqrt", "f=f", 0},
	opNearest:  {"round", "f=f", 0},
	opFloor:    {"floor", "f=f", 0},
	opCeil:     {"ceil", "f=f", 0},
	opTrunc:    {"trunc", "f=f", 0},
	opScale:    {"scale", "f=ff", 0},
	opGetExp:   {"getexp", "f=f", 0},
	opGetMant:  {"getmant", "f=f", 0},
	opSwapF:    {"swap", "f=f", 0},

	opLookup:    {"lookup", "i=i", 0},
	opZipLow:    {"zip low", "f=ff", 0},
	opZipHigh:   {"zip high", "f=ff", 0},
	opEvenQuads: {"even quads", "f=ff", 0},
	opOddQuads:  {"odd quads", "f=ff", 0},

	opAddI:  {"add", "i=ii", fCommute},
	opSubI:  {"sub", "i=ii", 0},
	opMulI:  {"mul", "i=ii", fCommute},
	opMinI:  {"min", "i=ii", fCommute},
	opMaxI:  {"max", "i=ii", fCommute},
	opAnd:   {"and", "i=ii", fCommute},
	opOr:    {"or", "i=ii", fCommute},
	opXor:   {"xor", "i=ii", fCommute},
	opAndN1: {"andnot", "i=ii", 0},
	opShl:   {"shl", "i=i", 0},
	opShr:   {"shr", "i=i", 0},
	opSar:   {"sar", "i=i", 0},
	opShlV:  {"shl", "i=ii", 0},
	opShrV:  {"shr", "i=ii", 0},
	opSarV:  {"sar", "i=ii", 0},
	opSwapI: {"swap", "i=i", 0},

	opEqF:   {"eq", "m=ff", fCommute},
	opNeF:   {"ne", "m=ff", fCommute},
	opLtF:   {"lt", "m=ff", 0},
	opLeF:   {"le", "m=ff", 0},
	opGtF:   {"gt", "m=ff", 0},
	opGeF:   {"ge", "m=ff", 0},
	opIsNaN: {"is NaN", "m=f", 0},
	opEqI:   {"eq", "m=ii", fCommute},
	opNeI:   {"ne", "m=ii", fCommute},
	opLtI:   {"lt", "m=ii", 0},
	opLeI:   {"le", "m=ii", 0},
	opGtI:   {"gt", "m=ii", 0},
	opGeI:   {"ge", "m=ii", 0},

	opLanes:   {"lanes", "m=n", 0},
	opAndM:    {"and", "m=mm", 0},
	opOrM:     {"or", "m=mm", 0},
	opXorM:    {"xor", "m=mm", 0},
	opAndNotM: {"andnot", "m=mm", 0},
	opNotM:    {"not", "m=m", 0},
	opBits:    {"bits", "n=m", 0},
	opSelectF: {"select", "f=ffm", 0},
	opSelectI: {"select", "i=iim", 0},
	opOnes:    {"ones", "i=m", 0},
}

// is reports whether the operation has a flag.
func (o op) is(f flags) bool { return ops[o].flag&f != 0 }

// result is the kind of d; inout tells that d is read too.
func (o op) result() (k kind, inout bool) { return kindOf[ops[o].sig[0]], ops[o].sig[1] == '&' }

// operand is the kind of operand n (0 is a), or kNone.
func (o op) operand(n int) kind {
	if sig := ops[o].sig; len(sig) > 2+n {
		return kindOf[sig[2+n]]
	}
	return kNone
}

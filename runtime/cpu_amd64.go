package rt

// cpuid executes CPUID for a leaf and its sub-leaf.
//
//go:noescape
func cpuid(leaf, sub uint32) (a, b, c, d uint32)

// xgetbv reads the low half of XCR0: which register files the operating system saves.
//
//go:noescape
func xgetbv() uint32

// pause executes n (at least 1) PAUSE instructions.
//
//go:noescape
func pause(n uint32)

const (
	leafFeatures    = 1
	leafCachesIntel = 4
	leafExtended    = 7
	leafHighest     = 0x80000000
	leafFeaturesAMD = 0x80000001
	leafCachesAMD   = 0x8000001D
)

// Bits of XCR0: the upper halves of ymm, and opmask, the upper halves of zmm0-15 and zmm16-31.
const (
	xcr0AVX    = 1<<1 | 1<<2
	xcr0AVX512 = xcr0AVX | 1<<5 | 1<<6 | 1<<7
)

// bestISA asks the processor for the instructions and the operating system for the registers.
func bestISA() ISA {
	if top, _, _, _ := cpuid(0, 0); top < leafExtended {
		return ISAGo
	}
	_, _, c1, _ := cpuid(leafFeatures, 0)
	_, b7, _, _ := cpuid(leafExtended, 0)
	const fma, osxsave, avx = 1 << 12, 1 << 27, 1 << 28
	if !has(c1, fma|osxsave|avx) {
		return ISAGo
	}
	saved := xgetbv()
	const avx2 = 1 << 5
	if !has(saved, xcr0AVX) || !has(b7, avx2) {
		return ISAGo
	}
	const f, dq, bw, vl = 1 << 16, 1 << 17, 1 << 30, 1 << 31
	if !has(saved, xcr0AVX512) || !has(b7, f|dq|bw|vl) {
		return ISAAVX2
	}
	return ISAAVX512
}

func has(word, bits uint32) bool { return word&bits == bits }

// readCaches walks the deterministic cache parameters; Intel and AMD report them in the same format under
// different leaves, and other makers under Intel's.
func readCaches() (found Caches) {
	leaf := uint32(leafCachesIntel)
	if top, _, _, _ := cpuid(leafHighest, 0); top >= leafCachesAMD {
		const topologyExtensions = 1 << 22 // the leaf is only there with them
		if _, _, c, _ := cpuid(leafFeaturesAMD, 0); has(c, topologyExtensions) {
			leaf = leafCachesAMD
		}
	}
	if top, _, _, _ := cpuid(0, 0); leaf == leafCachesIntel && top < leafCachesIntel {
		return found
	}
	for sub := uint32(0); sub < 16; sub++ { // a bound, in case a hypervisor reports no end
		a, b, c, _ := cpuid(leaf, sub)
		kind, level := a&31, a>>5&7
		const none, instructions = 0, 2
		if kind == none {
			break
		}
		if kind == instructions {
			continue
		}
		ways, parts, line, sets := b>>22+1, b>>12&0x3FF+1, b&0xFFF+1, c+1
		found.set(level, int(ways)*int(parts)*int(line)*int(sets))
	}
	return found
}

func (c *Caches) set(level uint32, size int) {
	switch level {
	case 1:
		c.L1 = size
	case 2:
		c.L2 = size
	case 3:
		c.L3 = size
	}
}

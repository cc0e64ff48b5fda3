package rt

import (
	"errors"
	"os"
)

// An ISA is a set of instructions that kernels are generated for.
type ISA uint8

// The instruction sets, each holding the one before.
const (
	ISAGo     ISA = iota // portable Go
	ISAAVX2              // AVX2 and FMA
	ISAAVX512            // AVX-512 F, DQ, BW and VL
)

var isaNames = [...]string{ISAGo: "go", ISAAVX2: "avx2", ISAAVX512: "avx512"}

func (i ISA) String() string {
	if int(i) < len(isaNames) {
		return isaNames[i]
	}
	return "unknown"
}

// ISAVariable is the environment variable that overrides the choice of an instruction set.
const ISAVariable = "MMC_ISA"

// ChooseISA is the best instruction set of this machine, or the one that MMC_ISA names. A name that does not
// exist or that this machine cannot run is an error, never a silent choice of another.
func ChooseISA() (ISA, error) {
	name, set := os.LookupEnv(ISAVariable)
	if !set || name == "" {
		return bestISA(), nil
	}
	return parseISA(name, bestISA())
}

func parseISA(name string, best ISA) (ISA, error) {
	for i, n := range isaNames {
		if n != name {
			continue
		}
		if ISA(i) > best {
			return ISAGo, errors.New(ISAVariable + "=" + name + ": this machine has no " + name + ", its best is " + best.String())
		}
		return ISA(i), nil
	}
	return ISAGo, errors.New(ISAVariable + "=" + name + ": no such instruction set; there are go, avx2 and avx512")
}

// Caches holds data cache sizes in bytes, as one core sees them; what is unknown has a cautious default.
type Caches struct {
	L1, L2, L3 int
}

// defaultCaches suit any machine of the last ten years that does not say.
var defaultCaches = Caches{L1: 32 << 10, L2: 512 << 10, L3: 4 << 20}

// CacheSizes reads the sizes that block sizes are computed from.
func CacheSizes() Caches {
	found := readCaches()
	if found.L1 == 0 {
		found.L1 = defaultCaches.L1
	}
	if found.L2 == 0 {
		found.L2 = defaultCaches.L2
	}
	if found.L3 == 0 {
		found.L3 = max(defaultCaches.L3, found.L2)
	}
	return found
}

// Command ops checks generated functions of three vectors against references written in plain Go.
package main

import (
	"fmt"
	"math"
	"math/bits"
	"os"
	"strings"
)

type kernel[T any] struct {
	lanes int
	run   func(r, x, y, z []T, full, tail int)
}

var (
	floatKernels = map[string]kernel[float32]{}
	intKernels   = map[string]kernel[int32]{}
)

// fma is x*y + z rounded once: the product is exact in float64, and the sum is rounded to odd there, which makes the second
// rounding harmless.
func fma(x, y, z float32) float32 {
	p, c := float64(x)*float64(y), float64(z)
	s := p + c
	t := s - p
	err := (p - (s - t)) + (c - t)
	if err != 0 && err == err && math.Float64bits(s)&1 == 0 {
		s = math.Nextafter(s, math.Copysign(math.Inf(1), err))
	}
	return float32(s)
}

func bit(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

func ibit(b bool) int32 { return int32(bit(b)) }

func either(x, y, r float32) float32 {
	if x != x || y != y {
		return float32(math.NaN())
	}
	return r
}

var floatRefs = map[string]func(x, y, z float32) float32{
	"add": func(x, y, z float32) float32 { return x + y }, "sub": func(x, y, z float32) float32 { return x - y },
	"mul": func(x, y, z float32) float32 { return x * y }, "div": func(x, y, z float32) float32 { return x / y },
	"min": func(x, y, z float32) float32 { return either(x, y, float32(math.Min(float64(x), float64(y)))) },
	"max": func(x, y, z float32) float32 { return either(x, y, float32(math.Max(float64(x), float64(y)))) },
	"minRaw": func(x, y, z float32) float32 {
		if x < y {
			return x
		}
		return y
	},
	"maxRaw": func(x, y, z float32) float32 {
		if x > y {
			return x
		}
		return y
	},
	"maxConst": func(x, y, z float32) float32 { return float32(math.Max(float64(x), 0.5)) },
	"madd":     fma, "fma": fma,
	"nmadd":       func(x, y, z float32) float32 { return fma(-x, y, z) },
	"msub":        func(x, y, z float32) float32 { return fma(x, y, -z) },
	"maddKeepAll": func(x, y, z float32) float32 { return fma(x, y, z) + x + y + z },
	"maddKeepSum": func(x, y, z float32) float32 { return fma(x, y, z) + z },
	"nmaddConst":  func(x, y, z float32) float32 { return fma(-3, x, 2) },
	"maddConst":   func(x, y, z float32) float32 { return fma(x, 3, z) + x },
	"subConst":    func(x, y, z float32) float32 { return 1 - x },
	"abs":         func(x, y, z float32) float32 { return float32(math.Abs(float64(x))) },
	"neg":         func(x, y, z float32) float32 { return -x },
	"copysign":    func(x, y, z float32) float32 { return float32(math.Copysign(float64(x), float64(y))) },
	"sqrt":        func(x, y, z float32) float32 { return float32(math.Sqrt(float64(x))) },
	"round":       func(x, y, z float32) float32 { return float32(math.RoundToEven(float64(x))) },
	"floor":       func(x, y, z float32) float32 { return float32(math.Floor(float64(x))) },
	"ceil":        func(x, y, z float32) float32 { return float32(math.Ceil(float64(x))) },
	"trunc":       func(x, y, z float32) float32 { return float32(math.Trunc(float64(x))) },
	"scale": func(x, y, z float32) float32 {
		n := float64(-300)
		if y > -300 {
			n = math.Floor(min(float64(y), 300))
		}
		return float32(math.Ldexp(float64(x), int(n)))
	},
	"getexp": func(x, y, z float32) float32 { return float32(math.Logb(float64(x))) },
	"getmant": func(x, y, z float32) float32 {
		if x < 0 {
			return float32(math.NaN())
		}
		if x == 0 || math.IsInf(float64(x), 1) {
			return 1
		}
		m, _ := math.Frexp(float64(x))
		if m < 0.75 {
			m *= 2
		}
		return float32(m)
	},
	"selectLess": func(x, y, z float32) float32 {
		if x < y {
			return z
		}
		return x
	},
	"selectFlip": func(x, y, z float32) float32 {
		if x > 1 {
			return 7
		}
		return -0.5
	},
	"zeroConst": func(x, y, z float32) float32 { return x * float32(math.Copysign(0, -1)) },
	"preds": func(x, y, z float32) float32 {
		return bit(x == y) + 2*bit(x != y) + 4*bit(x < y) + 8*bit(x <= y) + 16*bit(x > y) + 32*bit(x >= y)
	},
	"masks": func(x, y, z float32) float32 {
		p, q := x < y, y < z
		return bit(p && q) + 2*bit(p || q) + 4*bit(p != q) + 8*bit(!p && q) + 16*bit(!p) + 32*bit(x != x)
	},
	"branch": func(x, y, z float32) float32 {
		if x < y {
			return y
		}
		return z
	},
}

func toInt(x float64) int32 {
	if x >= -1<<31 && x < 1<<31 {
		return int32(x)
	}
	return math.MinInt32
}

var intRefs = map[string]func(x, y, z int32) int32{
	"iadd": func(x, y, z int32) int32 { return x + y }, "isub": func(x, y, z int32) int32 { return x - y },
	"imul": func(x, y, z int32) int32 { return x * y }, "imin": func(x, y, z int32) int32 { return min(x, y) },
	"imax": func(x, y, z int32) int32 { return max(x, y) }, "ineg": func(x, y, z int32) int32 { return -x },
	"iabs": func(x, y, z int32) int32 { return max(x, -x) }, "and": func(x, y, z int32) int32 { return x & y },
	"or": func(x, y, z int32) int32 { return x | y }, "xor": func(x, y, z int32) int32 { return x ^ y },
	"andnot": func(x, y, z int32) int32 { return ^x & y }, "shl": func(x, y, z int32) int32 { return x * 32 },
	"shr": func(x, y, z int32) int32 { return int32(uint32(x) / 32) }, "sar": func(x, y, z int32) int32 { return int32(math.Floor(float64(x) / 32)) },
	"shlv": func(x, y, z int32) int32 { return int32(uint64(uint32(x)) << (min(uint32(y), 32))) },
	"shrv": func(x, y, z int32) int32 { return int32(uint64(uint32(x)) >> (min(uint32(y), 32))) },
	"sarv": func(x, y, z int32) int32 { return int32(int64(x) >> (min(uint32(y), 32))) },
	"iselect": func(x, y, z int32) int32 {
		if x >= 100 {
			return y
		}
		return z
	},
	"iconst": func(x, y, z int32) int32 { return x*-7 + 3 },
	"ipreds": func(x, y, z int32) int32 {
		return ibit(x == y) + 2*ibit(x != y) + 4*ibit(x < y) + 8*ibit(x <= y) + 16*ibit(x > y) + 32*ibit(x >= y)
	},
	"lookup": func(x, y, z int32) int32 {
		return []int32{3, 1, 4, 1, 5, 9, 2, 6, math.MinInt32, 5, 3, 5, 8, 9, 7, 9}[x&15]
	},
	"tof":  func(x, y, z int32) int32 { return int32(math.Float32bits(float32(float64(x)))) },
	"toi":  func(x, y, z int32) int32 { return toInt(math.RoundToEven(float64(math.Float32frombits(uint32(x))))) },
	"trci": func(x, y, z int32) int32 { return toInt(math.Trunc(float64(math.Float32frombits(uint32(x))))) },
}

// samples are special bit patterns, whole numbers, halves and a random sequence.
func samples(n int, seed uint64) []uint32 {
	special := []uint32{0, 1 << 31, 1, 1<<31 | 1, 0x7fffff, 0x800000, 0x3f800000, 0xbf800000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000,
		0x7fc00000, 0x3f000000, 0x3fc00000, 0x40200000, 0xbf000000, 0x4effffff, 0x4f000000, 0xcf000000, 0xcf000001, 0x4b000001, 31, 32, 33, 100, 5}
	s := make([]uint32, n)
	for i := range s {
		seed = bits.RotateLeft64(seed*0x9e3779b97f4a7c15+1, 23)
		switch r := uint32(seed >> 32); r % 4 {
		case 0:
			s[i] = special[r/4%uint32(len(special))]
		case 1:
			s[i] = math.Float32bits(float32(int32(r)>>20) / 8)
		case 2:
			s[i] = r >> 2 & 0xff
		default:
			s[i] = uint32(seed)
		}
	}
	return s
}

// check runs kernels over every tail; what lies after the tail must stay as it was. ulps is how far a result may be off
// where the target does not fuse.
func check[T float32 | int32](kernels map[string]kernel[T], refs map[string]func(x, y, z T) T, from func(uint32) T, same func(name string, got, want, x, y, z T) bool, want string) (bad, done int) {
	for name, k := range kernels {
		base, target, _ := strings.Cut(name, "_")
		ref := refs[base]
		if !strings.Contains(want, target) || base == "sum" {
			continue
		}
		if ref == nil {
			fmt.Println("no reference of", base)
			bad++
			continue
		}
		done++
		for n := 2000; n < 2000+2*k.lanes; n++ {
			var in [3][]T
			for j := range in {
				for _, u := range samples(n, uint64(j*7919+n)) {
					in[j] = append(in[j], from(u))
				}
			}
			r := make([]T, n+16)
			for i := range r {
				r[i] = 77
			}
			k.run(r, in[0], in[1], in[2], n/k.lanes, n%k.lanes)
			for i := range r {
				if i >= n {
					if r[i] != 77 {
						fmt.Printf("%s: n=%d wrote behind the end at %d\n", name, n, i)
						bad++
					}
					continue
				}
				x, y, z := in[0][i], in[1][i], in[2][i]
				if w := ref(x, y, z); !same(base+"/"+target, r[i], w, x, y, z) {
					if bad++; bad < 50 {
						fmt.Printf("%s(%v, %v, %v) = %v, want %v\n", name, x, y, z, r[i], w)
					}
				}
			}
		}
	}
	return bad, done
}

// magnitude is |x|, and 0 of a NaN: not every function uses every operand.
func magnitude(x float32) float64 {
	if x != x {
		return 0
	}
	return math.Abs(float64(x))
}

// sameFloat wants equal bits up to NaN payloads and the sign of zero of min and max; scalar Go may round a product apart.
func sameFloat(name string, got, want, x, y, z float32) bool {
	if got == want || got != got && want != want {
		zero := got == 0 && math.Signbit(float64(got)) != math.Signbit(float64(want))
		return !zero || strings.HasPrefix(name, "m") || strings.HasPrefix(name, "nmadd") || strings.HasPrefix(name, "fma")
	}
	if strings.HasSuffix(name, "/go") && (strings.Contains(name, "madd") || strings.Contains(name, "msub") || strings.Contains(name, "fma")) {
		size := 4*magnitude(x) + magnitude(y) + magnitude(z) + magnitude(x)*magnitude(y) + 6
		return math.Abs(float64(got)-float64(want)) <= size*3e-7 || size > math.MaxFloat32/4
	}
	return false
}

func main() {
	want := strings.Join(os.Args[1:], " ")
	bad, done := check(floatKernels, floatRefs, math.Float32frombits, sameFloat, want)
	badInts, doneInts := check(intKernels, intRefs, func(u uint32) int32 { return int32(u) }, func(_ string, got, want, x, y, z int32) bool { return got == want }, want)
	fmt.Println(done+doneInts, "functions checked")
	if bad+badInts > 0 || done == 0 || doneInts == 0 {
		os.Exit(1)
	}
}

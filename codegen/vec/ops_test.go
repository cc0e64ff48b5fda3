package vec_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/codegen/vec"
	"mmc/codegen/vec/vectest"
)

type (
	builder = vec.Builder
	v       = vec.V
)

// floatOps are functions of three float vectors; testdata/ops has a reference of each.
var floatOps = map[string]func(b *builder, x, y, z v) v{
	"add": func(b *builder, x, y, z v) v { return b.Add(x, y) }, "sub": func(b *builder, x, y, z v) v { return b.Sub(x, y) },
	"mul": func(b *builder, x, y, z v) v { return b.Mul(x, y) }, "div": func(b *builder, x, y, z v) v { return b.Div(x, y) },
	"min": func(b *builder, x, y, z v) v { return b.Min(x, y) }, "max": func(b *builder, x, y, z v) v { return b.Max(x, y) },
	"minRaw": func(b *builder, x, y, z v) v { return b.MinRaw(x, y) }, "maxRaw": func(b *builder, x, y, z v) v { return b.MaxRaw(x, y) },
	"maxConst": func(b *builder, x, y, z v) v { return b.Max(x, b.Const(0.5)) },
	"madd":     func(b *builder, x, y, z v) v { return b.Madd(x, y, z) }, "nmadd": func(b *builder, x, y, z v) v { return b.Nmadd(x, y, z) },
	"msub": func(b *builder, x, y, z v) v { return b.Msub(x, y, z) },
	"maddKeepAll": func(b *builder, x, y, z v) v {
		return b.Add(b.Add(b.Add(b.Madd(x, y, z), x), y), z)
	},
	"maddKeepSum": func(b *builder, x, y, z v) v { return b.Add(b.Madd(x, y, z), z) },
	"nmaddConst":  func(b *builder, x, y, z v) v { return b.Nmadd(b.Const(3), x, b.Const(2)) },
	"maddConst":   func(b *builder, x, y, z v) v { return b.Add(b.Madd(x, b.Const(3), z), x) },
	"subConst":    func(b *builder, x, y, z v) v { return b.Sub(b.Const(1), x) },
	"fma": func(b *builder, x, y, z v) v {
		d := b.NewV()
		b.Set(d, z)
		b.Fma(d, x, y)
		return d
	},
	"abs": func(b *builder, x, y, z v) v { return b.Abs(x) }, "neg": func(b *builder, x, y, z v) v { return b.Neg(x) },
	"copysign": func(b *builder, x, y, z v) v { return b.CopySign(x, y) }, "sqrt": func(b *builder, x, y, z v) v { return b.Sqrt(x) },
	"round": func(b *builder, x, y, z v) v { return b.Round(x) }, "floor": func(b *builder, x, y, z v) v { return b.Floor(x) },
	"ceil": func(b *builder, x, y, z v) v { return b.Ceil(x) }, "trunc": func(b *builder, x, y, z v) v { return b.Trunc(x) },
	"scale":  func(b *builder, x, y, z v) v { return b.Scale(x, b.MinRaw(b.MaxRaw(y, b.Const(-300)), b.Const(300))) },
	"getexp": func(b *builder, x, y, z v) v { return b.GetExp(x) }, "getmant": func(b *builder, x, y, z v) v { return b.GetMant(x) },
	"selectLess": func(b *builder, x, y, z v) v { return b.Select(b.Cmp(vec.LT, x, y), z, x) },
	"selectFlip": func(b *builder, x, y, z v) v {
		return b.Select(b.Cmp(vec.LT, b.Const(1), x), b.Const(7), b.Const(-0.5))
	},
	"zeroConst": func(b *builder, x, y, z v) v { return b.Mul(x, b.ConstBits(1<<31)) },
	"sum": func(b *builder, x, y, z v) v {
		return b.Sub(b.Sum(b.Abs(b.MinRaw(x, b.Const(4)))), b.Sum(b.Abs(b.MinRaw(x, b.Const(4)))))
	},
	"preds": func(b *builder, x, y, z v) v {
		r := b.NewV()
		b.SetZero(r)
		for p := vec.EQ; p <= vec.GE; p++ {
			b.Set(r, b.Add(r, b.ToF(b.Shl(b.Ones(b.Cmp(p, x, y)), int(p)))))
		}
		return r
	},
	"masks": func(b *builder, x, y, z v) v {
		p, q := b.Cmp(vec.LT, x, y), b.Cmp(vec.LT, y, z)
		r := b.NewVI()
		b.Set(r, b.ConstI(0))
		put := func(k int, m vec.M) { b.Set(r, b.Or(r, b.Shl(b.Ones(m), k))) }
		put(0, b.AndM(p, q))
		put(1, b.OrM(p, q))
		put(2, b.XorM(p, q))
		put(3, b.AndNotM(p, q))
		put(4, b.NotM(p))
		put(5, b.IsNaN(x))
		return b.ToF(r)
	},
	"branch": func(b *builder, x, y, z v) v { // both branches give the same lanes, so it does not matter that one is taken for all
		m := b.Cmp(vec.LT, x, y)
		r := b.NewV()
		b.If(b.BitsOf(m), 0xffff, func() { b.Set(r, b.Select(m, y, z)) }, func() { b.Set(r, z) })
		return r
	},
}

// intOps are functions of three int32 vectors.
var intOps = map[string]func(b *builder, x, y, z v) v{
	"iadd": func(b *builder, x, y, z v) v { return b.Add(x, y) }, "isub": func(b *builder, x, y, z v) v { return b.Sub(x, y) },
	"imul": func(b *builder, x, y, z v) v { return b.Mul(x, y) }, "imin": func(b *builder, x, y, z v) v { return b.Min(x, y) },
	"imax": func(b *builder, x, y, z v) v { return b.Max(x, y) }, "iabs": func(b *builder, x, y, z v) v { return b.Abs(x) },
	"ineg": func(b *builder, x, y, z v) v { return b.Neg(x) }, "and": func(b *builder, x, y, z v) v { return b.And(x, y) },
	"or": func(b *builder, x, y, z v) v { return b.Or(x, y) }, "xor": func(b *builder, x, y, z v) v { return b.Xor(x, y) },
	"andnot": func(b *builder, x, y, z v) v { return b.AndNot(x, y) }, "shl": func(b *builder, x, y, z v) v { return b.Shl(x, 5) },
	"shr": func(b *builder, x, y, z v) v { return b.Shr(x, 5) }, "sar": func(b *builder, x, y, z v) v { return b.Sar(x, 5) },
	"shlv": func(b *builder, x, y, z v) v { return b.ShlV(x, y) }, "shrv": func(b *builder, x, y, z v) v { return b.ShrV(x, y) },
	"sarv": func(b *builder, x, y, z v) v { return b.SarV(x, y) }, "iconst": func(b *builder, x, y, z v) v { return b.Add(b.Mul(x, b.ConstI(-7)), b.ConstI(3)) },
	"iselect": func(b *builder, x, y, z v) v { return b.Select(b.Cmp(vec.GE, x, b.ConstI(100)), y, z) },
	"ipreds": func(b *builder, x, y, z v) v {
		r := b.NewVI()
		b.Set(r, b.ConstI(0))
		for p := vec.EQ; p <= vec.GE; p++ {
			b.Set(r, b.Or(r, b.Shl(b.Ones(b.Cmp(p, x, y)), int(p))))
		}
		return r
	},
	"lookup": func(b *builder, x, y, z v) v {
		return b.Lookup([vec.TableSize]uint32{3, 1, 4, 1, 5, 9, 2, 6, 1 << 31, 5, 3, 5, 8, 9, 7, 9}, x)
	},
	"tof":  func(b *builder, x, y, z v) v { return b.AsI(b.ToF(x)) },
	"toi":  func(b *builder, x, y, z v) v { return b.ToI(b.AsF(x)) },
	"trci": func(b *builder, x, y, z v) v { return b.TruncI(b.AsF(x)) },
}

// mapOf emits r[i] = f(x[i], y[i], z[i]) for full vectors and a masked tail of n elements.
func mapOf(name string, t *vec.Target, e vec.Elem, f func(b *builder, x, y, z v) v) (*vec.Func, error) {
	b := vec.New(name+"_"+t.Name, t, vec.Slice("r", e), vec.Slice("x", e), vec.Slice("y", e), vec.Slice("z", e), vec.Int("full"), vec.Int("tail"))
	r, in := b.Ptr("r"), []vec.P{b.Ptr("x"), b.Ptr("y"), b.Ptr("z")}
	body := func(m vec.M) {
		var a [3]v
		for k, p := range in {
			a[k] = b.Load(vec.At(p, 0), m)
		}
		b.Store(f(b, a[0], a[1], a[2]), vec.At(r, 0), m)
		for _, p := range append(in, r) {
			b.Step(p, b.Lanes())
		}
	}
	b.LoopArg("full", func() { body(0) })
	tail := b.Int("tail")
	b.If(tail, 1<<30-1, func() { body(b.First(tail, 0)) }, nil)
	return b.Build()
}

// TestOps runs every operation on both targets against references, over special values and every masked tail.
func TestOps(t *testing.T) {
	var funcs []*vec.Func
	var table strings.Builder
	table.WriteString("package main\n\nfunc init() {\n")
	for _, target := range []*vec.Target{vec.AVX512, vec.Scalar} {
		for name, f := range floatOps {
			fn, err := mapOf(name, target, vec.F32, f)
			require.NoError(t, err)
			funcs = append(funcs, fn)
			fmt.Fprintf(&table, "floatKernels[%q] = kernel[float32]{%d, %s}\n", fn.Name, target.Lanes, fn.Name)
		}
		for name, f := range intOps {
			fn, err := mapOf(name, target, vec.I32, f)
			require.NoError(t, err)
			funcs = append(funcs, fn)
			fmt.Fprintf(&table, "intKernels[%q] = kernel[int32]{%d, %s}\n", fn.Name, target.Lanes, fn.Name)
		}
	}
	table.WriteString("}\n")
	m := vectest.New(t)
	m.Funcs(funcs)
	m.Write("table.go", []byte(table.String()))
	m.Copy("testdata/ops")
	if vectest.HasAVX512(t) {
		m.Run("avx512", "go")
	} else {
		m.Run("go")
	}
}

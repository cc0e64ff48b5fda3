package vec_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/codegen/vec"
	"mmc/codegen/vec/vectest"
)

// memoryFuncs touch memory in every way there is; testdata/memory checks them, in memory that ends at unmapped pages. Each has
// the arguments f, g []float32, i []int32, u []uint8, n, s int, a float32.
var memoryFuncs = map[string]func(b *builder, m vec.M){
	// widen: f = float(u) + i, u from its position on.
	"widen": func(b *builder, m vec.M) {
		x := b.Add(b.Load(vec.At(b.Ptr("u"), 0), m), b.Load(vec.At(b.Ptr("i"), 0), m))
		b.Store(b.ToF(x), vec.At(b.Ptr("f"), 0), m)
	},
	// narrow: u = low byte of i.
	"narrow": func(b *builder, m vec.M) { b.Store(b.Load(vec.At(b.Ptr("i"), 0), m), vec.At(b.Ptr("u"), 0), m) },
	// bools: u = (f < g && u != 0).
	"bools": func(b *builder, m vec.M) {
		less := b.Cmp(vec.LT, b.Load(vec.At(b.Ptr("f"), 0), m), b.Load(vec.At(b.Ptr("g"), 0), m))
		b.StoreMask(b.AndM(less, b.LoadMask(vec.At(b.Ptr("u"), 0), m)), vec.At(b.Ptr("u"), 0), m)
	},
	// gather: f = g[i], i = its own number.
	"gather": func(b *builder, m vec.M) {
		b.Store(b.Gather(vec.At(b.Ptr("g"), 0), b.Load(vec.At(b.Ptr("i"), 0), m), m), vec.At(b.Ptr("f"), 0), m)
		b.Store(b.Iota(), vec.At(b.Ptr("i"), 0), m)
	},
	// gatherInts: i = i[lane] by way of a gather that keeps its index alive.
	"gatherInts": func(b *builder, m vec.M) {
		idx := b.Iota()
		b.Store(b.Add(b.Gather(vec.At(b.Ptr("i"), 0), idx, m), idx), vec.At(b.Ptr("i"), 0), m)
	},
	// broadcast: f = a + g[0] + i[0] + u[0].
	"broadcast": func(b *builder, m vec.M) {
		ints := b.Add(b.Bcast(vec.At(b.Ptr("i"), 0)), b.Bcast(vec.At(b.Ptr("u"), 0)))
		b.Store(b.Add(b.Add(b.Scalar("a"), b.Bcast(vec.At(b.Ptr("g"), 0))), b.ToF(ints)), vec.At(b.Ptr("f"), 0), m)
	},
	// splat: i = s + lane.
	"splat": func(b *builder, m vec.M) { b.Store(b.Add(b.Splat(b.Int("s")), b.Iota()), vec.At(b.Ptr("i"), 0), m) },
	// strided: f[lane] = g[2s] + g[3s+1] + u[5s], each from its own start.
	"strided": func(b *builder, m vec.M) {
		s, p, q := b.Int("s"), b.Ptr("g"), b.Ptr("u")
		x := b.Bcast(vec.At(p, 0).Index(s, 2))
		b.Walk(p, s, 3)
		b.Walk(q, s, 5)
		b.FmaBcast(x, b.Const(1), vec.At(p, 1))
		b.Store(b.Add(x, b.ToF(b.Bcast(vec.At(q, 0)))), vec.At(b.Ptr("f"), 0), m)
	},
	// bits: f = lane's bit of s set ? a : 0.
	"bits": func(b *builder, m vec.M) {
		b.Store(b.Select(b.Bits(b.Int("s"), 3), b.Scalar("a"), b.Const(0)), vec.At(b.Ptr("f"), 0), m)
	},
	// integers: i = ((s+7)*3 - (s<<2)) & 1023 in every lane, counted by nested loops up to s*3 besides.
	"integers": func(b *builder, m vec.M) {
		s := b.Int("s")
		x := b.CopyI(s)
		b.IncI(x, 7)
		b.MulI(x, b.IConst(3))
		y := b.CopyI(s)
		b.ShlI(y, 2)
		b.SubI(x, y)
		b.AndI(x, 1023)
		count := b.IConst(0)
		b.Loop(b.CopyI(s), func() {
			b.Loop(b.IConst(3), func() { b.IncI(count, 1) })
		})
		b.AddI(x, count)
		b.Store(b.Splat(x), vec.At(b.Ptr("i"), 0), m)
	},
}

// reductions write to f[0..3]: sum, largest, smallest, product of the lanes of g.
func reductions(t *vec.Target) (*vec.Func, error) {
	b := vec.New("reduce_"+t.Name, t, vec.Slice("f", vec.F32), vec.Slice("g", vec.F32), vec.Slice("i", vec.I32))
	f, x := b.Ptr("f"), b.Load(vec.At(b.Ptr("g"), 0), 0)
	for k, r := range []v{b.Sum(x), b.HMax(x), b.HMin(x), b.Prod(x)} {
		b.StoreFirst(r, vec.At(f, k))
	}
	y := b.Load(vec.At(b.Ptr("i"), 0), 0)
	for k, r := range []v{b.Sum(y), b.HMax(y), b.HMin(y)} {
		b.StoreFirst(r, vec.At(b.Ptr("i"), k))
	}
	return b.Build()
}

// TestMemory runs memoryFuncs on every tail, and random records on both targets.
func TestMemory(t *testing.T) {
	var funcs []*vec.Func
	var table strings.Builder
	table.WriteString("package main\n\nfunc init() {\n")
	for _, target := range []*vec.Target{vec.AVX512, vec.Scalar} {
		for name, f := range memoryFuncs {
			b := vec.New(name+"_"+target.Name, target, vec.Slice("f", vec.F32), vec.Slice("g", vec.F32), vec.Slice("i", vec.I32),
				vec.Slice("u", vec.U8), vec.Int("n"), vec.Int("s"), vec.Float("a"))
			f(b, b.First(b.Int("n"), 0))
			fn, err := b.Build()
			require.NoError(t, err)
			funcs = append(funcs, fn)
			fmt.Fprintf(&table, "kernels[%q] = kernel{%d, %s}\n", fn.Name, target.Lanes, fn.Name)
		}
		fn, err := reductions(target)
		require.NoError(t, err)
		funcs = append(funcs, fn)
	}
	for seed := range uint64(100) {
		var pair [2]string
		for k, target := range []*vec.Target{vec.AVX512, vec.Scalar} {
			fn, err := randomFunc(fmt.Sprintf("random%d_%s", seed, target.Name), target, seed)
			require.NoError(t, err)
			funcs = append(funcs, fn)
			pair[k] = fn.Name
		}
		fmt.Fprintf(&table, "randoms = append(randoms, [2]random{%s, %s})\n", pair[0], pair[1])
	}
	table.WriteString("}\n")
	m := vectest.New(t)
	m.Funcs(funcs)
	m.Write("table.go", []byte(table.String()))
	m.Copy("testdata/memory")
	t.Log(string(m.Run(fmt.Sprint(vectest.HasAVX512(t)))))
}

// randomFunc records loops, branches and arithmetic on values that live for random times. The operations round equally on all
// targets, so that 16 lanes at once must give the bits that 16 calls give.
func randomFunc(name string, t *vec.Target, seed uint64) (*vec.Func, error) {
	r := &randomRecord{Rand: rand.New(rand.NewPCG(seed, 7)), b: vec.New(name, t, vec.Slice("f", vec.F32), vec.Slice("g", vec.F32), vec.Int("n"), vec.Int("s"))}
	b := r.b
	f, g := b.Ptr("f"), b.Ptr("g")
	for k := range 3 + r.IntN(12) { // carried values
		d := b.NewV()
		b.SetLoad(d, vec.At(g, k*t.Lanes), 0)
		r.carried = append(r.carried, d)
	}
	r.body(3)
	for k, d := range r.carried {
		b.Store(d, vec.At(f, k*t.Lanes), 0)
	}
	return b.Build()
}

type randomRecord struct {
	*rand.Rand
	b       *builder
	carried []v
}

func (r *randomRecord) any(local []v) v {
	if all := append(append([]v{}, r.carried...), local...); r.IntN(8) > 0 {
		return all[r.IntN(len(all))]
	}
	return r.b.Const(float32(r.IntN(5)) - 2)
}

func (r *randomRecord) body(depth int) {
	var local []v
	for range 4 + r.IntN(12) {
		switch r.IntN(9) {
		case 0:
			if depth > 0 {
				r.b.Loop(r.b.IConst(r.IntN(4)), func() { r.body(depth - 1) })
			}
		case 1:
			if depth > 0 {
				r.b.If(r.b.Int("s"), 1<<r.IntN(4), func() { r.body(depth - 1) }, func() { r.body(depth - 1) })
			}
		case 2, 3:
			r.b.Set(r.carried[r.IntN(len(r.carried))], r.value(local))
		default:
			if local = append(local, r.value(local)); len(local) > 8 {
				local = local[1:]
			}
		}
	}
}

func (r *randomRecord) value(local []v) v {
	x, y, z := r.any(local), r.any(local), r.any(local)
	switch b := r.b; r.IntN(7) {
	case 0:
		return b.Add(x, y)
	case 1:
		return b.Sub(x, y)
	case 2:
		return b.Mul(x, y)
	case 3:
		return b.Max(x, y)
	case 4:
		return b.MinRaw(x, b.Const(1e6))
	case 5:
		return b.Select(b.Cmp(vec.Pred(r.IntN(6)), x, y), z, x)
	default: // the sign of a NaN is nobody's promise
		y = b.Select(b.IsNaN(y), b.Const(0), y)
		return b.AsF(b.Xor(b.AsI(x), b.And(b.AsI(y), b.ConstI(-1<<31))))
	}
}

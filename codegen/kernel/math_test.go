package kernel_test

import (
	"flag"
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/codegen/kernel"
	"mmc/codegen/vec"
	"mmc/codegen/vec/vectest"
)

var stride = flag.Int("stride", 64, "check the vector mathematics on every so many-th float32")

var mathFuncs = map[string]func(b *builder, x vec.V) vec.V{
	"exp": kernel.Exp, "expm1": kernel.Expm1, "log": kernel.Log, "log2": kernel.Log2, "tanh": kernel.Tanh, "sigmoid": kernel.Sigmoid,
	"sin": kernel.Sin, "cos": kernel.Cos, "erf": kernel.Erf, "erfc": kernel.Erfc, "rsqrt": kernel.Rsqrt,
}

// mapOf builds func(y, x []float32, full, tail int).
func mapOf(t testing.TB, name string, target *vec.Target, f func(b *builder, x vec.V) vec.V) *vec.Func {
	b := vec.New(name+"_"+target.Name, target, vec.Slice("y", vec.F32), vec.Slice("x", vec.F32), vec.Int("full"), vec.Int("tail"))
	y, x := b.Ptr("y"), b.Ptr("x")
	body := func(m vec.M) {
		b.Store(f(b, b.Load(vec.At(x, 0), m)), vec.At(y, 0), m)
		b.Step(x, b.Lanes())
		b.Step(y, b.Lanes())
	}
	b.LoopArg("full", func() { body(0) })
	tail := b.Int("tail")
	b.If(tail, 1<<20-1, func() { body(b.First(tail, 0)) }, nil)
	fn, err := b.Build()
	require.NoError(t, err)
	return fn
}

// TestMath compares with float64 on a sample of all float32s (on all of them with -stride 1) and prints the table that
// docs/accuracy.md shows.
func TestMath(t *testing.T) {
	var names []string
	for name := range mathFuncs {
		names = append(names, name)
	}
	sort.Strings(names)
	var funcs []*vec.Func
	var table strings.Builder
	table.WriteString("package main\n\nvar kernels = map[string][2]kernel{\n")
	for _, name := range names {
		for _, target := range []*vec.Target{vec.AVX512, vec.Scalar} {
			fn := mapOf(t, name, target, mathFuncs[name])
			funcs = append(funcs, fn)
			if target == vec.AVX512 {
				t.Logf("%s needs %d vector registers", name, fn.Live)
				if name != "sin" && name != "cos" {
					require.LessOrEqual(t, fn.Live, 8, "%s shall run on accumulators", name)
				}
			}
		}
		fmt.Fprintf(&table, "%q: {%s_avx512, %s_go},\n", name, name, name)
	}
	table.WriteString("}\n")
	m := vectest.New(t)
	m.Funcs(funcs)
	m.Write("table.go", []byte(table.String()))
	m.Copy("testdata/math")
	step := *stride
	if testing.Short() {
		step *= 16
	}
	fmt.Printf("%s", m.Run(fmt.Sprint(step), fmt.Sprint(vectest.HasAVX512(t))))
}

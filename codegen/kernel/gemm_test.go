package kernel_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/codegen/kernel"
	"mmc/codegen/vec"
	"mmc/codegen/vec/vectest"
)

type (
	builder = vec.Builder
	tile    = kernel.Tile
)

// each applies f to every vector of a tile.
func each(t *tile, f func(i int, v vec.V) vec.V) []vec.V {
	out := make([]vec.V, len(t.Acc))
	for i, v := range t.Acc {
		out[i] = f(i, v)
	}
	return out
}

var biasRelu = &kernel.Epilogue{
	Operands: []kernel.Operand{{Elem: vec.F32}},
	Emit: func(b *builder, t *tile) []vec.V {
		return each(t, func(i int, v vec.V) vec.V { return b.Max(b.Add(v, t.Operand(0, i)), b.Const(0)) })
	},
}

var residual = &kernel.Epilogue{
	Operands: []kernel.Operand{{Elem: vec.F32}, {Elem: vec.F32}},
	Emit: func(b *builder, t *tile) []vec.V {
		return each(t, func(i int, v vec.V) vec.V {
			return b.Max(b.Add(b.Add(v, t.Operand(0, i)), t.Operand(1, i)), b.Const(0))
		})
	},
}

// everything uses all that an epilogue may: a mask in bytes, a value per row, an int32 operand, scalars, other outputs.
var everything = &kernel.Epilogue{
	Operands: []kernel.Operand{{Elem: vec.U8}, {Elem: vec.F32, PerRow: true}, {Elem: vec.I32}},
	Outputs:  []vec.Elem{vec.F32, vec.U8},
	Scalars:  2,
	Emit: func(b *builder, t *tile) []vec.V {
		return each(t, func(i int, v vec.V) vec.V {
			t.Output(0, i, v)
			v = b.Add(b.Mul(v, t.Scalar(0)), t.Operand(1, i))
			v = b.Add(v, b.ToF(t.Operand(2, i)))
			positive := b.Cmp(vec.GT, v, b.Const(0))
			t.Output(1, i, b.Ones(positive))
			keep := b.Cmp(vec.NE, t.Operand(0, i), b.ConstI(0))
			return b.Select(keep, v, t.Scalar(1))
		})
	},
}

var gemms = []kernel.Gemm{
	{Name: "plain"},
	{Name: "trans", TransA: true},
	{Name: "rows", RowsB: true},
	{Name: "transRows", TransA: true, RowsB: true},
	{Name: "biasRelu", Epilogue: biasRelu},
	{Name: "residual", Epilogue: residual},
	{Name: "everything", Epilogue: everything},
}

// families builds every family for both targets into a module with their drivers and tables, and further functions.
func families(t testing.TB, m *vectest.Module, gemms []kernel.Gemm, funcs ...*vec.Func) {
	var drivers, tables strings.Builder
	seen := map[string]bool{}
	drivers.WriteString("package main\n" + kernel.GemmShapeSource())
	tables.WriteString("package main\n\n")
	fmt.Fprintf(&tables, "const maxRows = %d\n\n", kernel.MaxRows)
	for _, g := range gemms {
		d := g.Driver()
		if !seen[d.Type] {
			drivers.WriteString(d.Source())
		}
		seen[d.Type] = true
		for _, target := range []*vec.Target{vec.AVX512, vec.Scalar} {
			f, err := g.Family(target)
			require.NoError(t, err)
			name := g.Name + "_" + target.Name
			tables.WriteString(f.Table("table_" + name))
			fmt.Fprintf(&tables, "const mr_%s = %d\n", name, f.MR)
			funcs = append(funcs, f.Funcs...)
		}
	}
	m.Funcs(funcs)
	m.Write("drivers.go", []byte(drivers.String()))
	m.Write("tables.go", []byte(tables.String()))
}

// packers are the kernels that pack B, for both targets.
func packers(t testing.TB) (funcs []*vec.Func) {
	for _, target := range []*vec.Target{vec.AVX512, vec.Scalar} {
		rows, err := kernel.PackRows("packRows_"+target.Name, target)
		require.NoError(t, err)
		transpose, err := kernel.Transpose("transpose_"+target.Name, target)
		require.NoError(t, err)
		back, err := kernel.TransposeBack("back_"+target.Name, target)
		require.NoError(t, err)
		funcs = append(funcs, rows, transpose, back)
	}
	return funcs
}

// TestGemm multiplies in every tile, tail and blocking and compares with float64. Its buffers end at unmapped pages.
func TestGemm(t *testing.T) {
	m := vectest.New(t)
	families(t, m, gemms, packers(t)...)
	m.Copy("testdata/gemm")
	m.Write("packers.go", []byte("package main\n"+kernel.GemmPackSource()))
	args := []string{"go"}
	if vectest.HasAVX512(t) {
		args = append(args, "avx512")
	}
	t.Log(string(m.Run(args...)))
}

// TestFits: an epilogue that needs more registers than the accumulators leave is refused.
func TestFits(t *testing.T) {
	greedy := &kernel.Epilogue{Emit: func(b *builder, t *tile) []vec.V {
		var many []vec.V
		for k := range 20 {
			many = append(many, b.Mul(t.Acc[0], b.Const(float32(k+2))))
		}
		sum := many[0]
		for _, v := range many[1:] {
			sum = b.Add(v, sum)
		}
		out := append([]vec.V{sum}, t.Acc[1:]...)
		return out
	}}
	require.True(t, kernel.Gemm{Name: "g"}.Fits(vec.AVX512))
	require.True(t, kernel.Gemm{Name: "g", Epilogue: residual}.Fits(vec.AVX512))
	require.False(t, kernel.Gemm{Name: "g", Epilogue: greedy}.Fits(vec.AVX512))
	require.True(t, kernel.Gemm{Name: "g", Epilogue: greedy}.Fits(vec.Scalar))
}

// TestRows: a run is cut into equal tiles.
func TestRows(t *testing.T) {
	require.Equal(t, []int{10, 9}, kernel.GemmRows(49, 12))
	require.Equal(t, []int{14}, kernel.GemmRows(56, 14))
	require.Equal(t, []int{1}, kernel.GemmRows(1, 12))
	require.Empty(t, kernel.GemmRows(0, 12))
}

// TestFamily: known runs and columns need few kernels.
func TestFamily(t *testing.T) {
	names := func(f *kernel.GemmFamily) (names []string) {
		for _, fn := range f.Funcs {
			names = append(names, fn.Name)
		}
		return names
	}
	f, err := kernel.Gemm{Name: "g", Cols: 64}.Family(vec.AVX512, 49)
	require.NoError(t, err)
	require.Equal(t, 14, f.MR)
	require.Equal(t, []string{"g_12x32_avx512", "g_13x32_avx512"}, names(f))
	f, err = kernel.Gemm{Name: "g", Cols: 10}.Family(vec.AVX512, 1)
	require.NoError(t, err)
	require.Equal(t, []string{"g_1x32_avx512", "g_1x16_avx512"}, names(f))
	f, err = kernel.Gemm{Name: "g", Cols: 1000}.Family(vec.AVX512, 1)
	require.NoError(t, err)
	require.Equal(t, []string{"g_1x32_avx512", "g_1x64_avx512", "g_1x128_avx512", "g_1x16_avx512"}, names(f))
	f, err = kernel.Gemm{Name: "g"}.Family(vec.Scalar)
	require.NoError(t, err)
	require.Equal(t, []string{"g_1x32_go", "g_2x32_go", "g_3x32_go", "g_4x32_go"}, names(f))
	_, err = kernel.Gemm{Name: "g"}.Kernel(vec.AVX512, 15, 32)
	require.ErrorContains(t, err, "no tile of 15 rows")
}

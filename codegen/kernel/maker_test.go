package kernel_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/codegen/kernel"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
	"mmc/ir/plan"
)

// A step has the same source whether its functions were built for it or for one before: else a package would have kernels
// that differ in the order of their fields alone.
func TestSameSource(t *testing.T) {
	rows, cols := dim.Sym("N"), dim.Sym("C")
	view := func(stride dim.Expr) plan.View {
		return plan.View{Buf: &plan.Buffer{DType: dtype.F32, Size: rows.Mul(stride)}, Shape: []dim.Expr{rows, cols}, Strides: []dim.Expr{stride, dim.Int(1)}}
	}
	at := func(axis int) loop.Index {
		return loop.Index{Terms: []loop.Term{{Axis: axis, Coef: dim.Int(1)}}, Via: loop.NoReg}
	}
	index := []loop.Index{at(0), at(1)}
	nest := &loop.Nest{
		Axes: []loop.Axis{{Name: "n", Extent: rows}, {Name: "c", Extent: cols}},
		Body: []loop.Inst{
			{Op: loop.Load, Type: dtype.F32, Access: &loop.Access{Index: index}},
			{Op: loop.DimValue, Type: dtype.F32, Dim: rows},
			{Op: loop.Mul, Type: dtype.F32, Args: []loop.Reg{0, 1}},
		},
		Split:  3,
		Stores: []loop.Store{{Index: index, Value: 2}},
	}
	step := &plan.Step{Nest: nest, In: []plan.View{view(cols.Mul(dim.Int(2)))}, Out: []plan.View{view(cols)}, Template: plan.Map}
	maker := kernel.NewMaker()
	first, _, err := maker.Make(step)
	require.NoError(t, err)
	require.NotEmpty(t, first.Asm, "the test is about vectorised kernels")
	second, _, err := maker.Make(step)
	require.NoError(t, err)
	require.Equal(t, first.Source, second.Source)
}

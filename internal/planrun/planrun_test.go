package planrun_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/internal/planrun"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/op"
	"mmc/ir/plan"
	"mmc/passes"
)

const text = `module "M" {
  graph "g" {
    %0 = input "x" f32[N, N]
    %1 = sum(%0) {axes: [0], keep: false} f32[N]
    %2 = exp(%0) {} f32[N, N]
    %3 = sum(%2) {axes: [1], keep: false} f32[N]
    %4 = amax(%2) {axes: [0], keep: false} f32[N]
    %5 = mul(%1, %3) {} f32[N]
    %6 = add(%5, %4) {} f32[N]
    output "y" %6
  }
}
`

var x = &ir.Tensor{DType: dtype.F32, Shape: []int{2, 2}, Data: []float64{1, 2, 3, 4}}

func run(t *testing.T, change func(p *plan.Program)) (map[string]*ir.Tensor, error) {
	t.Helper()
	m, err := ir.ParseModule(text, op.Lookup)
	require.NoError(t, err)
	pkg, err := passes.Plan(m, passes.Options{})
	require.NoError(t, err)
	change(pkg.Graphs[0])
	mem, err := planrun.Load(pkg, nil)
	require.NoError(t, err)
	return planrun.Run(pkg.Graphs[0], mem, map[string]*ir.Tensor{"x": x}, map[string]int64{"N": 2})
}

func TestRun(t *testing.T) {
	got, err := run(t, func(*plan.Program) {})
	require.NoError(t, err)
	e := math.Exp
	require.InDeltaSlice(t, []float64{4*(e(1)+e(2)) + e(3), 6*(e(3)+e(4)) + e(4)}, got["y"].Data, 1e-9)
}

// A plan in which a buffer begins its life over another that is still read gives NaN or another number; one that leaves the
// arena, an error.
func TestBrokenPlans(t *testing.T) {
	right, err := run(t, func(*plan.Program) {})
	require.NoError(t, err)
	overlaps := 0
	for i := range 8 {
		got, err := run(t, func(p *plan.Program) {
			p.Arena.Bytes = dim.Int(1024) // room for whatever moves
			if i < len(p.Arena.Order) {
				p.Arena.Order[i].Offset = dim.Int(0)
			}
		})
		require.NoError(t, err)
		for k, want := range right["y"].Data {
			if got["y"].Data[k] != want {
				overlaps++
				break
			}
		}
	}
	require.NotZero(t, overlaps)
	_, err = run(t, func(p *plan.Program) { p.Arena.Bytes = dim.Int(64) })
	require.ErrorContains(t, err, "of an arena of 64 bytes")
	_, err = run(t, func(p *plan.Program) { p.Steps[0].Nest.Body[0].Access.Index[0].Off = dim.Int(100) })
	require.ErrorContains(t, err, "is read outside")
}

// Kernels of products may keep partial sums in their result, so an operand of an epilogue that lies there is lost.
func TestPartialSums(t *testing.T) {
	m, err := ir.ParseModule(`module "M" { graph "g" {
		%0 = input "x" f32[N, N]
		%1 = exp(%0) {} f32[N, N]
		%2 = dot(%0, %0) {spec: "i k, k j -> i j"} f32[N, N]
		%3 = add(%2, %1) {} f32[N, N]
		output "y" %3
		output "e" %1
	} }`, op.Lookup)
	require.NoError(t, err)
	pkg, err := passes.Plan(m, passes.Options{})
	require.NoError(t, err)
	p := pkg.Graphs[0]
	gemm := p.Steps[len(p.Steps)-1]
	require.Equal(t, plan.Gemm, gemm.Template)
	call := func() []float64 {
		mem, err := planrun.Load(pkg, nil)
		require.NoError(t, err)
		got, err := planrun.Run(p, mem, map[string]*ir.Tensor{"x": x}, map[string]int64{"N": 2})
		require.NoError(t, err)
		return got["y"].Data
	}
	require.False(t, math.IsNaN(call()[0]))
	for _, v := range gemm.In { // the result over the exponentials
		if v.Buf.Space == plan.ArenaSpace {
			gemm.Out[0] = v
			for r := range p.Results {
				p.Results[r] = v
			}
		}
	}
	require.True(t, math.IsNaN(call()[0]))
}

package eval_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/eval"
	"mmc/ir/op"
)

// A size from outside never ends the process, be it beyond the memory or beyond what can be counted.
func TestSizesBeyondTheMachine(t *testing.T) {
	for _, n := range []int64{1 << 40, 1 << 61} {
		g := &ir.Graph{Name: "g", Facts: new(dim.Facts)}
		z := &ir.Value{Type: ir.Type{DType: dtype.F32, Shape: []dim.Expr{dim.Sym("N"), dim.Int(4)}}}
		g.Args = []*ir.Arg{{Name: "z", Role: ir.Draw, Value: z, Random: &ir.Random{Address: "z", Dist: ir.Normal, B: 1}}}
		b := op.On(ir.NewBuilder(g))
		g.Results = []*ir.Result{{Name: "output", Value: b.Op(op.Exp, nil, z)}}
		require.NoError(t, ir.Verify(g))
		_, err := eval.Run(g, eval.Inputs{Dims: map[string]int64{"N": n}})
		assert.ErrorContains(t, err, "draw z")
	}
}

package expand_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/op"
	"mmc/passes/expand"
)

// fourfold expands into twice, which expands into an addition.
var (
	twice = &ir.Op{Name: "twice", Operands: []string{"x"}, Infer: same, Expand: func(b *ir.Builder, n *ir.Node) []*ir.Value {
		return []*ir.Value{op.On(b).Add(n.Args[0], n.Args[0])}
	}}
	fourfold = &ir.Op{Name: "fourfold", Operands: []string{"x"}, Infer: same, Expand: func(b *ir.Builder, n *ir.Node) []*ir.Value {
		return []*ir.Value{b.Op(twice, nil, b.Op(twice, nil, n.Args[0]))}
	}}
)

func same(in *ir.Inference) ([]ir.Type, error) { return in.Args[:1], nil }

func TestRun(t *testing.T) {
	x := &ir.Value{Type: ir.Type{DType: dtype.F32, Shape: []dim.Expr{dim.Sym("N")}}}
	g := &ir.Graph{Name: "g", Facts: new(dim.Facts), Args: []*ir.Arg{{Name: "x", Value: x}}}
	b := ir.NewBuilder(g)
	y := b.Op(fourfold, nil, op.On(b).Exp(x))
	g.Results = []*ir.Result{{Name: "y", Value: y}}
	expand.Run(g)
	require.NoError(t, ir.Verify(g))
	var names []string
	for _, n := range g.Nodes {
		names = append(names, n.Op.Name)
	}
	require.Equal(t, []string{"exp", "add", "add"}, names)
}

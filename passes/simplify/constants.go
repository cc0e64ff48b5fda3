package simplify

import (
	"mmc/ir"
	"mmc/ir/op"
	"mmc/passes/rewrite"
)

// constants folds scalars. Numbers are folded in float64 and rounded once, at use.
var constants = []*rewrite.Rule{
	{Name: "fold", Law: "an elementwise operator of numbers is a number", Apply: fold},
}

func fold(m *rewrite.Match) []*ir.Value {
	n := m.Node
	if n.Op.Kind != ir.Elementwise || len(n.Args) == 0 || len(n.Results) != 1 || n.Op.Eval == nil {
		return nil
	}
	call := &ir.EvalCall{Node: n, Out: []*ir.Tensor{{DType: n.Result().Type.DType, Data: make([]float64, 1)}}}
	for _, a := range n.Args {
		c, ok := constant(a)
		if !ok {
			return nil
		}
		call.Args = append(call.Args, &ir.Tensor{DType: a.Type.DType, Data: []float64{c}})
	}
	if n.Op.Eval(call) != nil {
		return nil
	}
	b := op.On(m.Builder)
	return []*ir.Value{b.Broadcast(b.Scalar(call.Out[0].Data[0], n.Result().Type.DType), n.Result().Type.Shape)}
}

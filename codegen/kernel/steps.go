package kernel

import (
	"mmc/ir/dim"
	"mmc/ir/loop"
	"mmc/ir/plan"
)

// Fill is a step that sets every element of a view to zero.
func Fill(v plan.View) *plan.Step {
	n := &loop.Nest{Split: 1, Body: []loop.Inst{{Op: loop.Const, Type: v.Buf.DType}}}
	n.Stores = []loop.Store{{Out: 0, Index: walk(n, v.Shape), Value: 0}}
	return &plan.Step{Nest: n, Out: []plan.View{v}, Template: plan.Map, Name: "clear"}
}

// CopyStep is a step that copies one view to another of the same shape.
func CopyStep(to, from plan.View) *plan.Step {
	t := register(from.Buf.DType)
	n := &loop.Nest{Split: 1}
	index := walk(n, to.Shape)
	n.Body = []loop.Inst{{Op: loop.Load, Type: t, Access: &loop.Access{Arg: 0, Index: index}}}
	n.Stores = []loop.Store{{Out: 0, Index: index, Value: 0}}
	return &plan.Step{Nest: n, In: []plan.View{from}, Out: []plan.View{to}, Template: plan.Copy, Name: "copy"}
}

// walk gives a nest one parallel axis per dimension and returns the index that walks along them.
func walk(n *loop.Nest, shape []dim.Expr) []loop.Index {
	index := make([]loop.Index, len(shape))
	for i, d := range shape {
		n.Axes = append(n.Axes, loop.Axis{Name: "i", Extent: d})
		index[i] = loop.Index{Terms: []loop.Term{{Axis: i, Coef: dim.Int(1)}}, Via: loop.NoReg}
	}
	return index
}

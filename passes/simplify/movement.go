package simplify

import (
	"slices"

	"mmc/ir"
	"mmc/ir/op"
	"mmc/passes/rewrite"
)

// movement holds laws of operators that only move elements.
var movement = []*rewrite.Rule{
	{Name: "reshape-reshape", Law: "reshape(reshape(x, s), t) = reshape(x, t)", On: []*ir.Op{op.Reshape}, Apply: func(m *rewrite.Match) []*ir.Value {
		if x := inner(m, op.Reshape); x != nil {
			return []*ir.Value{op.On(m.Builder).Reshape(x, m.Node.Result().Type.Shape)}
		}
		return nil
	}},
	{Name: "move-nothing", Law: "movement that yields its operand is its operand", On: []*ir.Op{op.Reshape, op.Broadcast, op.Transpose, op.Slice, op.Pad},
		Apply: moveNothing},
	{Name: "transpose-transpose", Law: "transpose(transpose(x, p), q) = transpose(x, p[q])", On: []*ir.Op{op.Transpose}, Apply: func(m *rewrite.Match) []*ir.Value {
		x := inner(m, op.Transpose)
		if x == nil {
			return nil
		}
		first, second := m.Node.Args[0].Node.Ints("perm"), m.Node.Ints("perm")
		perm := make([]int64, len(first))
		for i, p := range second {
			perm[i] = first[p]
		}
		return []*ir.Value{op.On(m.Builder).Transpose(x, perm)}
	}},
	{Name: "broadcast-broadcast", Law: "broadcast(broadcast(x, s), t) = broadcast(x, t)", On: []*ir.Op{op.Broadcast}, Apply: func(m *rewrite.Match) []*ir.Value {
		if x := inner(m, op.Broadcast); x != nil {
			return []*ir.Value{op.On(m.Builder).Broadcast(x, m.Node.Result().Type.Shape)}
		}
		return nil
	}},
	{Name: "reverse-reverse", Law: "reverse(reverse(x)) = x over the same axes", On: []*ir.Op{op.Reverse}, Apply: func(m *rewrite.Match) []*ir.Value {
		x := inner(m, op.Reverse)
		if x == nil || !slices.Equal(m.Node.Ints("axes"), m.Node.Args[0].Node.Ints("axes")) {
			return nil
		}
		return []*ir.Value{x}
	}},
	{Name: "concat-one", Law: "concat(x) = x", On: []*ir.Op{op.Concat}, Apply: func(m *rewrite.Match) []*ir.Value {
		if len(m.Node.Args) == 1 {
			return []*ir.Value{m.Node.Args[0]}
		}
		return nil
	}},
}

// inner returns the operand of the operand, if that is made by o too.
func inner(m *rewrite.Match, o *ir.Op) *ir.Value {
	if x := m.Node.Args[0]; x.Node != nil && x.Node.Op == o {
		return x.Node.Args[0]
	}
	return nil
}

func moveNothing(m *rewrite.Match) []*ir.Value {
	x, y := m.Node.Args[0], m.Node.Result()
	if !x.Type.Equal(y.Type, m.Facts) {
		return nil
	}
	if m.Node.Op == op.Transpose && !slices.IsSorted(m.Node.Ints("perm")) {
		return nil
	}
	if m.Node.Op == op.Slice && slices.ContainsFunc(m.Node.Ints("steps"), func(s int64) bool { return s != 1 }) {
		return nil
	}
	return []*ir.Value{x}
}

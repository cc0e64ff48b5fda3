package op_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/op"
)

// typ makes a type of ints and names of symbols.
func typ(t dtype.DType, dims ...any) ir.Type {
	out := ir.Type{DType: t}
	for _, d := range dims {
		switch d := d.(type) {
		case int:
			out.Shape = append(out.Shape, dim.Int(int64(d)))
		case string:
			e, err := dim.Parse(d)
			if err != nil {
				panic(err)
			}
			out.Shape = append(out.Shape, e)
		}
	}
	return out
}

func f32(dims ...any) ir.Type { return typ(dtype.F32, dims...) }

func dims(list ...any) []dim.Expr { return f32(list...).Shape }

// What a user reads when shapes do not fit, in the user's dim names.
func TestTypeErrors(t *testing.T) {
	for _, c := range []struct {
		op    *ir.Op
		attrs ir.Attrs
		args  []ir.Type
		want  string
	}{
		{op.Add, nil, []ir.Type{f32("N", 3), f32("N", 4)}, "add: shapes [N, 3] and [N, 4] differ at axis 1: 3 and 4"},
		{op.Add, nil, []ir.Type{f32("N"), f32("N", 4)}, "add: a has shape [N] and b has shape [N, 4]"},
		{op.Mul, nil, []ir.Type{f32("N"), typ(dtype.I32, "N")}, "mul: a is f32 and b is i32"},
		{op.Exp, nil, []ir.Type{typ(dtype.I32, "N")}, "exp: x must be a float tensor, not i32"},
		{op.Add, nil, []ir.Type{f32("N")}, "add: takes 2 operands (a, b), got 1"},
		{op.Broadcast, ir.Attrs{"shape": dims("N", "C")}, []ir.Type{f32("N", "D")}, "broadcast: [N, D] does not broadcast to [N, C] at axis 1: D and C"},
		{op.Broadcast, ir.Attrs{"shape": dims("N")}, []ir.Type{f32("N", "D")}, "broadcast: [N, D] has more axes than [N]"},
		{op.Reshape, ir.Attrs{"shape": dims("N", 7)}, []ir.Type{f32("N", 2, 4)}, "reshape: [N, 2, 4] cannot be seen as [N, 7]: the sizes differ: 8 * N and 7 * N"},
		{op.Transpose, ir.Attrs{"perm": []int64{0, 0}}, []ir.Type{f32("N", 2)}, "transpose: perm [0 0] does not name each axis of [N, 2] once"},
		{op.Sum, ir.Attrs{"axes": []int64{2}}, []ir.Type{f32("N", "D")}, "sum: axis 2 of x, which has 2 axes: [N, D]"},
		{op.Concat, ir.Attrs{"axis": 1}, []ir.Type{f32("N", 2, "H"), f32("N", 3, "W")},
			"concat: [N, 2, H] and [N, 3, W] may differ at axis 1 alone, but also do at axis 2: H and W"},
		{op.Slice, ir.Attrs{"starts": dims("N"), "sizes": dims(1), "steps": []int64{1}}, []ir.Type{f32("N")}, "slice: the piece from N to N + 1 may leave axis 0 of [N]"},
		{op.Dot, ir.Attrs{"spec": "m k, k n -> m n"}, []ir.Type{f32("N", "D"), f32("E", 4)},
			"dot: [N, D] and [E, 4] do not fit: axis 1 of the first and axis 0 of the second differ: D and E"},
		{op.Dot, ir.Attrs{"spec": "m k, n -> m n"}, []ir.Type{f32("N", "D"), f32(4)}, "dot: k stands in one operand alone: sum over it first"},
		{op.Conv, nil, []ir.Type{f32("N", 3, "H", "W"), f32(8, 4, 3, 3)}, "conv: input [N, 3, H, W] has 3 channels, but the weight [8, 4, 3, 3] with groups 1 takes 4: 3 and 4"},
		{op.Conv, nil, []ir.Type{f32("N", 3), f32(8, 3, 3, 3)}, "conv: x needs at least 3 axes: [N, 3]"},
		{op.Conv, nil, []ir.Type{f32("N", 3, 4, 4), f32(8, 3, 5, 5)}, "conv: a kernel of 5 does not fit into a size of 4 (spatial axis 0 of [N, 3, 4, 4])"},
		{op.Conv, ir.Attrs{"groups": 3}, []ir.Type{f32("N", 6, 9), f32(8, 2, 3)}, "conv: 8 channels do not fall into 3 equal groups"},
		{op.Conv, ir.Attrs{"stride": []int64{2}}, []ir.Type{f32("N", 3, "H", "W"), f32(8, 3, 3, 3)}, "conv: stride has 1 entries for 2 axes"},
		{op.WindowMax, ir.Attrs{"kernel": []int64{2, 2}}, []ir.Type{f32(3)}, "window_max: x needs at least 2 axes: [3]"},
		{op.Gather, nil, []ir.Type{f32("V", 4), f32("N")}, "gather: ids must be an integer tensor, not f32"},
		{op.Take, ir.Attrs{"axis": 1}, []ir.Type{f32("N", "C"), typ(dtype.I32, "C")}, "take: ids [C] must have the shape [N]: N and C"},
		{op.Select, nil, []ir.Type{f32(2), f32(2), f32(2)}, "select: c must be a bool tensor, not f32"},
		{op.Grad, nil, []ir.Type{f32("N"), f32("N")}, "grad: y must have 0 axes, not 1: [N]"},
		{op.Const, ir.Attrs{"value": 0.5, "dtype": dtype.I32}, nil, "const: 0.5 is not of type i32"},
	} {
		g := &ir.Graph{Facts: new(dim.Facts)}
		var args []*ir.Value
		for _, a := range c.args {
			args = append(args, &ir.Value{Type: a})
		}
		_, err := ir.NewBuilder(g).Try(c.op, c.attrs, args...)
		require.EqualError(t, err, c.want)
		var typed *ir.TypeError
		require.True(t, errors.As(err, &typed))
		require.NotEmpty(t, typed.Code)
	}
}

// An undecided equality is handed on, so that the checker can look for the fact that would decide it.
func TestUndecidedEqualityIsNamed(t *testing.T) {
	g := &ir.Graph{Facts: new(dim.Facts)}
	up, x := f32("2 * floor(H / 2)"), f32("H")
	_, err := ir.NewBuilder(g).Try(op.Add, nil, &ir.Value{Type: up}, &ir.Value{Type: x})
	var typed *ir.TypeError
	require.True(t, errors.As(err, &typed))
	require.Equal(t, []int{0, 1}, typed.Operands)
	hint, ok := g.Facts.Hint(typed.Equal)
	require.True(t, ok)
	require.Equal(t, "where H % 2 == 0", hint)
}

// No combination of operands may make Infer panic: types come from the user.
func TestInferSurvivesWrongOperands(t *testing.T) {
	pool := []ir.Type{f32(), f32("N"), f32("N", 3), f32("N", 3, "H"), f32(2, 3, 4, 4), typ(dtype.I32), typ(dtype.I32, "N", 3), typ(dtype.Bool, 2, 3, 4, 4)}
	eachSample(t, func(t *testing.T, o *ir.Op, s ir.Sample) {
		for i := range s.Args {
			for _, wrong := range pool {
				args := make([]*ir.Value, len(s.Args))
				for j, a := range s.Args {
					args[j] = &ir.Value{Type: a}
				}
				args[i] = &ir.Value{Type: wrong}
				b := ir.NewBuilder(&ir.Graph{Facts: new(dim.Facts)})
				if out, err := b.Try(o, s.Attrs, args...); err != nil {
					require.Contains(t, err.Error(), o.Name+": ")
				} else {
					require.NotEmpty(t, out)
				}
				_, err := b.Try(o, s.Attrs, args[:i]...)
				if !o.Variadic() {
					require.Error(t, err)
				}
			}
		}
	})
}

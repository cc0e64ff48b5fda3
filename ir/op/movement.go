package op

import (
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/loop"
)

// Operators that move elements and compute nothing.
var (
	Broadcast = slot()
	Reshape   = slot()
	Transpose = slot()
	Reverse   = slot()
	Concat    = slot()
)

func init() {
	defineBroadcast()
	defineReshape()
	defineTranspose()
	defineReverse()
	defineConcat()
}

// stretched lists the axes of the result along which broadcast repeats x: new ones and those of length 1.
func stretched(x, to []dim.Expr) []int64 {
	lead := len(to) - len(x)
	var out []int64
	for i, d := range to {
		if i < lead || x[i-lead].IsConst(1) && !d.IsConst(1) {
			out = append(out, int64(i))
		}
	}
	return out
}

func defineBroadcast() {
	define(Broadcast, ir.Op{Name: "broadcast",
		Doc:      "Repeats x to a shape: axes are aligned at the right; a missing axis or one of length 1 is repeated, the others are equal.",
		Operands: []string{"x"}, Params: []ir.ParamSpec{attr("shape", ir.PDims, "the shape of the result")},
		Kind:  ir.Broadcast,
		Infer: inferBroadcast,
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			m, x := On(b), n.Args[0]
			return []*ir.Value{m.Reshape(m.Sum(d[0], stretched(x.Type.Shape, n.Dims("shape")), false), x.Type.Shape)}
		},
		Eval: func(c *ir.EvalCall) error {
			x, out := c.Args[0], c.Out[0]
			step, lead := make([]int, len(out.Shape)), len(out.Shape)-len(x.Shape)
			for i, s := range strides(x.Shape) {
				if x.Shape[i] == out.Shape[lead+i] {
					step[lead+i] = s
				}
			}
			move(out.Shape, out.Data, 0, strides(out.Shape), x.Data, 0, step)
			return nil
		},
		Lower: func(n *ir.Node) []*loop.Nest {
			k, x := newNest(), n.Args[0].Type.Shape
			at := k.axes(n.Result().Type.Shape)
			from := append([]loop.Index(nil), at[len(at)-len(x):]...)
			for _, axis := range stretched(x, n.Result().Type.Shape) {
				if i := int(axis) - len(at) + len(x); i >= 0 {
					from[i] = fixed(zero)
				}
			}
			return k.store(0, k.load(0, n.Args[0], from...), at...)
		},
		Samples: func() []ir.Sample {
			return []ir.Sample{
				{Args: types(f32(3)), Attrs: ir.Attrs{"shape": shape(2, 4, 3)}},
				{Args: types(f32(1, "N", 1)), Attrs: ir.Attrs{"shape": shape(2, "N", 3)}, Sizes: sizes("N", 4)},
				{Args: types(f32()), Attrs: ir.Attrs{"shape": shape("N", 2)}, Sizes: sizes("N", 3)},
				{Args: types(i32(2, 1)), Attrs: ir.Attrs{"shape": shape(2, 3)}},
			}
		},
	})
}

func inferBroadcast(in *ir.Inference) ([]ir.Type, error) {
	x, to := in.Args[0].Shape, attrDims(in, "shape")
	lead := len(to) - len(x)
	if lead < 0 {
		return nil, fail(in, codeRank, "", []int{0}, "%s has more axes than %s", show(in, x), show(in, to))
	}
	for i, d := range x {
		if d.IsConst(1) {
			continue
		}
		if err := equal(in, d, to[lead+i], []int{0}, "%s does not broadcast to %s at axis %d", show(in, x), show(in, to), lead+i); err != nil {
			return nil, err
		}
	}
	return single(ir.Type{DType: in.Args[0].DType, Shape: to}), nil
}

func defineReshape() {
	define(Reshape, ir.Op{Name: "reshape", Doc: "The same elements, row-major, under another shape of equal size.",
		Operands: []string{"x"}, Params: []ir.ParamSpec{attr("shape", ir.PDims, "the shape of the result")},
		Kind: ir.Injective, Flags: ir.View,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			x, to := in.Args[0], ir.Type{DType: in.Args[0].DType, Shape: attrDims(in, "shape")}
			return single(to), equal(in, x.Size(), to.Size(), []int{0}, "%s cannot be seen as %s: the sizes differ",
				show(in, x.Shape), show(in, to.Shape))
		},
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			return []*ir.Value{On(b).Reshape(d[0], n.Args[0].Type.Shape)}
		},
		Eval: evalSame,
		Samples: func() []ir.Sample {
			return []ir.Sample{
				{Args: types(f32(3, 4)), Attrs: ir.Attrs{"shape": shape(2, 6)}},
				{Args: types(f32("N", 2, 3)), Attrs: ir.Attrs{"shape": shape(dim.Sym("N").Mul(konst(2)), 3)}, Sizes: sizes("N", 2)},
				{Args: types(f32()), Attrs: ir.Attrs{"shape": shape(1, 1)}},
			}
		},
	})
}

// evalSame copies the operand, of which the result is a view.
func evalSame(c *ir.EvalCall) error {
	copy(c.Out[0].Data, c.Args[0].Data)
	return nil
}

func defineTranspose() {
	define(Transpose, ir.Op{Name: "transpose", Doc: "Axis i of the result is axis perm[i] of x.",
		Operands: []string{"x"}, Params: []ir.ParamSpec{attr("perm", ir.PInts, "for each axis of the result that of x")},
		Kind: ir.Injective,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			x, perm := in.Args[0], attrInts(in, "perm")
			if err := length(in, "perm", perm, x.Rank()); err != nil {
				return nil, err
			}
			out, seen := make([]dim.Expr, len(perm)), make([]bool, len(perm))
			for i, p := range perm {
				if p < 0 || int(p) >= len(perm) || seen[p] {
					return nil, fail(in, codeAttr, "", nil, "perm %v does not name each axis of %s once", perm, show(in, x.Shape))
				}
				out[i], seen[p] = x.Shape[p], true
			}
			return single(ir.Type{DType: x.DType, Shape: out}), nil
		},
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			return []*ir.Value{On(b).Transpose(d[0], inverse(n.Ints("perm")))}
		},
		Eval: func(c *ir.EvalCall) error {
			perm := make([]int, len(c.Out[0].Shape))
			for i, p := range c.Node.Ints("perm") {
				perm[i] = int(p)
			}
			copy(c.Out[0].Data, transposed(c.Args[0].Data, c.Args[0].Shape, perm))
			return nil
		},
		Lower: func(n *ir.Node) []*loop.Nest {
			k := newNest()
			at := k.axes(n.Result().Type.Shape)
			from := make([]loop.Index, len(at))
			for i, p := range n.Ints("perm") {
				from[p] = at[i]
			}
			return k.store(0, k.load(0, n.Args[0], from...), at...)
		},
		Samples: func() []ir.Sample {
			return []ir.Sample{
				{Args: types(f32("N", 3, 4)), Attrs: ir.Attrs{"perm": []int64{2, 0, 1}}, Sizes: sizes("N", 2)},
				{Args: types(f32(3, 5)), Attrs: ir.Attrs{"perm": []int64{1, 0}}},
			}
		},
	})
}

func inverse(perm []int64) []int64 {
	out := make([]int64, len(perm))
	for i, p := range perm {
		out[p] = int64(i)
	}
	return out
}

func defineReverse() {
	define(Reverse, ir.Op{Name: "reverse", Doc: "The elements along some axes in opposite order.",
		Operands: []string{"x"}, Params: []ir.ParamSpec{attr("axes", ir.PInts, "the axes")},
		Kind: ir.Injective,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			return single(in.Args[0]), axes(in, attrInts(in, "axes"))
		},
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			return []*ir.Value{b.Op(Reverse, ir.Attrs{"axes": n.Ints("axes")}, d[0])}
		},
		Eval: func(c *ir.EvalCall) error {
			x := c.Args[0]
			step, from := strides(x.Shape), 0
			for _, a := range c.Node.Ints("axes") {
				from += (x.Shape[a] - 1) * step[a]
				step[a] = -step[a]
			}
			move(x.Shape, c.Out[0].Data, 0, strides(x.Shape), x.Data, from, step)
			return nil
		},
		Lower: func(n *ir.Node) []*loop.Nest {
			k, x := newNest(), n.Args[0].Type.Shape
			at := k.axes(x)
			from := append([]loop.Index(nil), at...)
			for _, a := range n.Ints("axes") {
				from[a] = shift(scale(at[a], konst(-1)), x[a].Sub(one))
			}
			return k.store(0, k.load(0, n.Args[0], from...), at...)
		},
		Samples: func() []ir.Sample {
			return []ir.Sample{{Args: types(f32("N", 3, 4)), Attrs: ir.Attrs{"axes": []int64{0, 2}}, Sizes: sizes("N", 3)}}
		},
	})
}

func defineConcat() {
	define(Concat, ir.Op{Name: "concat", Doc: "The operands one after the other along an axis.",
		Operands: []string{"xs..."}, Params: []ir.ParamSpec{attr("axis", ir.PInt, "the axis along which they are joined")},
		Kind:  ir.Injective,
		Infer: inferConcat,
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			axis, at := n.Int("axis"), zero
			out := make([]*ir.Value, len(n.Args))
			for i, x := range n.Args {
				r := x.Type.Rank()
				starts := replaced(repeat(r, zero), int(axis), at)
				out[i] = On(b).Slice(d[0], starts, x.Type.Shape, repeat(r, int64(1)))
				at = at.Add(x.Type.Shape[axis])
			}
			return out
		},
		Eval: func(c *ir.EvalCall) error {
			step, axis, at := strides(c.Out[0].Shape), c.Node.Int("axis"), 0
			for _, x := range c.Args {
				move(x.Shape, c.Out[0].Data, at*step[axis], step, x.Data, 0, strides(x.Shape))
				at += x.Shape[axis]
			}
			return nil
		},
		Lower: func(n *ir.Node) []*loop.Nest {
			axis, begin := n.Int("axis"), zero
			var out []*loop.Nest
			for i, x := range n.Args {
				k := newNest()
				at := k.axes(x.Type.Shape)
				to := replaced(at, int(axis), shift(at[axis], begin))
				out = append(out, k.store(0, k.load(i, x, at...), to...)...)
				begin = begin.Add(x.Type.Shape[axis])
			}
			return out
		},
		Samples: func() []ir.Sample {
			return []ir.Sample{
				{Args: types(f32(2, 3, "N"), f32(2, 1, "N"), f32(2, 2, "N")), Attrs: ir.Attrs{"axis": 1}, Sizes: sizes("N", 4)},
				{Args: types(f32("N"), f32("M")), Attrs: ir.Attrs{"axis": 0}, Sizes: sizes("N", 2, "M", 3)},
			}
		},
	})
}

func inferConcat(in *ir.Inference) ([]ir.Type, error) {
	if len(in.Args) == 0 {
		return nil, fail(in, "call.arity", "", nil, "needs an operand")
	}
	axis := attrInt(in, "axis")
	if err := axes(in, []int64{axis}); err != nil {
		return nil, err
	}
	total := zero
	for i, x := range in.Args {
		if err := first(sameDType(in, 0, i), rank(in, i, in.Args[0].Rank())); err != nil {
			return nil, err
		}
		for a, d := range x.Shape {
			if int64(a) == axis {
				total = total.Add(d)
				continue
			}
			if err := equal(in, in.Args[0].Shape[a], d, []int{0, i}, "%s and %s may differ at axis %d alone, but also do at axis %d",
				show(in, in.Args[0].Shape), show(in, x.Shape), axis, a); err != nil {
				return nil, err
			}
		}
	}
	t := in.Args[0]
	return single(ir.Type{DType: t.DType, Shape: replaced(t.Shape, int(axis), total)}), nil
}

package op

import (
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// Operators that read or write at positions given by data. A position out of range is an error.
var (
	Gather     = slot()
	ScatterAdd = slot()
	Take       = slot()
	Put        = slot()
)

func init() {
	defineGather()
	defineScatterAdd()
	defineTake()
	definePut()
}

func defineGather() {
	define(Gather, ir.Op{Name: "gather", Doc: "Rows of x: the result has the shape of ids followed by that of a row.",
		Operands: []string{"x", "ids"}, Kind: ir.Opaque,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			if err := first(atLeast(in, 0, 1), want(in, 1, integers)); err != nil {
				return nil, err
			}
			return single(ir.Type{DType: in.Args[0].DType, Shape: joined(in.Args[1].Shape, in.Args[0].Shape[1:])}), nil
		},
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			return []*ir.Value{b.Op(ScatterAdd, ir.Attrs{"size": n.Args[0].Type.Shape[0]}, n.Args[1], d[0]), nil}
		},
		Eval: func(c *ir.EvalCall) error {
			x, row := c.Args[0], product(c.Args[0].Shape[1:])
			for i, id := range c.Args[1].Data {
				r, err := ranged(c, id, x.Shape[0])
				if err != nil {
					return err
				}
				copy(c.Out[0].Data[i*row:][:row], x.Data[r*row:])
			}
			return nil
		},
		Lower: func(n *ir.Node) []*loop.Nest {
			x, ids, k := n.Args[0], n.Args[1], newNest()
			at := k.axes(n.Result().Type.Shape)
			id := k.ranged(k.load(1, ids, at[:ids.Type.Rank()]...), x.Type.Shape[0])
			v := k.load(0, x, append([]loop.Index{via(id)}, at[ids.Type.Rank():]...)...)
			return k.store(0, v, at...)
		},
		Samples: func() []ir.Sample {
			return []ir.Sample{
				{Args: types(f32("V", 3), i32("N", 4)), Sizes: sizes("V", 5, "N", 2), Low: []float64{-1, 0}, High: []float64{1, 4}},
				{Args: types(f32(6), typed(dtype.I64)), Low: []float64{-1, 0}, High: []float64{1, 5}},
			}
		},
	})
}

func defineScatterAdd() {
	define(ScatterAdd, ir.Op{Name: "scatter_add", Doc: "The adjoint of gather: zeros [size, ..] to whose row ids[i] row i of v is added.",
		Operands: []string{"ids", "v"}, Params: []ir.ParamSpec{attr("size", ir.PDim, "the number of rows of the result")}, Kind: ir.Opaque,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			ids, v := in.Args[0], in.Args[1]
			if err := first(want(in, 0, integers), want(in, 1, numbers), atLeast(in, 1, ids.Rank())); err != nil {
				return nil, err
			}
			for i, d := range ids.Shape {
				if err := equal(in, d, v.Shape[i], []int{0, 1}, "v %s does not begin with the shape of ids %s",
					show(in, v.Shape), show(in, ids.Shape)); err != nil {
					return nil, err
				}
			}
			rows := []dim.Expr{in.Attr("size").(dim.Expr)}
			return single(ir.Type{DType: v.DType, Shape: joined(rows, v.Shape[ids.Rank():])}), nil
		},
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			return []*ir.Value{nil, b.Op(Gather, nil, d[0], n.Args[0])}
		},
		Eval: func(c *ir.EvalCall) error {
			out, row := c.Out[0], product(c.Out[0].Shape[1:])
			for i, id := range c.Args[0].Data {
				r, err := ranged(c, id, out.Shape[0])
				if err != nil {
					return err
				}
				for j, v := range c.Args[1].Data[i*row:][:row] {
					out.Data[r*row+j] += v
				}
			}
			return nil
		},
		Lower: func(n *ir.Node) []*loop.Nest {
			ids, v, k := n.Args[0], n.Args[1], newNest()
			at := k.axes(v.Type.Shape)
			value := k.load(1, v, at...)
			id := k.ranged(k.load(0, ids, at[:ids.Type.Rank()]...), n.Dim("size"))
			return k.add(0, value, append([]loop.Index{via(id)}, at[ids.Type.Rank():]...)...)
		},
		Samples: func() []ir.Sample {
			return []ir.Sample{
				{Args: types(i32("N", 4), f32("N", 4, 3)), Attrs: ir.Attrs{"size": dim.Sym("V")}, Sizes: sizes("V", 5, "N", 2),
					Low: []float64{0, -1}, High: []float64{4, 1}},
				{Args: types(i32(7), f32(7)), Attrs: ir.Attrs{"size": konst(3)}, Low: []float64{0, -1}, High: []float64{2, 1}},
			}
		},
	})
}

var axisParam = attr("axis", ir.PInt, "the axis along which one element is taken")

// inferAlong checks that operand ids has the shape of full without the axis.
func inferAlong(in *ir.Inference, ids int, full []dim.Expr, axis int64) error {
	rest := without(full, []int64{axis})
	if err := first(want(in, ids, integers), rank(in, ids, len(rest))); err != nil {
		return err
	}
	for i, d := range rest {
		has := in.Args[ids].Shape
		if err := equal(in, d, has[i], []int{0, 1}, "ids %s must have the shape %s", show(in, has), show(in, rest)); err != nil {
			return err
		}
	}
	return nil
}

func defineTake() {
	define(Take, ir.Op{Name: "take", Doc: "Along an axis the one element that ids names: ids and the result have the shape of x without the axis.",
		Operands: []string{"x", "ids"}, Params: []ir.ParamSpec{axisParam}, Kind: ir.Opaque,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			axis := attrInt(in, "axis")
			if err := axes(in, []int64{axis}); err != nil {
				return nil, err
			}
			t := ir.Type{DType: in.Args[0].DType, Shape: without(in.Args[0].Shape, []int64{axis})}
			return single(t), inferAlong(in, 1, in.Args[0].Shape, axis)
		},
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			axis := n.Int("axis")
			attrs := ir.Attrs{"axis": axis, "size": n.Args[0].Type.Shape[axis]}
			return []*ir.Value{b.Op(Put, attrs, n.Args[1], d[0]), nil}
		},
		Eval: func(c *ir.EvalCall) error {
			x := c.Args[0]
			_, size, inner := split(x.Shape, int(c.Node.Int("axis")))
			for i, id := range c.Args[1].Data {
				r, err := ranged(c, id, size)
				if err != nil {
					return err
				}
				c.Out[0].Data[i] = x.Data[(i/inner*size+r)*inner+i%inner]
			}
			return nil
		},
		Lower: func(n *ir.Node) []*loop.Nest {
			axis, x, k := int(n.Int("axis")), n.Args[0], newNest()
			at := k.axes(n.Result().Type.Shape)
			id := k.ranged(k.load(1, n.Args[1], at...), x.Type.Shape[axis])
			return k.store(0, k.load(0, x, inserted(at, axis, via(id))...), at...)
		},
		Samples: func() []ir.Sample {
			return []ir.Sample{
				{Args: types(f32("N", 5), i32("N")), Attrs: ir.Attrs{"axis": 1}, Sizes: sizes("N", 3), Low: []float64{-1, 0}, High: []float64{1, 4}},
				{Args: types(f32(2, 3, "N"), i32(2, "N")), Attrs: ir.Attrs{"axis": 1}, Sizes: sizes("N", 3), Low: []float64{-1, 0}, High: []float64{1, 2}},
			}
		},
	})
}

// inserted is the list with x before position i.
func inserted[T any](list []T, i int, x T) []T {
	return append(append(append([]T(nil), list[:i]...), x), list[i:]...)
}

func definePut() {
	define(Put, ir.Op{Name: "put", Doc: "The adjoint of take: zeros with an axis of the given size, on which v stands at the positions ids.",
		Operands: []string{"ids", "v"}, Params: []ir.ParamSpec{axisParam, attr("size", ir.PDim, "the size of the axis")}, Kind: ir.Injective,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			v, axis := in.Args[1], attrInt(in, "axis")
			if err := first(want(in, 0, integers), want(in, 1, numbers), sameShape(in, 0, 1)); err != nil {
				return nil, err
			}
			if axis < 0 || int(axis) > v.Rank() {
				return nil, fail(in, codeRange, "", nil, "there is no axis %d in the result of %s", axis, show(in, v.Shape))
			}
			return single(ir.Type{DType: v.DType, Shape: inserted(v.Shape, int(axis), in.Attr("size").(dim.Expr))}), nil
		},
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			return []*ir.Value{nil, b.Op(Take, ir.Attrs{"axis": n.Int("axis")}, d[0], n.Args[0])}
		},
		Eval: func(c *ir.EvalCall) error {
			_, size, inner := split(c.Out[0].Shape, int(c.Node.Int("axis")))
			for i, id := range c.Args[0].Data {
				r, err := ranged(c, id, size)
				if err != nil {
					return err
				}
				c.Out[0].Data[(i/inner*size+r)*inner+i%inner] = c.Args[1].Data[i]
			}
			return nil
		},
		// Every element asks whether it is meant: a scattered store could neither be fused nor cut into parallel pieces.
		Lower: func(n *ir.Node) []*loop.Nest {
			axis, ids, v, k := int(n.Int("axis")), n.Args[0], n.Args[1], newNest()
			at := k.axes(n.Result().Type.Shape)
			rest := without(at, []int64{int64(axis)})
			it, t := ids.Type.DType, computed(v.Type.DType)
			hit := k.do(loop.Eq, dtype.Bool, k.clamp(k.load(0, ids, rest...), n.Dim("size")), k.position(at[axis], it))
			return k.store(0, k.do(loop.Select, t, hit, k.load(1, v, rest...), k.constant(0, t)), at...)
		},
		Samples: func() []ir.Sample {
			return []ir.Sample{
				{Args: types(i32("N"), f32("N")), Attrs: ir.Attrs{"axis": 1, "size": konst(5)}, Sizes: sizes("N", 3), Low: []float64{0, -1}, High: []float64{4, 1}},
				{Args: types(i32(2, "N"), f32(2, "N")), Attrs: ir.Attrs{"axis": 1, "size": dim.Sym("V")}, Sizes: sizes("N", 3, "V", 4),
					Low: []float64{0, -1}, High: []float64{3, 1}},
			}
		},
	})
}

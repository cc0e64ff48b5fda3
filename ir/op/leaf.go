package op

import (
	"math"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// Operators without operands.
var (
	Const    = slot()
	Literal  = slot()
	Iota     = slot()
	DimValue = slot()
)

var ofType = attr("dtype", ir.PDType, "the element type")

func leafType(in *ir.Inference, shape ...dim.Expr) []ir.Type {
	return single(ir.Type{DType: in.Attr("dtype").(dtype.DType), Shape: shape})
}

// leaf is the nest that computes a value from nothing and stores it.
func leaf(n *ir.Node, body func(k *nest, t dtype.DType, at []loop.Index) loop.Reg) []*loop.Nest {
	k := newNest()
	at := k.axes(n.Result().Type.Shape)
	return k.store(0, body(k, computed(n.Result().Type.DType), at), at...)
}

func init() {
	define(Const, ir.Op{Name: "const", Doc: "A number.",
		Params: []ir.ParamSpec{attr("value", ir.PFloat, "the number"), ofType},
		Kind:   ir.Elementwise, Flags: ir.NoGradient,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			t := in.Attr("dtype").(dtype.DType)
			if v := in.Attr("value").(float64); !t.IsFloat() && v != math.Trunc(v) {
				return nil, fail(in, codeAttr, "", nil, "%v is not of type %s", v, t)
			}
			return leafType(in), nil
		},
		Eval: func(c *ir.EvalCall) error {
			c.Out[0].Data[0] = c.Node.Float("value")
			return nil
		},
		Lower: func(n *ir.Node) []*loop.Nest {
			return leaf(n, func(k *nest, t dtype.DType, _ []loop.Index) loop.Reg { return k.constant(n.Float("value"), t) })
		},
		Samples: func() []ir.Sample {
			return []ir.Sample{{Attrs: ir.Attrs{"value": 2.5, "dtype": dtype.F32}}, {Attrs: ir.Attrs{"value": 7.0, "dtype": dtype.I32}}}
		},
	})

	define(Literal, ir.Op{Name: "literal", Doc: "A tensor of given numbers. It lies in the package as data: there is nothing to compute.",
		Params: []ir.ParamSpec{attr("data", ir.PFloats, "the numbers, row-major"), attr("shape", ir.PInts, "the shape"), ofType},
		Kind:   ir.Opaque, Flags: ir.NoGradient | ir.Hidden,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			var shape []dim.Expr
			n := int64(1)
			for _, d := range attrInts(in, "shape") {
				shape, n = append(shape, konst(d)), n*d
			}
			if data := in.Attr("data").([]float64); int64(len(data)) != n {
				return nil, fail(in, codeAttr, "", nil, "%d numbers for the shape %v", len(data), attrInts(in, "shape"))
			}
			return leafType(in, shape...), nil
		},
		Eval: func(c *ir.EvalCall) error {
			copy(c.Out[0].Data, c.Node.Attr("data").([]float64))
			return nil
		},
		Samples: func() []ir.Sample {
			return []ir.Sample{{Attrs: ir.Attrs{"data": []float64{1, 2, 3, 4, 5, 6}, "shape": []int64{2, 3}, "dtype": dtype.F32}}}
		},
	})

	define(Iota, ir.Op{Name: "iota", Doc: "0, 1, .. n-1.",
		Params: []ir.ParamSpec{attr("n", ir.PDim, "the length"), ofType},
		Kind:   ir.Injective, Flags: ir.NoGradient,
		Infer: func(in *ir.Inference) ([]ir.Type, error) { return leafType(in, in.Attr("n").(dim.Expr)), nil },
		Eval: func(c *ir.EvalCall) error {
			for i := range c.Out[0].Data {
				c.Out[0].Data[i] = float64(i)
			}
			return nil
		},
		Lower: func(n *ir.Node) []*loop.Nest {
			return leaf(n, func(k *nest, t dtype.DType, at []loop.Index) loop.Reg { return k.position(at[0], t) })
		},
		Samples: func() []ir.Sample {
			return []ir.Sample{
				{Attrs: ir.Attrs{"n": konst(5), "dtype": dtype.I32}},
				{Attrs: ir.Attrs{"n": dim.Sym("N"), "dtype": dtype.F32}, Sizes: sizes("N", 6)},
			}
		},
	})

	define(DimValue, ir.Op{Name: "dim_value", Doc: "A size as a number.",
		Params: []ir.ParamSpec{attr("value", ir.PDim, "the size"), ofType},
		Kind:   ir.Elementwise, Flags: ir.NoGradient | ir.Hidden,
		Infer: func(in *ir.Inference) ([]ir.Type, error) { return leafType(in), nil },
		Eval: func(c *ir.EvalCall) error {
			c.Out[0].Data[0] = float64(c.Size(c.Node.Dim("value")))
			return nil
		},
		Lower: func(n *ir.Node) []*loop.Nest {
			return leaf(n, func(k *nest, t dtype.DType, _ []loop.Index) loop.Reg { return k.dimValue(n.Dim("value"), t) })
		},
		Samples: func() []ir.Sample {
			half := dim.Sym("N").FloorDiv(konst(2))
			return []ir.Sample{{Attrs: ir.Attrs{"value": half, "dtype": dtype.F32}, Sizes: sizes("N", 7)}}
		},
	})
}

package op

import (
	"mmc/ir"
	"mmc/ir/dim"
)

// Convolution y[n, o, p] = sum over c, k of x[n, c, p*stride + k*dilation - pad] w[o, c, k], and its adjoints in x and w.
// The three are closed under differentiation: <d, conv(x, w)> = <input_grad(d, w), x> = <weight_grad(x, d), w>.
var (
	Conv           = slot()
	ConvInputGrad  = slot()
	ConvWeightGrad = slot()
)

var groupsParam = optional("groups", ir.PInt, int64(1), "the channels fall into so many groups that do not mix")

// convolution is the geometry of one of the three.
type convolution struct {
	sliding
	groups        int64
	n, c, o       dim.Expr // batch, channels of x and of y
	in, out       []dim.Expr
	perIn, perOut dim.Expr // channels per group
}

// convOf reads the geometry from the types of x, w and y.
func convOf(n *ir.Node, x, w, y ir.Type) convolution {
	g := n.Int("groups")
	return convolution{slidingOf(n, w.Shape[2:]), g, x.Shape[0], x.Shape[1], y.Shape[1], x.Shape[2:], y.Shape[2:],
		w.Shape[1], w.Shape[0].FloorDiv(konst(g))}
}

func (v convolution) with(more ir.Attrs) ir.Attrs {
	out := v.attrs(more)
	out["groups"] = v.groups
	return out
}

func init() {
	defineConv()
	defineConvInputGrad()
	defineConvWeightGrad()
}

func convParams(more ...ir.ParamSpec) []ir.ParamSpec {
	return append(append([]ir.ParamSpec(nil), slidingParams...), append([]ir.ParamSpec{groupsParam}, more...)...)
}

func defineConv() {
	define(Conv, ir.Op{Name: "conv",
		Doc: "Convolution (without reversing the kernel) of x [N, C, *S] by w [O, C / groups, *K]; the result is [N, O, *P] with " +
			"P = floor((S + pad_low + pad_high - dilation * (K - 1) - 1) / stride) + 1.",
		Operands: []string{"x", "w"}, Params: convParams(), Kind: ir.Contraction,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			if err := inferConvOperands(in); err != nil {
				return nil, err
			}
			x, w := in.Args[0].Shape, in.Args[1].Shape
			groups := attrInt(in, "groups")
			taken := w[1].Mul(konst(groups))
			if err := equal(in, x[1], taken, []int{0, 1}, "input %s has %s channels, but the weight %s with groups %d takes %s",
				show(in, x), showDim(in, x[1]), show(in, w), groups, showDim(in, taken)); err != nil {
				return nil, err
			}
			if err := inferGroups(in, w[0], groups); err != nil {
				return nil, err
			}
			s := slidingOf(in, w[2:])
			if err := s.check(in); err != nil {
				return nil, err
			}
			out, err := s.outs(in, x[2:])
			return single(ir.Type{DType: in.Args[0].DType, Shape: append([]dim.Expr{x[0], w[0]}, out...)}), err
		},
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			x, w := n.Args[0], n.Args[1]
			v := convOf(n, x.Type, w.Type, n.Result().Type)
			return []*ir.Value{
				b.Op(ConvInputGrad, v.with(ir.Attrs{"sizes": v.in}), d[0], w),
				b.Op(ConvWeightGrad, v.with(ir.Attrs{"kernel": v.kernel}), x, d[0]),
			}
		},
		Eval:  evalConv,
		Lower: lowerConv,
		Samples: func() []ir.Sample {
			return convSamples(func(c convCase) ir.Sample { return ir.Sample{Args: types(c.x, c.w), Attrs: c.attrs} })
		},
	})
}

// inferConvOperands checks what the three have in common: float tensors of equal rank with one to three spatial axes.
func inferConvOperands(in *ir.Inference) error {
	if err := first(want(in, 0, floats), sameDType(in, 0, 1), atLeast(in, 0, 3), rank(in, 1, in.Args[0].Rank())); err != nil {
		return err
	}
	if r := in.Args[0].Rank(); r > 5 {
		return fail(in, codeRank, "", []int{0}, "has one to three spatial axes, not %d: %s", r-2, show(in, in.Args[0].Shape))
	}
	if g := attrInt(in, "groups"); g < 1 {
		return fail(in, codeAttr, "", nil, "groups must be positive, not %d", g)
	}
	return nil
}

func inferGroups(in *ir.Inference, channels dim.Expr, groups int64) error {
	if groups == 1 || in.Facts.Divides(groups, channels) {
		return nil
	}
	return fail(in, codeShape, "", nil, "%s channels do not fall into %d equal groups", in.Facts.Show(channels), groups)
}

func defineConvInputGrad() {
	define(ConvInputGrad, ir.Op{Name: "conv_input_grad",
		Doc:      "The adjoint of conv in x: takes dy [N, O, *P] and w [O, C / groups, *K] to [N, C, *sizes]. It is also the transposed convolution.",
		Operands: []string{"dy", "w"}, Params: convParams(sizesParam), Kind: ir.Contraction,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			if err := inferConvOperands(in); err != nil {
				return nil, err
			}
			dy, w, size, groups := in.Args[0].Shape, in.Args[1].Shape, attrDims(in, "sizes"), attrInt(in, "groups")
			channels := equal(in, dy[1], w[0], []int{0, 1}, "input %s has %s channels, but the weight %s takes %s",
				show(in, dy), showDim(in, dy[1]), show(in, w), showDim(in, w[0]))
			if err := first(length(in, "sizes", size, len(w)-2), channels, inferGroups(in, w[0], groups)); err != nil {
				return nil, err
			}
			s := slidingOf(in, w[2:])
			if err := s.check(in); err != nil {
				return nil, err
			}
			shape := append([]dim.Expr{dy[0], w[1].Mul(konst(groups))}, size...)
			return single(ir.Type{DType: in.Args[0].DType, Shape: shape}), s.fits(in, size, dy[2:])
		},
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			dy, w := n.Args[0], n.Args[1]
			v := convOf(n, n.Result().Type, w.Type, dy.Type)
			return []*ir.Value{
				b.Op(Conv, v.with(nil), d[0], w),
				b.Op(ConvWeightGrad, v.with(ir.Attrs{"kernel": v.kernel}), d[0], dy),
			}
		},
		Eval:  evalConvInputGrad,
		Lower: lowerConvInputGrad,
		Samples: func() []ir.Sample {
			return convSamples(func(c convCase) ir.Sample {
				attrs := merged(c.attrs, ir.Attrs{"sizes": c.x.Shape[2:]})
				return ir.Sample{Args: types(c.y, c.w), Attrs: attrs}
			})
		},
	})
}

func defineConvWeightGrad() {
	define(ConvWeightGrad, ir.Op{Name: "conv_weight_grad",
		Doc:      "The adjoint of conv in w: takes x [N, C, *S] and dy [N, O, *P] to [O, C / groups, *kernel].",
		Operands: []string{"x", "dy"}, Params: convParams(attr("kernel", ir.PDims, "the spatial size of the result")), Kind: ir.Contraction,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			if err := inferConvOperands(in); err != nil {
				return nil, err
			}
			x, dy, kernel, groups := in.Args[0].Shape, in.Args[1].Shape, attrDims(in, "kernel"), attrInt(in, "groups")
			batches := equal(in, x[0], dy[0], []int{0, 1}, "the batches of %s and %s differ", show(in, x), show(in, dy))
			err := first(length(in, "kernel", kernel, len(x)-2), batches, inferGroups(in, x[1], groups), inferGroups(in, dy[1], groups))
			if err != nil {
				return nil, err
			}
			s := slidingOf(in, kernel)
			if err := s.check(in); err != nil {
				return nil, err
			}
			for i, d := range x[2:] {
				if err := equal(in, s.out(i, d), dy[2+i], []int{0, 1}, "a kernel %s on %s has other positions than %s",
					show(in, kernel), show(in, x), show(in, dy)); err != nil {
					return nil, err
				}
			}
			perIn, _ := in.Facts.DivExact(x[1], konst(groups))
			return single(ir.Type{DType: in.Args[0].DType, Shape: append([]dim.Expr{dy[1], perIn}, kernel...)}), nil
		},
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			x, dy := n.Args[0], n.Args[1]
			v := convOf(n, x.Type, n.Result().Type, dy.Type)
			return []*ir.Value{
				b.Op(ConvInputGrad, v.with(ir.Attrs{"sizes": v.in}), dy, d[0]),
				b.Op(Conv, v.with(nil), x, d[0]),
			}
		},
		Eval:  evalConvWeightGrad,
		Lower: lowerConvWeightGrad,
		Samples: func() []ir.Sample {
			return convSamples(func(c convCase) ir.Sample {
				attrs := merged(c.attrs, ir.Attrs{"kernel": c.w.Shape[2:]})
				return ir.Sample{Args: types(c.x, c.y), Attrs: attrs}
			})
		},
	})
}

package op

import (
	"mmc/ir"
)

// Operators about differentiation itself.
var (
	StopGradient = slot()
	Tap          = slot()
	Grad         = slot()
	CustomGrad   = slot()
)

func init() {
	same := func(in *ir.Inference) ([]ir.Type, error) { return single(in.Args[0]), nil }

	identity := func(orders int) func() []ir.Sample {
		return func() []ir.Sample {
			return []ir.Sample{{Args: types(f32(3, "N")), Sizes: sizes("N", 2), Orders: orders}}
		}
	}

	define(StopGradient, ir.Op{Name: "stop_gradient", Doc: "x, which counts as constant for gradients.",
		Operands: []string{"x"}, Kind: ir.Injective, Flags: ir.View | ir.NoGradient,
		Infer: same, Eval: evalSame,
		Samples: identity(-1),
	})

	define(Tap, ir.Op{Name: "tap",
		Doc:      "x, as the named value with respect to which a gradient is taken. Nothing folds it until gradients are expanded.",
		Operands: []string{"x"}, Kind: ir.Structural, Flags: ir.Marker | ir.Hidden,
		Infer: same, Eval: evalSame,
		Grad:    func(_ *ir.Builder, _ *ir.Node, d []*ir.Value) []*ir.Value { return d },
		Samples: identity(2),
	})

	define(Grad, ir.Op{Name: "grad", Doc: "The gradients of the scalar y with respect to each x.",
		Operands: []string{"y", "xs..."}, Kind: ir.Structural, Flags: ir.Marker,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			if err := first(want(in, 0, floats), rank(in, 0, 0)); err != nil {
				return nil, err
			}
			for i := 1; i < len(in.Args); i++ {
				if err := want(in, i, floats); err != nil {
					return nil, err
				}
			}
			return in.Args[1:], nil
		},
		Samples: func() []ir.Sample { return nil },
	})

	define(CustomGrad, ir.Op{Name: "custom_grad",
		Doc: "y, whose gradients with respect to the xs are what the region computes from the gradient d of y. " +
			"Differentiation does not look at how y was computed.",
		Operands: []string{"y", "xs..."}, Kind: ir.Structural, Flags: ir.Marker | ir.Hidden, Regions: 1,
		Infer:   inferCustomGrad,
		Grad:    gradCustom,
		Eval:    evalSame,
		Samples: func() []ir.Sample { return nil },
	})
}

func inferCustomGrad(in *ir.Inference) ([]ir.Type, error) {
	if len(in.Regions) != 1 {
		return nil, fail(in, codeAttr, "", nil, "has one region, not %d", len(in.Regions))
	}
	r, y := in.Regions[0], in.Args[0]
	if len(r.Args) != 1 || !r.Args[0].Type.Equal(y, in.Facts) {
		return nil, fail(in, codeShape, "", []int{0}, "a declared gradient takes one value of type %s", y)
	}
	if len(r.Results) != len(in.Args)-1 {
		return nil, fail(in, "call.arity", "", nil, "declares %d gradients for %d values", len(r.Results), len(in.Args)-1)
	}
	for i, g := range r.Results {
		if x := in.Args[1+i]; g != nil && !g.Type.Equal(x, in.Facts) {
			return nil, fail(in, codeShape, "", []int{1 + i}, "the declared gradient of %s has type %s, not %s", operand(in, 1+i), g.Type, x)
		}
	}
	return single(y), nil
}

// gradCustom copies the region into the graph with d for its argument.
func gradCustom(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
	r := n.Regions[0]
	values := ir.Inline(b, r, d)
	return append([]*ir.Value{nil}, values...)
}

package op

import (
	"mmc/ir"
	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// defineWindowAdjoints defines what leads from windows back to elements.
func defineWindowAdjoints() {
	define(WindowSpread, ir.Op{Name: "window_spread", Doc: "The adjoint of window_sum: every element receives dy of the windows that hold it.",
		Operands: []string{"dy"}, Params: windowParams(sizesParam), Kind: ir.Window,
		Infer: inferWindowAdjoint,
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			return []*ir.Value{b.Op(WindowSum, windowAttrs(n, nil), d[0])}
		},
		Eval: func(c *ir.EvalCall) error {
			g, channels := windowGrid(c, c.Out[0], c.Args[0])
			for ch := range channels {
				for t := range g.taps {
					g.scatter(c.Out[0].Data[ch*g.in:][:g.in], c.Args[0].Data[ch*g.out:][:g.out], t)
				}
			}
			return nil
		},
		Lower: func(n *ir.Node) []*loop.Nest {
			return lowerWindowAdjoint(n, func(k *nest, v loop.Reg, _ []loop.Index, _ sliding, _ []loop.Index) loop.Reg {
				return k.acc(loop.ReduceSum, v, k.Body[v].Type)
			})
		},
		Samples: func() []ir.Sample {
			return windowSamples(func(c windowCase) ir.Sample {
				return ir.Sample{Args: types(c.y), Attrs: merged(c.attrs, ir.Attrs{"sizes": c.sizes()})}
			})
		},
	})
	define(WindowPlace, ir.Op{Name: "window_place",
		Doc:      "The adjoint of window_pick: dy of each window goes to the element that tap idx meets; the others get 0. It undoes max pooling.",
		Operands: []string{"dy", "idx"}, Params: windowParams(sizesParam), Kind: ir.Window,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			t, err := inferWindowAdjoint(in)
			if err != nil {
				return nil, err
			}
			return t, inferTaps(in, in.Args[0].Shape)
		},
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			return []*ir.Value{b.Op(WindowPick, windowAttrs(n, nil), d[0], n.Args[1]), nil}
		},
		Eval: func(c *ir.EvalCall) error {
			g, _ := windowGrid(c, c.Out[0], c.Args[0])
			for i, id := range c.Args[1].Data {
				t, err := ranged(c, id, g.taps)
				if err != nil {
					return err
				}
				if p := g.source[t*g.out+i%g.out]; p >= 0 {
					c.Out[0].Data[i/g.out*g.in+int(p)] += c.Args[0].Data[i]
				}
			}
			return nil
		},
		Lower: func(n *ir.Node) []*loop.Nest {
			return lowerWindowAdjoint(n, func(k *nest, v loop.Reg, at []loop.Index, s sliding, taps []loop.Index) loop.Reg {
				return k.sumWhere(k.isTap(n.Args[1], !s.always(), at, s, taps), v)
			})
		},
		Samples: func() []ir.Sample {
			return windowSamples(func(c windowCase) ir.Sample {
				return c.withTaps(types(c.y, typed(dtype.I32, anys(c.y.Shape)...)), ir.Attrs{"sizes": c.sizes()})
			})
		},
	})
}

func inferWindowAdjoint(in *ir.Inference) ([]ir.Type, error) {
	s, size := windowOf(in), attrDims(in, "sizes")
	if err := first(want(in, 0, floats), atLeast(in, 0, len(s.kernel)), length(in, "sizes", size, len(s.kernel)), s.check(in)); err != nil {
		return nil, err
	}
	dy := in.Args[0].Shape
	return single(ir.Type{DType: in.Args[0].DType, Shape: joined(lead(dy, s), size)}), s.fits(in, size, trail(dy, s))
}

// lowerWindowAdjoint sums over the taps that meet an element. join makes the result of what dy is at the index of the
// tap's window.
func lowerWindowAdjoint(n *ir.Node, join func(k *nest, v loop.Reg, at []loop.Index, s sliding, taps []loop.Index) loop.Reg) []*loop.Nest {
	s, dy, dx := windowOf(n), n.Args[0], n.Result().Type.Shape
	return s.adjoint(trail(dx, s), func(k *nest, ps []phase) {
		at := k.axes(lead(dx, s))
		q := k.phaseAxes(ps)
		t := k.tapAxes(ps)
		from := append(at[:len(at):len(at)], outputs(ps, q, t)...)
		v := join(k, k.guarded(!s.always(), 0, 0, dy, from...), from, s, tapNumbers(ps, t))
		k.store(0, v, append(at, images(ps, q)...)...)
	}, func(k *nest, ps []phase) {
		at := k.axes(lead(dx, s))
		k.store(0, k.constant(0, computed(dy.Type.DType)), append(at, images(ps, k.phaseAxes(ps))...)...)
	})
}

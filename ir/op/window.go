package op

import (
	"math"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// Windows that slide over the trailing axes. Taps are numbered row-major; positions in the padding never win a maximum.
var (
	WindowMax    = slot()
	WindowArgMax = slot()
	WindowSum    = slot()
	WindowPick   = slot()
	WindowPlace  = slot()
	WindowSpread = slot()
)

func init() {
	defineWindowReductions()
	defineWindowPick()
	defineWindowAdjoints()
}

var kernelParam = attr("kernel", ir.PInts, "the size of the window on each of the trailing axes")

func windowParams(more ...ir.ParamSpec) []ir.ParamSpec {
	return append(append([]ir.ParamSpec{kernelParam}, slidingParams...), more...)
}

// windowOf reads a window's geometry.
func windowOf(n attributes) sliding {
	var kernel []dim.Expr
	for _, k := range n.Attr("kernel").([]int64) {
		kernel = append(kernel, konst(k))
	}
	return slidingOf(n, kernel)
}

// attrsOf are the geometry's attributes for another window operator.
func windowAttrs(n *ir.Node, more ir.Attrs) ir.Attrs {
	return windowOf(n).attrs(merged(ir.Attrs{"kernel": n.Ints("kernel")}, more))
}

// lead and trail part a shape at its spatial axes.
func lead(x []dim.Expr, s sliding) []dim.Expr  { return x[:len(x)-len(s.kernel)] }
func trail(x []dim.Expr, s sliding) []dim.Expr { return x[len(x)-len(s.kernel):] }

func joined(a, b []dim.Expr) []dim.Expr { return append(append([]dim.Expr(nil), a...), b...) }

// inferWindow is the shape that a window makes of operand 0.
func inferWindow(in *ir.Inference) ([]dim.Expr, error) {
	s := windowOf(in)
	if err := first(atLeast(in, 0, len(s.kernel)), s.check(in)); err != nil {
		return nil, err
	}
	x := in.Args[0].Shape
	out, err := s.outs(in, trail(x, s))
	return joined(lead(x, s), out), err
}

func defineWindowReductions() {
	window(WindowMax, ir.Op{Name: "window_max", Doc: "The largest element of each window; padding counts as -inf.",
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			x := n.Args[0]
			taps := b.Op(WindowArgMax, windowAttrs(n, nil), x)
			size := trail(x.Type.Shape, windowOf(n))
			return []*ir.Value{b.Op(WindowPlace, windowAttrs(n, ir.Attrs{"sizes": size}), d[0], taps)}
		},
	}, dtype.Invalid, math.Inf(-1), loop.ReduceMax, func(v []float64) float64 {
		best := math.Inf(-1)
		for _, x := range v {
			best = largest(best, x)
		}
		return best
	})
	window(WindowSum, ir.Op{Name: "window_sum", Doc: "The sum of each window; padding counts as 0.",
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			size := trail(n.Args[0].Type.Shape, windowOf(n))
			return []*ir.Value{b.Op(WindowSpread, windowAttrs(n, ir.Attrs{"sizes": size}), d[0])}
		},
	}, dtype.Invalid, 0, loop.ReduceSum, func(v []float64) float64 {
		sum := 0.0
		for _, x := range v {
			sum += x
		}
		return sum
	})
	window(WindowArgMax, ir.Op{Name: "window_argmax", Flags: ir.NoGradient,
		Doc: "The number of the tap with the largest element of each window, the first of equal ones, as i32.",
	}, dtype.I32, math.Inf(-1), loop.ReduceArgMax, func(v []float64) float64 {
		best := 0
		for i, x := range v {
			if x > v[best] {
				best = i
			}
		}
		return float64(best)
	})
}

// window completes the record of a reduction of windows: join makes the result of what the taps meet.
func window(o *ir.Op, rec ir.Op, result dtype.DType, fill float64, how loop.Combine, join func(v []float64) float64) {
	rec.Operands, rec.Params, rec.Kind = []string{"x"}, windowParams(), ir.Window
	rec.Infer = func(in *ir.Inference) ([]ir.Type, error) {
		if err := want(in, 0, floats); err != nil {
			return nil, err
		}
		shape, err := inferWindow(in)
		t := result
		if t == dtype.Invalid {
			t = in.Args[0].DType
		}
		return single(ir.Type{DType: t, Shape: shape}), err
	}
	rec.Eval = func(c *ir.EvalCall) error {
		g, channels := windowGrid(c, c.Args[0], c.Out[0])
		met := make([]float64, g.taps)
		for ch := range channels {
			x, y := c.Args[0].Data[ch*g.in:][:g.in], c.Out[0].Data[ch*g.out:][:g.out]
			for p := range y {
				for t := range met {
					g.gather(met[t:t+1], x, t, p, fill)
				}
				y[p] = join(met)
			}
		}
		return nil
	}
	rec.Lower = func(n *ir.Node) []*loop.Nest {
		s, x, y, k := windowOf(n), n.Args[0], n.Result().Type, newNest()
		at := k.axes(lead(y.Shape, s))
		pos := k.spatial("p", trail(y.Shape, s), (*nest).axis)
		taps := k.spatial("k", s.kernel, (*nest).reduce)
		v := k.guarded(s.guard(), fill, 0, x, append(at[:len(at):len(at)], s.source(pos, taps)...)...)
		return k.store(0, k.acc(how, v, computed(y.DType)), append(at[:len(at):len(at)], pos...)...)
	}
	rec.Samples = func() []ir.Sample {
		return windowSamples(func(c windowCase) ir.Sample { return ir.Sample{Args: types(c.x), Attrs: c.attrs} })
	}
	define(o, rec)
}

// windowGrid is the geometry of a run for an input and output of these shapes, and the number of channels.
func windowGrid(c *ir.EvalCall, x, y *ir.Tensor) (grid, int) {
	s := windowOf(c.Node)
	at := len(x.Shape) - len(s.kernel)
	return s.grid(c, x.Shape[at:], y.Shape[at:]), product(x.Shape[:at])
}

// inferTaps checks that operand 1 numbers taps in the shape of positions.
func inferTaps(in *ir.Inference, positions []dim.Expr) error {
	if err := first(want(in, 1, integers), rank(in, 1, len(positions))); err != nil {
		return err
	}
	for i, d := range in.Args[1].Shape {
		if err := equal(in, d, positions[i], []int{0, 1}, "windows are at %s but taps at %s",
			show(in, positions), show(in, in.Args[1].Shape)); err != nil {
			return err
		}
	}
	return nil
}

func defineWindowPick() {
	define(WindowPick, ir.Op{Name: "window_pick", Doc: "The element of each window of x that tap idx meets.",
		Operands: []string{"x", "idx"}, Params: windowParams(), Kind: ir.Window,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			if err := want(in, 0, floats); err != nil {
				return nil, err
			}
			shape, err := inferWindow(in)
			if err != nil {
				return nil, err
			}
			return single(ir.Type{DType: in.Args[0].DType, Shape: shape}), inferTaps(in, shape)
		},
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			size := trail(n.Args[0].Type.Shape, windowOf(n))
			return []*ir.Value{b.Op(WindowPlace, windowAttrs(n, ir.Attrs{"sizes": size}), d[0], n.Args[1]), nil}
		},
		Eval: func(c *ir.EvalCall) error {
			g, _ := windowGrid(c, c.Args[0], c.Out[0])
			for i, id := range c.Args[1].Data {
				t, err := ranged(c, id, g.taps)
				if err != nil {
					return err
				}
				g.gather(c.Out[0].Data[i:i+1], c.Args[0].Data[i/g.out*g.in:], t, i%g.out, 0)
			}
			return nil
		},
		Lower: func(n *ir.Node) []*loop.Nest {
			s, x, y, k := windowOf(n), n.Args[0], n.Result().Type, newNest()
			at := k.axes(lead(y.Shape, s))
			pos := k.spatial("p", trail(y.Shape, s), (*nest).axis)
			taps := k.spatial("k", s.kernel, (*nest).reduce)
			here := append(at[:len(at):len(at)], pos...)
			v := k.guarded(s.guard(), 0, 0, x, append(at[:len(at):len(at)], s.source(pos, taps)...)...)
			return k.store(0, k.sumWhere(k.isTap(n.Args[1], false, here, s, taps), v), here...)
		},
		Samples: func() []ir.Sample {
			return windowSamples(func(c windowCase) ir.Sample {
				return c.withTaps(types(c.x, typed(dtype.I32, anys(c.y.Shape)...)), nil)
			})
		},
	})
}

// isTap tests in a nest whether the tap that operand 1 names at the index is the one of the tap axes; there is none where
// a guarded index lies outside.
func (k *nest) isTap(idx *ir.Value, guard bool, at []loop.Index, s sliding, taps []loop.Index) loop.Reg {
	t := idx.Type.DType
	number := k.constant(0, t)
	for i, tap := range taps {
		here := k.position(tap, t)
		for _, term := range tap.Terms {
			if !term.Coef.IsConst(1) {
				here = k.do(loop.Mul, t, here, k.dimValue(term.Coef, t))
			}
		}
		if !tap.Off.IsConst(0) {
			here = k.do(loop.Add, t, here, k.dimValue(tap.Off, t))
		}
		number = k.do(loop.Add, t, k.do(loop.Mul, t, number, k.dimValue(s.kernel[i], t)), here)
	}
	return k.do(loop.Eq, dtype.Bool, k.guarded(guard, -1, 1, idx, at...), number)
}

// sumWhere adds v over the reduce axes where c holds.
func (k *nest) sumWhere(c, v loop.Reg) loop.Reg {
	t := k.Body[v].Type
	return k.acc(loop.ReduceSum, k.do(loop.Select, t, c, v, k.constant(0, t)), t)
}

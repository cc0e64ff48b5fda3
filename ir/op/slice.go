package op

import (
	"fmt"
	"math"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// Operators that take or set a rectangular piece.
var (
	Slice              = slot()
	Pad                = slot()
	DynamicSlice       = slot()
	DynamicUpdateSlice = slot()
)

func init() {
	defineSlice()
	definePad()
	defineDynamicSlice()
	defineDynamicUpdateSlice()
}

func defineSlice() {
	define(Slice, ir.Op{Name: "slice", Doc: "Element i of the result is x[starts + i * steps]. In .mm: x[a : b], x[a : b : step].",
		Operands: []string{"x"},
		Params: []ir.ParamSpec{attr("starts", ir.PDims, "the first position on each axis"), attr("sizes", ir.PDims, "the shape of the result"),
			attr("steps", ir.PInts, "the distance between elements, positive")},
		Kind: ir.Injective, Infer: inferSlice, Grad: gradSlice,
		Eval: func(c *ir.EvalCall) error {
			x, out := c.Args[0], c.Out[0]
			step, from := strides(x.Shape), 0
			for i, s := range c.Sizes(c.Node.Dims("starts")) {
				from += s * step[i]
				step[i] *= int(c.Node.Ints("steps")[i])
			}
			move(out.Shape, out.Data, 0, strides(out.Shape), x.Data, from, step)
			return nil
		},
		Lower: func(n *ir.Node) []*loop.Nest {
			k := newNest()
			at := k.axes(n.Result().Type.Shape)
			from := make([]loop.Index, len(at))
			for i := range at {
				from[i] = shift(scale(at[i], konst(n.Ints("steps")[i])), n.Dims("starts")[i])
			}
			return k.store(0, k.load(0, n.Args[0], from...), at...)
		},
		Samples: func() []ir.Sample {
			return []ir.Sample{
				{Args: types(f32("N", 7)), Attrs: ir.Attrs{"starts": shape(1, 2), "sizes": shape(dim.Sym("N").Sub(one), 3), "steps": []int64{1, 1}}, Sizes: sizes("N", 4)},
				{Args: types(f32(3, 8)), Attrs: ir.Attrs{"starts": shape(0, 1), "sizes": shape(3, 3), "steps": []int64{1, 3}}},
				{Args: types(f32(9)), Attrs: ir.Attrs{"starts": shape(0), "sizes": shape(5), "steps": []int64{2}}},
				thirds(8), thirds(1),
			}
		},
	})
}

// thirds is a piece whose last element may be the last of the axis or not, and which is empty for n = 1.
func thirds(n int) ir.Sample {
	size := dim.Sym("N").Add(one).FloorDiv(konst(3))
	return ir.Sample{Args: types(f32("N", 2)), Attrs: ir.Attrs{"starts": shape(1, 0), "sizes": shape(size, 2), "steps": []int64{3, 1}}, Sizes: sizes("N", n)}
}

func inferSlice(in *ir.Inference) ([]ir.Type, error) {
	x, starts, size, steps := in.Args[0], attrDims(in, "starts"), attrDims(in, "sizes"), attrInts(in, "steps")
	err := first(length(in, "starts", starts, x.Rank()), length(in, "sizes", size, x.Rank()), length(in, "steps", steps, x.Rank()))
	if err != nil {
		return nil, err
	}
	for i, d := range x.Shape {
		if steps[i] < 1 {
			return nil, fail(in, codeAttr, "reverse(x, axes: ..) turns an axis round", nil, "step %d on axis %d is not positive", steps[i], i)
		}
		if err := within(in, i, starts[i], size[i], steps[i], d); err != nil {
			return nil, err
		}
	}
	return single(ir.Type{DType: x.DType, Shape: size}), nil
}

// within checks that a piece of an axis provably lies in it: kernels do not test.
func within(in *ir.Inference, axis int, start, size dim.Expr, step int64, extent dim.Expr) error {
	end := start.Add(size.Sub(one).Mul(konst(step))).Add(one)
	f := in.Facts
	for _, part := range []struct {
		name string
		d    dim.Expr
	}{{"start", start}, {"size", size}} {
		if !f.NonNegative(part.d) {
			return fail(in, codeRange, fmt.Sprintf("a fact is missing: where 0 <= %s", f.Show(part.d)), []int{0},
				"the %s %s of a piece of axis %d of %s may be below zero", part.name, f.Show(part.d), axis, show(in, in.Args[0].Shape))
		}
	}
	if f.AtMost(end, extent) || f.Equal(size, zero) {
		return nil
	}
	return fail(in, codeRange, fmt.Sprintf("a fact is missing: where %s <= %s", f.Show(end), f.Show(extent)), []int{0},
		"the piece from %s to %s may leave axis %d of %s", f.Show(start), f.Show(end), axis, show(in, in.Args[0].Shape))
}

// gradSlice puts d back into zeros: padding for step 1; else each element is first spread to a run of step elements. The last run
// may stick out behind x, by less than a step, and is cut off: so it is with pieces that turn out to be empty, too.
func gradSlice(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
	m, x := On(b), n.Args[0].Type.Shape
	starts, size, steps := n.Dims("starts"), n.Dims("sizes"), n.Ints("steps")
	v, cut := d[0], false
	low, high := make([]dim.Expr, len(x)), make([]dim.Expr, len(x))
	for i := range x {
		if b.Facts.Equal(size[i], zero) {
			return []*ir.Value{m.Zeros(n.Args[0])} // which may begin anywhere
		}
		if steps[i] > 1 {
			v, cut = m.spread(v, i, steps[i]), true
		}
		low[i], high[i] = starts[i], x[i].Sub(starts[i]).Sub(size[i].Sub(one).Mul(konst(steps[i]))).Sub(one)
	}
	if v = m.Pad(v, low, high); cut {
		v = m.Slice(v, repeat(len(x), zero), x, repeat(len(x), int64(1)))
	}
	return []*ir.Value{v}
}

// spread makes of each element along an axis a run: itself and step-1 zeros.
func (m Make) spread(v *ir.Value, axis int, step int64) *ir.Value {
	size := v.Type.Shape
	runs := append(append(append([]dim.Expr(nil), size[:axis+1]...), one), size[axis+1:]...)
	high := replaced(repeat(len(runs), zero), axis+1, konst(step-1))
	v = m.Pad(m.Reshape(v, runs), repeat(len(runs), zero), high)
	return m.Reshape(v, replaced(size, axis, size[axis].Mul(konst(step))))
}

func definePad() {
	define(Pad, ir.Op{Name: "pad", Doc: "x surrounded by a constant: low elements before and high elements behind on each axis.",
		Operands: []string{"x"},
		Params: []ir.ParamSpec{attr("low", ir.PDims, "elements before the first"), attr("high", ir.PDims, "elements behind the last"),
			optional("value", ir.PFloat, 0.0, "what they are")},
		Kind: ir.Injective, Infer: inferPad,
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			x := n.Args[0].Type
			return []*ir.Value{On(b).Slice(d[0], n.Dims("low"), x.Shape, repeat(x.Rank(), int64(1)))}
		},
		Eval: func(c *ir.EvalCall) error {
			x, out := c.Args[0], c.Out[0]
			for i := range out.Data {
				out.Data[i] = c.Node.Float("value")
			}
			step, to := strides(out.Shape), 0
			for i, l := range c.Sizes(c.Node.Dims("low")) {
				to += l * step[i]
			}
			move(x.Shape, out.Data, to, step, x.Data, 0, strides(x.Shape))
			return nil
		},
		Lower: func(n *ir.Node) []*loop.Nest {
			k := newNest()
			at := k.axes(n.Result().Type.Shape)
			from := make([]loop.Index, len(at))
			for i := range at {
				from[i] = shift(at[i], n.Dims("low")[i].Neg())
			}
			return k.store(0, k.guarded(true, n.Float("value"), 0, n.Args[0], from...), at...)
		},
		Samples: func() []ir.Sample {
			return []ir.Sample{
				{Args: types(f32("N", 3)), Attrs: ir.Attrs{"low": shape(1, 0), "high": shape(2, 1)}, Sizes: sizes("N", 2)},
				{Args: types(f32(3)), Attrs: ir.Attrs{"low": shape(2), "high": shape("P"), "value": 1.5}, Sizes: sizes("P", 3)},
				{Args: types(f32(3, 2)), Attrs: ir.Attrs{"low": shape(1, 1), "high": shape(0, 0), "value": math.Inf(-1)}, Orders: -1},
			}
		},
	})
}

func inferPad(in *ir.Inference) ([]ir.Type, error) {
	x, low, high := in.Args[0], attrDims(in, "low"), attrDims(in, "high")
	if err := first(length(in, "low", low, x.Rank()), length(in, "high", high, x.Rank())); err != nil {
		return nil, err
	}
	out := make([]dim.Expr, x.Rank())
	for i, d := range x.Shape {
		if err := first(nonNegative(in, "low", low[i]), nonNegative(in, "high", high[i])); err != nil {
			return nil, err
		}
		out[i] = low[i].Add(d).Add(high[i])
	}
	return single(ir.Type{DType: x.DType, Shape: out}), nil
}

func nonNegative(in *ir.Inference, name string, d dim.Expr) error {
	if in.Facts.NonNegative(d) {
		return nil
	}
	return fail(in, codeRange, "", nil, "%s is %s, which may be negative", name, in.Facts.Show(d))
}

// inferStarts checks the operands from .. on: a scalar position for each axis.
func inferStarts(in *ir.Inference, from, axes int) error {
	if got := len(in.Args) - from; got != axes {
		return fail(in, "call.arity", "", nil, "needs a start for each of the %d axes, got %d", axes, got)
	}
	for i := from; i < len(in.Args); i++ {
		if err := first(want(in, i, integers), rank(in, i, 0)); err != nil {
			return err
		}
	}
	return nil
}

// evalStarts reads the positions of a piece, moved so that it lies inside.
func evalStarts(starts []*ir.Tensor, size, extent []int) []int {
	out := make([]int, len(starts))
	for i, s := range starts {
		out[i] = max(0, min(int(s.Data[0]), extent[i]-size[i]))
	}
	return out
}

// lowerStarts does the same in a nest, for operands from .. on, and returns the index of a piece's element.
func lowerStarts(k *nest, n *ir.Node, from int, at []loop.Index, size, extent []dim.Expr) []loop.Index {
	out := make([]loop.Index, len(at))
	for i := range at {
		start := k.load(from+i, n.Args[from+i])
		out[i] = plus(at[i], via(k.clamp(start, extent[i].Sub(size[i]).Add(one))))
	}
	return out
}

const clampNote = "A piece that would leave the tensor is moved inside."

func defineDynamicSlice() {
	define(DynamicSlice, ir.Op{Name: "dynamic_slice", Doc: "The piece of a given size at a position that only the run knows. " + clampNote,
		Operands: []string{"x", "starts..."}, Params: []ir.ParamSpec{attr("sizes", ir.PDims, "the shape of the result")},
		Kind: ir.Opaque,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			x, size := in.Args[0], attrDims(in, "sizes")
			if err := first(length(in, "sizes", size, x.Rank()), inferStarts(in, 1, x.Rank())); err != nil {
				return nil, err
			}
			for i, d := range x.Shape {
				if err := within(in, i, zero, size[i], 1, d); err != nil {
					return nil, err
				}
			}
			return single(ir.Type{DType: x.DType, Shape: size}), nil
		},
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			out := make([]*ir.Value, len(n.Args))
			args := append([]*ir.Value{On(b).Zeros(n.Args[0]), d[0]}, n.Args[1:]...)
			out[0] = b.Op(DynamicUpdateSlice, nil, args...)
			return out
		},
		Eval: func(c *ir.EvalCall) error {
			x, out := c.Args[0], c.Out[0]
			step, from := strides(x.Shape), 0
			for i, s := range evalStarts(c.Args[1:], out.Shape, x.Shape) {
				from += s * step[i]
			}
			move(out.Shape, out.Data, 0, strides(out.Shape), x.Data, from, step)
			return nil
		},
		Lower: func(n *ir.Node) []*loop.Nest {
			k := newNest()
			at := k.axes(n.Result().Type.Shape)
			from := lowerStarts(k, n, 1, at, n.Result().Type.Shape, n.Args[0].Type.Shape)
			return k.store(0, k.load(0, n.Args[0], from...), at...)
		},
		Samples: func() []ir.Sample {
			return []ir.Sample{{Args: types(f32(5, "N"), i32(), i32()), Attrs: ir.Attrs{"sizes": shape(2, "N")},
				Sizes: sizes("N", 4), Low: []float64{-1, 0, 0}, High: []float64{1, 3, 3}}}
		},
	})
}

func defineDynamicUpdateSlice() {
	define(DynamicUpdateSlice, ir.Op{Name: "dynamic_update_slice",
		Doc:      "x with the piece at a position that only the run knows replaced by v. " + clampNote,
		Operands: []string{"x", "v", "starts..."}, Kind: ir.Opaque,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			x, v := in.Args[0], in.Args[1]
			if err := first(sameDType(in, 0, 1), rank(in, 1, x.Rank()), inferStarts(in, 2, x.Rank())); err != nil {
				return nil, err
			}
			for i, d := range x.Shape {
				if err := within(in, i, zero, v.Shape[i], 1, d); err != nil {
					return nil, err
				}
			}
			return single(x), nil
		},
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			out, starts := make([]*ir.Value, len(n.Args)), n.Args[2:]
			out[0] = b.Op(DynamicUpdateSlice, nil, append([]*ir.Value{d[0], On(b).Zeros(n.Args[1])}, starts...)...)
			out[1] = b.Op(DynamicSlice, ir.Attrs{"sizes": n.Args[1].Type.Shape}, append([]*ir.Value{d[0]}, starts...)...)
			return out
		},
		Eval: func(c *ir.EvalCall) error {
			x, v, out := c.Args[0], c.Args[1], c.Out[0]
			copy(out.Data, x.Data)
			step, to := strides(x.Shape), 0
			for i, s := range evalStarts(c.Args[2:], v.Shape, x.Shape) {
				to += s * step[i]
			}
			move(v.Shape, out.Data, to, step, v.Data, 0, strides(v.Shape))
			return nil
		},
		Lower: func(n *ir.Node) []*loop.Nest {
			x, v := n.Args[0], n.Args[1]
			all := newNest()
			at := all.axes(x.Type.Shape)
			copied := all.store(0, all.load(0, x, at...), at...)
			k := newNest()
			at = k.axes(v.Type.Shape)
			value := k.load(1, v, at...)
			return append(copied, k.store(0, value, lowerStarts(k, n, 2, at, v.Type.Shape, x.Type.Shape)...)...)
		},
		Samples: func() []ir.Sample {
			return []ir.Sample{{Args: types(f32("N", 5), f32(1, 3), i32(), typed(dtype.I64)),
				Sizes: sizes("N", 4), Low: []float64{-1, -1, 0, 0}, High: []float64{1, 1, 3, 3}}}
		},
	})
}

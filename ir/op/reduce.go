package op

import (
	"math"
	"slices"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// Reductions.
var (
	Sum, Prod      = slot(), slot()
	AMax, AMin     = slot(), slot()
	Any, AllOf     = slot(), slot()
	ArgMax, ArgMin = slot(), slot()
)

var reduceParams = []ir.ParamSpec{
	attr("axes", ir.PInts, "the axes that disappear, ascending; in .mm all of them by default, negative ones counting from the end"),
	optional("keep", ir.PBool, false, "whether they stay, with length 1"),
}

// reduction is one way of joining elements.
type reduction struct {
	name, doc string
	takes     class
	start     float64 // the join of no elements
	join      func(acc, x float64) float64
	combine   loop.Combine
	grad      func(m Make, n *ir.Node, x, y, d *ir.Value) *ir.Value // y and d already have the shape of x
	low, high float64
}

func init() {
	reduce(Sum, reduction{name: "sum", doc: "The sum over axes.", takes: numbers, low: -1, high: 1,
		join: func(a, x float64) float64 { return a + x }, combine: loop.ReduceSum,
		grad: func(_ Make, _ *ir.Node, _, _, d *ir.Value) *ir.Value { return d }})
	reduce(Prod, reduction{name: "prod", doc: "The product over axes.", takes: numbers, low: 0.5, high: 2,
		start: 1, join: func(a, x float64) float64 { return a * x }, combine: loop.ReduceProd, grad: gradProd})
	reduce(AMax, reduction{name: "amax", doc: "The largest element over axes; NaN if there is one. Equal ones share the gradient.",
		takes: numbers, low: -1, high: 1, start: math.Inf(-1), join: largest, combine: loop.ReduceMax, grad: gradExtreme})
	reduce(AMin, reduction{name: "amin", doc: "The smallest element over axes; NaN if there is one. Equal ones share the gradient.",
		takes: numbers, low: -1, high: 1, start: math.Inf(1), join: func(a, x float64) float64 { return -largest(-a, -x) },
		combine: loop.ReduceMin, grad: gradExtreme})
	reduce(Any, reduction{name: "any", doc: "Whether one element over the axes is true.", takes: bools, high: 1,
		join: math.Max, combine: loop.ReduceMax})
	reduce(AllOf, reduction{name: "all", doc: "Whether all elements over the axes are true.", takes: bools, high: 1,
		start: 1, join: math.Min, combine: loop.ReduceMin})
	position(ArgMax, "argmax", "largest", loop.ReduceArgMax, func(x, best float64) bool { return x > best })
	position(ArgMin, "argmin", "smallest", loop.ReduceArgMin, func(x, best float64) bool { return x < best })
}

func reduce(o *ir.Op, r reduction) {
	rec := ir.Op{Name: r.name, Doc: r.doc, Operands: []string{"x"}, Params: reduceParams, Kind: ir.Reduction,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			list := attrInts(in, "axes")
			if err := first(want(in, 0, r.takes), axes(in, list)); err != nil {
				return nil, err
			}
			return single(ir.Type{DType: in.Args[0].DType, Shape: reducedShape(in.Args[0].Shape, list, in.Attr("keep").(bool))}), nil
		},
		Eval:    func(c *ir.EvalCall) error { return evalReduce(c, r) },
		Lower:   func(n *ir.Node) []*loop.Nest { return lowerReduce(n, n.Ints("axes"), r.combine) },
		Samples: func() []ir.Sample { return reduceSamples(r) },
	}
	if r.grad == nil {
		rec.Flags = ir.NoGradient
	} else {
		rec.Grad = func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			m, x := On(b), n.Args[0]
			return []*ir.Value{r.grad(m, n, x, m.back(n.Result(), n), m.back(d[0], n))}
		}
	}
	define(o, rec)
}

func reduceSamples(r reduction) []ir.Sample {
	t := dtype.F32
	if !r.takes.has(t) {
		t = dtype.Bool
	}
	out := []ir.Sample{
		with(sample(r.low, r.high, typed(t, "N", 3, 4)), ir.Attrs{"axes": []int64{0, 2}}),
		with(sample(r.low, r.high, typed(t, 3, "N")), ir.Attrs{"axes": []int64{1}, "keep": true}),
		with(sample(r.low, r.high, typed(t, 2, "N", 2)), ir.Attrs{"axes": []int64{0, 1, 2}}),
		with(sample(r.low, r.high, typed(t, "N", 5)), ir.Attrs{"axes": []int64{0}}),
	}
	if r.takes.has(dtype.I32) {
		out = append(out, with(sample(1, 5, i32("N", 2)), ir.Attrs{"axes": []int64{0}}))
	}
	for i := range out {
		out[i].Sizes = sizes("N", 3)
	}
	return out
}

func reducedShape(x []dim.Expr, axes []int64, keep bool) []dim.Expr {
	if !keep {
		return without(x, axes)
	}
	out := slices.Clone(x)
	for _, a := range axes {
		out[a] = one
	}
	return out
}

// back repeats a result of reduction n over the axes that it lost.
func (m Make) back(v *ir.Value, n *ir.Node) *ir.Value {
	x := n.Args[0].Type.Shape
	return m.Broadcast(m.Reshape(v, reducedShape(x, n.Ints("axes"), true)), x)
}

// gradExtreme shares d among the elements that equal the extreme.
func gradExtreme(m Make, n *ir.Node, x, y, d *ir.Value) *ir.Value {
	hit := m.Cast(m.Eq(x, y), x.Type.DType)
	return m.Div(m.Mul(d, hit), m.back(m.Sum(hit, n.Ints("axes"), false), n))
}

// gradProd is the product of the other elements: y / x where no element is zero, the product of the others where x is
// the only zero, and zero elsewhere.
func gradProd(m Make, n *ir.Node, x, y, d *ir.Value) *ir.Value {
	isZero := m.Eq(x, m.Zeros(x))
	filled := m.Select(isZero, m.Like(1, x), x)
	others := m.back(m.Op(Prod, ir.Attrs{"axes": n.Ints("axes")}, filled), n)
	zeros := m.back(m.Sum(m.Cast(isZero, x.Type.DType), n.Ints("axes"), false), n)
	only := m.Select(m.Eq(zeros, m.Like(1, x)), others, m.Zeros(x))
	return m.Mul(d, m.Select(isZero, only, m.Div(y, filled)))
}

// evalReduce joins every element of x to the element of the result that it belongs to.
func evalReduce(c *ir.EvalCall, r reduction) error {
	x, out := c.Args[0], c.Out[0].Data
	for i := range out {
		out[i] = r.start
	}
	step, size := make([]int, len(x.Shape)), 1
	for i := len(x.Shape) - 1; i >= 0; i-- {
		if !slices.Contains(c.Node.Ints("axes"), int64(i)) {
			step[i] = size
			size *= x.Shape[i]
		}
	}
	from := strides(x.Shape)
	n, s := row(x.Shape, from, step)
	rows(x.Shape, func(at []int) {
		p, q := at[0], at[1]
		for range n {
			out[q] = r.join(out[q], x.Data[p])
			p += s[0]
			q += s[1]
		}
	}, from, step)
	return nil
}

// lowerReduce is the nest of a reduction over axes; positions and truth values are joined as integers.
func lowerReduce(n *ir.Node, axes []int64, how loop.Combine) []*loop.Nest {
	k, x := newNest(), n.Args[0]
	var at, to []loop.Index
	keep := n.Result().Type.Rank() == x.Type.Rank()
	for i, d := range x.Type.Shape {
		if !slices.Contains(axes, int64(i)) {
			at = append(at, k.axis("i", d))
			to = append(to, at[i])
			continue
		}
		at = append(at, k.reduce("k", d))
		if keep {
			to = append(to, fixed(zero))
		}
	}
	v, t := k.load(0, x, at...), computed(n.Result().Type.DType)
	if t != dtype.Bool {
		return k.store(0, k.acc(how, v, t), to...)
	}
	all := k.acc(how, k.do(loop.Cast, dtype.I32, v), dtype.I32)
	return k.store(0, k.do(loop.Cast, dtype.Bool, all), to...)
}

// position defines argmax and argmin.
func position(o *ir.Op, name, which string, how loop.Combine, better func(x, best float64) bool) {
	define(o, ir.Op{Name: name, Doc: "The position of the " + which + " element along an axis, the first of equal ones, as i32.",
		Operands: []string{"x"}, Params: []ir.ParamSpec{attr("axis", ir.PInt, "the axis that disappears")},
		Kind: ir.Reduction, Flags: ir.NoGradient,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			list := []int64{attrInt(in, "axis")}
			if err := first(want(in, 0, numbers), axes(in, list)); err != nil {
				return nil, err
			}
			return single(ir.Type{DType: dtype.I32, Shape: without(in.Args[0].Shape, list)}), nil
		},
		Eval: func(c *ir.EvalCall) error {
			x := c.Args[0]
			outer, size, inner := split(x.Shape, int(c.Node.Int("axis")))
			for i := range outer * inner {
				base, best := i/inner*size*inner+i%inner, 0
				for j := 1; j < size; j++ {
					if better(x.Data[base+j*inner], x.Data[base+best*inner]) {
						best = j
					}
				}
				c.Out[0].Data[i] = float64(best)
			}
			return nil
		},
		Lower: func(n *ir.Node) []*loop.Nest { return lowerReduce(n, []int64{n.Int("axis")}, how) },
		Samples: func() []ir.Sample {
			return []ir.Sample{
				{Args: types(f32(3, "N", 2)), Attrs: ir.Attrs{"axis": 1}, Sizes: sizes("N", 5)},
				{Args: types(i32(6)), Attrs: ir.Attrs{"axis": 0}, Low: []float64{0}, High: []float64{3}},
			}
		},
	})
}

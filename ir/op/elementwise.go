package op

import (
	"mmc/ir"
	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// scalarLaw is an elementwise operator: its meaning on one element, twice over (eval for the evaluator, lower for kernels).
type scalarLaw struct {
	name, doc string
	operands  []string
	takes     class
	result    dtype.DType // Invalid: that of the operands
	flags     ir.Flags
	eval      func(a []float64, t dtype.DType) float64
	lower     func(k *nest, t dtype.DType, a []loop.Reg) loop.Reg
	grad      func(m Make, n *ir.Node, d *ir.Value) []*ir.Value
	samples   []ir.Sample
}

// elementwise defines an operator whose operands have one element type and one shape.
func elementwise(o *ir.Op, law scalarLaw) {
	rec := ir.Op{Name: law.name, Doc: law.doc, Operands: law.operands, Kind: ir.Elementwise, Flags: law.flags,
		Infer: func(in *ir.Inference) ([]ir.Type, error) {
			for i := range in.Args {
				if err := want(in, i, law.takes); err != nil {
					return nil, err
				}
				if err := first(sameDType(in, 0, i), sameShape(in, 0, i)); err != nil {
					return nil, err
				}
			}
			return single(ir.Type{DType: law.resultOf(in.Args[0].DType), Shape: in.Args[0].Shape}), nil
		},
		Eval:    func(c *ir.EvalCall) error { return eachElement(c, law.eval) },
		Lower:   func(n *ir.Node) []*loop.Nest { return pointwise(n, law.lower) },
		Samples: func() []ir.Sample { return law.samples },
	}
	if law.grad == nil {
		rec.Flags |= ir.NoGradient
	} else {
		rec.Grad = func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value { return law.grad(On(b), n, d[0]) }
	}
	define(o, rec)
}

func (law scalarLaw) resultOf(t dtype.DType) dtype.DType {
	if law.result != dtype.Invalid {
		return law.result
	}
	return t
}

// eachElement applies f to the operands element by element; t is the first operand's element type.
func eachElement(c *ir.EvalCall, f func(a []float64, t dtype.DType) float64) error {
	t, out := c.Args[0].DType, c.Out[0].Data
	parallel(len(out), 8*len(out), func(lo, hi int) {
		a := make([]float64, len(c.Args))
		for i := lo; i < hi; i++ {
			for j, x := range c.Args {
				a[j] = x.Data[i]
			}
			out[i] = f(a, t)
		}
	})
	return nil
}

// pointwise is the nest that loads one element of each operand, computes and stores. The body learns the type that the
// first operand is computed in.
func pointwise(n *ir.Node, body func(k *nest, t dtype.DType, a []loop.Reg) loop.Reg) []*loop.Nest {
	k := newNest()
	at := k.axes(n.Result().Type.Shape)
	regs := make([]loop.Reg, len(n.Args))
	for i, v := range n.Args {
		regs[i] = k.load(i, v, at...)
	}
	return k.store(0, body(k, computed(n.Args[0].Type.DType), regs), at...)
}

// direct lowers to one scalar operation.
func direct(s *loop.Scalar) func(k *nest, t dtype.DType, a []loop.Reg) loop.Reg {
	return func(k *nest, t dtype.DType, a []loop.Reg) loop.Reg {
		if s.Compare {
			t = dtype.Bool
		}
		return k.do(s, t, a...)
	}
}

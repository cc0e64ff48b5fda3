// Package conform is the conformance suite of targets: every sample of every operator, in several element types and
// sizes, with the results of the reference evaluator. A target's test runs the cases and hands the results back; nothing
// here or there knows a single operator.
package conform

import (
	"fmt"
	"math"
	"math/rand/v2"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/eval"
	"mmc/ir/op"
)

// Case is one call of one operator.
type Case struct {
	Name   string // of the graph; a Go identifier: conv_2_f64_17
	Op     *ir.Op
	Sample ir.Sample
	Graph  *ir.Graph             // y0, y1, .. = op(x0, x1, ..)
	Given  map[string]*ir.Tensor // by argument name
	Want   map[string]*ir.Tensor // by result name, as the evaluator says
}

// Options choose the cases.
type Options struct {
	Floats []dtype.DType // the element types that stand for a sample's f32; by default f32 alone
	Larger []int64       // what is added to every symbolic size; by default 0 alone
}

// Cases makes the cases of all operators that a target can be asked to compute.
func Cases(opt Options) ([]*Case, error) {
	if opt.Floats == nil {
		opt.Floats = []dtype.DType{dtype.F32}
	}
	if opt.Larger == nil {
		opt.Larger = []int64{0}
	}
	var out []*Case
	for _, o := range op.All() {
		if o.Lower == nil && o.Expand == nil && !o.Has(ir.View) {
			continue
		}
		for i, s := range o.Samples() {
			for _, v := range variants(s, opt) {
				c, err := newCase(o, v.sample, fmt.Sprintf("%s_%d%s", o.Name, i, v.suffix))
				if err != nil {
					return nil, err
				}
				out = append(out, c)
			}
		}
	}
	return out, nil
}

// variant is a sample in another element type or size.
type variant struct {
	sample ir.Sample
	suffix string
}

// variants leaves out what does not differ from the sample itself.
func variants(s ir.Sample, opt Options) []variant {
	var out []variant
	for i, t := range opt.Floats {
		typed, changed := withFloat(s, t)
		if i > 0 && !changed {
			continue
		}
		for j, n := range opt.Larger {
			if j > 0 && len(s.Sizes) == 0 {
				continue
			}
			v := variant{sample: typed}
			v.sample.Sizes = map[string]int64{}
			for sym, size := range s.Sizes {
				v.sample.Sizes[sym] = size + n
			}
			if changed {
				v.suffix = "_" + t.String()
			}
			if n > 0 {
				v.suffix += fmt.Sprintf("_%d", n)
			}
			out = append(out, v)
		}
	}
	return out
}

// withFloat replaces f32 in operands and attributes.
func withFloat(s ir.Sample, t dtype.DType) (out ir.Sample, changed bool) {
	out = s
	out.Args = append([]ir.Type(nil), s.Args...)
	for i, a := range s.Args {
		if a.DType == dtype.F32 && t != dtype.F32 {
			out.Args[i].DType, changed = t, true
		}
	}
	return out, changed
}

func newCase(o *ir.Op, s ir.Sample, name string) (*Case, error) {
	c := &Case{Name: name, Op: o, Sample: s, Given: Operands(s, rand.New(rand.NewPCG(1, 2)))}
	var err error
	if c.Graph, err = Graph(o, s, name); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	out, err := eval.Run(c.Graph, eval.Inputs{Args: c.Given, Dims: s.Sizes})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	c.Want = out.Values
	return c, nil
}

// Graph is the graph of a sample: y0, y1, .. = o(x0, x1, ..).
func Graph(o *ir.Op, s ir.Sample, name string) (*ir.Graph, error) {
	g := &ir.Graph{Name: name, Facts: new(dim.Facts)}
	var args []*ir.Value
	for i, t := range s.Args {
		v := &ir.Value{Type: t, Index: i}
		args = append(args, v)
		g.Args = append(g.Args, &ir.Arg{Name: fmt.Sprintf("x%d", i), Value: v})
	}
	out, err := ir.NewBuilder(g).Try(o, s.Attrs, args...)
	if err != nil {
		return nil, err
	}
	for i, v := range out {
		g.Results = append(g.Results, &ir.Result{Name: fmt.Sprintf("y%d", i), Value: v})
	}
	g.Renumber()
	return g, nil
}

// Operands draws operands in the sample's ranges, by argument name.
func Operands(s ir.Sample, rng *rand.Rand) map[string]*ir.Tensor {
	out := map[string]*ir.Tensor{}
	for i, t := range s.Args {
		low, high := -1.0, 1.0
		if s.Low != nil {
			low = s.Low[i]
		}
		if s.High != nil {
			high = s.High[i]
		}
		out[fmt.Sprintf("x%d", i)] = Random(t, s.Sizes, low, high, rng)
	}
	return out
}

// Random draws a tensor whose elements the element type holds exactly.
func Random(t ir.Type, sizes map[string]int64, low, high float64, rng *rand.Rand) *ir.Tensor {
	out := &ir.Tensor{DType: t.DType, Shape: []int{}}
	n := 1
	for _, d := range t.Shape {
		size := Size(d, sizes)
		out.Shape = append(out.Shape, size)
		n *= size
	}
	out.Data = make([]float64, n)
	for i := range out.Data {
		switch {
		case t.DType == dtype.Bool:
			out.Data[i] = float64(rng.IntN(2))
		case t.DType.IsInt():
			out.Data[i] = math.Floor(low) + float64(rng.IntN(int(high-low)+1))
		default:
			out.Data[i] = exact(low+(high-low)*rng.Float64(), t.DType)
		}
	}
	return out
}

// bits is the precision of the narrow types in bits of the significand.
var bits = map[dtype.DType]int{dtype.F16: 11, dtype.BF16: 8, dtype.F32: 24}

// exact rounds x to what the type holds (not regarding the smallest numbers).
func exact(x float64, t dtype.DType) float64 {
	n, narrow := bits[t]
	if !narrow || x == 0 {
		return x
	}
	frac, exp := math.Frexp(x)
	return math.Ldexp(math.RoundToEven(math.Ldexp(frac, n)), exp-n)
}

// Size evaluates a dim of a sample.
func Size(d dim.Expr, sizes map[string]int64) int {
	n, err := d.Eval(func(sym string) (int64, bool) { v, ok := sizes[sym]; return v, ok })
	if err != nil {
		panic("conform: a sample lacks a size: " + err.Error())
	}
	return int(n)
}

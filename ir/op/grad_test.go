package op_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/internal/conform"
	"mmc/ir"
	"mmc/ir/eval"
	"mmc/ir/op"
	"mmc/passes/grad"
)

// TestGrad compares the gradients that records build with central differences of the evaluator, in float64. The first
// order differentiates a weighted sum of the results, the second a weighted sum of the first gradients.
func TestGrad(t *testing.T) {
	for order, name := range []string{"first", "second"} {
		t.Run(name, func(t *testing.T) {
			eachSample(t, func(t *testing.T, o *ir.Op, s ir.Sample) {
				if s.Orders < 0 || s.Orders > 0 && s.Orders <= order {
					return // not differentiable so often
				}
				checkGradient(t, o, s, order)
			})
		})
	}
}

// checkGradient tests the derivative of the order-th derivative (0: of the operator itself).
func checkGradient(t *testing.T, o *ir.Op, s ir.Sample, order int) {
	g := graphOf(t, o, s)
	c := &objective{graph: g, given: conform.Operands(s, seeded()), rng: rand.New(rand.NewPCG(3, 4)), sample: s}
	m := op.On(ir.NewBuilder(g))
	var xs, ys []*ir.Value
	for _, a := range g.Args {
		if a.Value.Type.DType.IsFloat() {
			xs = append(xs, a.Value)
		}
	}
	for _, r := range g.Results {
		if r.Value.Type.DType.IsFloat() {
			ys = append(ys, r.Value)
		}
	}
	if len(xs) == 0 || len(ys) == 0 {
		return // no floats
	}
	for range order {
		ys = m.Ops(op.Grad, nil, append([]*ir.Value{c.weigh(m, ys)}, xs...)...)
	}
	loss := c.weigh(m, ys)
	grads := m.Ops(op.Grad, nil, append([]*ir.Value{loss}, xs...)...)
	g.Results = []*ir.Result{{Name: "loss", Value: loss}}
	for i, v := range grads {
		g.Results = append(g.Results, &ir.Result{Name: fmt.Sprintf("g%d", i), Value: v})
	}
	grad.Expand(g)
	require.NoError(t, ir.Verify(g))

	at := c.run(t, c.given)
	k := 0
	for _, a := range g.Args {
		if a.Name[0] == 'x' && a.Value.Type.DType.IsFloat() {
			near(t, c.differences(t, a.Name), at.Values[fmt.Sprintf("g%d", k)].Data, 2e-6)
			k++
		}
	}
}

// objective is a weighted sum of values; the weights are further arguments of the graph.
type objective struct {
	graph  *ir.Graph
	given  map[string]*ir.Tensor
	rng    *rand.Rand
	sample ir.Sample
}

// weigh adds up the products of values with random weights.
func (c *objective) weigh(m op.Make, ys []*ir.Value) *ir.Value {
	var sum *ir.Value
	for _, y := range ys {
		w := &ir.Value{Type: y.Type}
		name := fmt.Sprintf("w%d", len(c.graph.Args))
		c.graph.Args = append(c.graph.Args, &ir.Arg{Name: name, Value: w})
		c.given[name] = conform.Random(y.Type, c.sample.Sizes, 0.5, 1.5, c.rng)
		axes := make([]int64, y.Type.Rank())
		for i := range axes {
			axes[i] = int64(i)
		}
		term := m.Sum(m.Mul(y, w), axes, false)
		if sum == nil {
			sum = term
		} else {
			sum = m.Add(sum, term)
		}
	}
	return sum
}

func (c *objective) run(t *testing.T, given map[string]*ir.Tensor) *eval.Outputs {
	out, err := eval.Run(c.graph, eval.Inputs{Args: given, Dims: c.sample.Sizes})
	require.NoError(t, err)
	return out
}

// differences are the central differences of the loss in every element of an argument.
func (c *objective) differences(t *testing.T, name string) []float64 {
	const h = 1e-5
	x := c.given[name]
	out := make([]float64, len(x.Data))
	loss := func(i int, by float64) float64 {
		moved := *x
		moved.Data = append([]float64(nil), x.Data...)
		moved.Data[i] += by
		given := maps.Clone(c.given)
		given[name] = &moved
		return c.run(t, given).Values["loss"].Data[0]
	}
	for i := range out {
		out[i] = (loss(i, h) - loss(i, -h)) / (2 * h)
	}
	return out
}

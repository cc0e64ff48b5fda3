package grad_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/eval"
	"mmc/ir/op"
	"mmc/passes/grad"
)

// program is a graph of scalars under construction.
type program struct {
	op.Make
	graph *ir.Graph
}

func newProgram() *program {
	g := &ir.Graph{Name: "g", Facts: new(dim.Facts)}
	return &program{op.On(ir.NewBuilder(g)), g}
}

func (p *program) input(name string) *ir.Value {
	v := &ir.Value{Type: ir.Type{DType: dtype.F64}}
	p.graph.Args = append(p.graph.Args, &ir.Arg{Name: name, Value: v})
	return v
}

func (p *program) tap(x *ir.Value) *ir.Value { return p.Op(op.Tap, nil, x) }

func (p *program) grad(y *ir.Value, xs ...*ir.Value) []*ir.Value {
	return p.Ops(op.Grad, nil, append([]*ir.Value{y}, xs...)...)
}

// value expands and evaluates at x, y.
func (p *program) value(t *testing.T, result *ir.Value, x, y float64) float64 {
	t.Helper()
	p.graph.Results = []*ir.Result{{Name: "out", Value: result}}
	require.NoError(t, ir.Verify(p.graph))
	grad.Expand(p.graph)
	require.NoError(t, ir.Verify(p.graph))
	ir.Walk(p.graph.Nodes, func(n *ir.Node) { require.False(t, n.Op.Has(ir.Marker), "%s is left", n.Op.Name) })
	scalar := func(x float64) *ir.Tensor { return &ir.Tensor{DType: dtype.F64, Data: []float64{x}} }
	out, err := eval.Run(p.graph, eval.Inputs{Args: map[string]*ir.Tensor{"x": scalar(x), "y": scalar(y)}})
	require.NoError(t, err)
	return out.Values["out"].Data[0]
}

func TestProductAndChainRule(t *testing.T) {
	p := newProgram()
	x, y := p.tap(p.input("x")), p.input("y")
	f := p.Sin(p.Mul(p.Square(x), y)) // cos(x²y) 2xy
	require.InDelta(t, math.Cos(4*0.3)*2*2*0.3, p.value(t, p.grad(f, x)[0], 2, 0.3), 1e-12)
}

// The derivative of a derivative is taken through the nodes that the inner one became.
func TestHigherOrders(t *testing.T) {
	p := newProgram()
	x := p.tap(p.input("x"))
	p.input("y")
	f := p.Pow(x, p.Scalar(5, dtype.F64))
	for range 4 {
		f = p.grad(f, x)[0]
	}
	require.InDelta(t, 120*1.7, p.value(t, f, 1.7, 0), 1e-9)
}

func TestGradientsUseEachOther(t *testing.T) {
	p := newProgram()
	x, y := p.tap(p.input("x")), p.tap(p.input("y"))
	inner := p.grad(p.Mul(p.Square(x), p.Exp(y)), x)[0] // 2x e^y
	outer := p.grad(p.Square(inner), x, y)              // 8x e^2y, 8x² e^2y
	sum := p.Add(outer[0], outer[1])
	require.InDelta(t, (8*3+8*9)*math.Exp(2*0.5), p.value(t, sum, 3, 0.5), 1e-9)
}

// A tap names one use of a value: other uses of the same value are constants.
func TestTapSeparatesUses(t *testing.T) {
	p := newProgram()
	x := p.input("x")
	p.input("y")
	a := p.tap(x)
	require.InDelta(t, 4.0, p.value(t, p.grad(p.Mul(a, x), a)[0], 4, 0), 0)
}

func TestGradientByIntermediateValue(t *testing.T) {
	p := newProgram()
	x := p.tap(p.input("x"))
	p.input("y")
	h := p.tap(p.Square(x))
	g := p.grad(p.Mul(h, p.Square(h)), h, x) // 3h², 3h² 2x
	require.InDelta(t, 3*16+3*16*4.0, p.value(t, p.Add(g[0], g[1]), 2, 0), 1e-12)
}

func TestStopGradient(t *testing.T) {
	p := newProgram()
	x := p.tap(p.input("x"))
	p.input("y")
	f := p.Mul(x, p.Op(op.StopGradient, nil, p.Square(x)))
	require.InDelta(t, 9.0, p.value(t, p.grad(f, x)[0], 3, 0), 0)
}

func TestUnreachedIsZero(t *testing.T) {
	p := newProgram()
	x, y := p.tap(p.input("x")), p.input("y")
	require.Zero(t, p.value(t, p.grad(p.Exp(y), x)[0], 3, 1))
}

// declared makes y = x with the declared gradient -2d.
func declared(t *testing.T, p *program, y, x *ir.Value) *ir.Value {
	d := &ir.Value{Type: y.Type}
	r := &ir.Region{Args: []*ir.Value{d}}
	b := &ir.Builder{Facts: p.graph.Facts, Emit: func(n *ir.Node) { r.Nodes = append(r.Nodes, n) }}
	r.Results = []*ir.Value{op.On(b).Times(d, -2)}
	out, err := p.TryRegions(op.CustomGrad, nil, []*ir.Region{r}, y, x)
	require.NoError(t, err)
	return out[0]
}

func TestDeclaredGradient(t *testing.T) {
	p := newProgram()
	x := p.tap(p.input("x"))
	p.input("y")
	f := declared(t, p, p.Exp(x), x) // the value is e^x, its derivative by declaration -2
	g := p.grad(p.Mul(f, x), x)[0]   // -2x + e^x
	require.InDelta(t, -2*1.5+math.Exp(1.5), p.value(t, g, 1.5, 0), 1e-12)
}

func TestDeclaredGradientTwice(t *testing.T) {
	p := newProgram()
	x := p.tap(p.input("x"))
	p.input("y")
	f := declared(t, p, x, x)
	first := p.grad(p.Square(f), x)[0] // -2 * 2x
	second := p.grad(first, x)[0]      // -4, through f once more: -4 * -2
	require.InDelta(t, 8.0, p.value(t, second, 1.5, 0), 1e-12)
}

// Only what leads from the xs is differentiated: of the two factors one has no adjoint.
func TestNoDeadAdjoints(t *testing.T) {
	p := newProgram()
	x, y := p.tap(p.input("x")), p.input("y")
	g := p.grad(p.Mul(x, p.Exp(p.Sin(y))), x)[0]
	require.InDelta(t, math.Exp(math.Sin(0.5)), p.value(t, g, 3, 0.5), 1e-12)
	cosines := 0
	ir.Walk(p.graph.Nodes, func(n *ir.Node) {
		if n.Op == op.Cos {
			cosines++
		}
	})
	require.Zero(t, cosines)
}

func TestOriginsAreThoseOfTheForwardNodes(t *testing.T) {
	p := newProgram()
	x := p.tap(p.input("x"))
	p.input("y")
	p.Path = "layer1"
	f := p.Sin(x)
	p.Path = "loss"
	p.value(t, p.grad(f, x)[0], 1, 0)
	for _, n := range p.graph.Nodes {
		if n.Op == op.Cos {
			require.Equal(t, "layer1", n.Path)
			return
		}
	}
	t.Fatal("no cosine")
}

package passes_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/internal/planrun"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/eval"
	"mmc/ir/op"
	"mmc/passes"
	"mmc/passes/grad"
)

// net builds a module of one inference graph in the notation of a test.
type net struct {
	*ir.Builder
	m *ir.Module
	g *ir.Graph
}

func newNet() *net {
	g := &ir.Graph{Name: "g", Facts: new(dim.Facts)}
	return &net{Builder: ir.NewBuilder(g), m: &ir.Module{Name: "Net", Graphs: []*ir.Graph{g}}, g: g}
}

func (n *net) input(name string, t dtype.DType, shape ...any) *ir.Value {
	v := &ir.Value{Type: ir.Type{DType: t, Shape: dims(shape)}, Name: name}
	n.g.Args = append(n.g.Args, &ir.Arg{Name: name, Value: v})
	return v
}

func (n *net) param(name string, shape ...any) *ir.Value {
	v := &ir.Value{Type: ir.Type{DType: dtype.F32, Shape: dims(shape)}, Name: name}
	cell := &ir.Cell{Name: name, Type: v.Type}
	n.m.Cells = append(n.m.Cells, cell)
	n.g.Args = append(n.g.Args, &ir.Arg{Name: name, Role: ir.CellOf, Cell: cell, Value: v})
	return v
}

func (n *net) result(name string, v *ir.Value) {
	n.g.Results = append(n.g.Results, &ir.Result{Name: name, Value: v})
}

func dims(list []any) []dim.Expr {
	out := make([]dim.Expr, len(list))
	for i, x := range list {
		switch x := x.(type) {
		case int:
			out[i] = dim.Int(int64(x))
		case string:
			e, err := dim.Parse(x)
			if err != nil {
				panic(err)
			}
			out[i] = e
		}
	}
	return out
}

func (n *net) channels(v, like *ir.Value) *ir.Value {
	m := op.On(n.Builder)
	ones := []dim.Expr{v.Type.Shape[0]}
	for range like.Type.Rank() - 2 {
		ones = append(ones, dim.Int(1))
	}
	return m.Broadcast(m.Reshape(v, ones), like.Type.Shape)
}

func (n *net) conv(x *ir.Value, name string, out, k, stride, pad int) *ir.Value {
	w := n.param(name+".weight", out, x.Type.Shape[1].String(), k, k)
	y := n.Op(op.Conv, ir.Attrs{"stride": []int64{int64(stride), int64(stride)}, "pad_low": dims([]any{pad, pad}), "pad_high": dims([]any{pad, pad}),
		"dilation": []int64{1, 1}, "groups": 1}, x, w)
	return op.On(n.Builder).Add(y, n.channels(n.param(name+".bias", out), y))
}

func (n *net) norm(x *ir.Value, name string) *ir.Value {
	m, c := op.On(n.Builder), x.Type.Shape[1].String()
	mean, v := n.param(name+".mean", c), n.param(name+".var", c)
	gamma, beta := n.param(name+".weight", c), n.param(name+".bias", c)
	r := n.Op(op.Rsqrt, nil, m.Add(m.Mul(v, v), m.Like(1, v)))
	y := m.Mul(m.Sub(x, n.channels(mean, x)), n.channels(r, x))
	return m.Add(m.Mul(y, n.channels(gamma, y)), n.channels(beta, y))
}

func (n *net) relu(x *ir.Value) *ir.Value { return n.Op(op.Max, nil, x, op.On(n.Builder).Like(0, x)) }

func (n *net) pool(x *ir.Value, k, stride, pad int) *ir.Value {
	return n.Op(op.WindowMax, ir.Attrs{"kernel": []int64{int64(k), int64(k)}, "stride": []int64{int64(stride), int64(stride)},
		"pad_low": dims([]any{pad, pad}), "pad_high": dims([]any{pad, pad}), "dilation": []int64{1, 1}}, x)
}

func (n *net) linear(x *ir.Value, name string, out int) *ir.Value {
	m := op.On(n.Builder)
	in := x.Type.Shape[len(x.Type.Shape)-1]
	y := m.Dot(x, n.param(name+".weight", out, in.String()), "n i, o i -> n o")
	return m.Add(y, m.Broadcast(n.param(name+".bias", out), y.Type.Shape))
}

// check plans the module and compares a run of the plan with the evaluator, at the given sizes.
func check(t *testing.T, n *net, sizes map[string]int64) {
	t.Helper()
	random := rand.New(rand.NewPCG(7, 7))
	fill := func(typ ir.Type) *ir.Tensor {
		x := &ir.Tensor{DType: typ.DType}
		size := 1
		for _, d := range typ.Shape {
			v, err := d.Eval(func(s string) (int64, bool) { v, ok := sizes[s]; return v, ok })
			require.NoError(t, err)
			x.Shape = append(x.Shape, int(v))
			size *= int(v)
		}
		for range size {
			x.Data = append(x.Data, random.Float64()*2-1)
		}
		return x
	}
	in := eval.Inputs{Args: map[string]*ir.Tensor{}, Cells: map[string]*ir.Tensor{}}
	for _, a := range n.g.Args {
		if a.Role == ir.CellOf {
			in.Cells[a.Cell.Name] = fill(a.Value.Type)
		} else {
			in.Args[a.Name] = fill(a.Value.Type)
		}
	}
	grad.Expand(n.g)
	want, err := eval.Run(n.g, in)
	require.NoError(t, err)
	pkg, err := passes.Plan(n.m, passes.Options{Verify: ir.Verify})
	require.NoError(t, err)
	mem, err := planrun.Load(pkg, in.Cells)
	require.NoError(t, err)
	got, err := planrun.Run(pkg.Graphs[0], mem, in.Args, sizes)
	require.NoError(t, err)
	require.Zero(t, pkg.Graphs[0].Stats.CellCopies)
	for name, w := range want.Cells {
		want.Values[name] = w
	}
	for name, w := range want.Values {
		require.Equal(t, w.Shape, got[name].Shape)
		for i := range w.Data {
			if math.Abs(w.Data[i]-got[name].Data[i]) > 1e-9*(1+math.Abs(w.Data[i])) || math.IsNaN(got[name].Data[i]) {
				t.Fatalf("%s[%d] = %v, want %v", name, i, got[name].Data[i], w.Data[i])
			}
		}
	}
	for _, s := range pkg.Graphs[0].Steps {
		t.Log(s.Template, s.Name, "-", s.Why)
	}
}

func TestPlanConvolutions(t *testing.T) {
	n := newNet()
	x := n.input("x", dtype.F32, "N", 3, "H", "W")
	y := n.relu(n.norm(n.conv(x, "stem", 8, 7, 2, 3), "bn"))
	y = n.pool(y, 3, 2, 1)
	skip := y
	y = n.relu(n.norm(n.conv(y, "a", 8, 3, 1, 1), "bna"))
	y = n.norm(n.conv(y, "b", 8, 1, 1, 0), "bnb")
	y = n.relu(op.On(n.Builder).Add(y, skip))
	z := n.Op(op.Concat, ir.Attrs{"axis": 1}, y, n.relu(n.conv(y, "c", 4, 3, 1, 1)))
	n.result("map", n.conv(z, "d", 5, 3, 1, 1))
	mean := op.On(n.Builder).Sum(z, []int64{2, 3}, false)
	n.result("out", n.linear(mean, "fc", 10))
	check(t, n, map[string]int64{"N": 2, "H": 17, "W": 12})
}

func TestPlanLinear(t *testing.T) {
	n := newNet()
	x := n.input("x", dtype.F32, "N", 6, 4, 4)
	flat := op.On(n.Builder).Reshape(x, dims([]any{"N", 96}))
	h := n.Op(op.Tanh, nil, n.linear(flat, "fc1", 33))
	n.result("y", n.Op(op.Sigmoid, nil, n.linear(h, "fc2", 5)))
	check(t, n, map[string]int64{"N": 3})
}

func TestPlanMatmul(t *testing.T) {
	n := newNet()
	m := op.On(n.Builder)
	q, k := n.input("q", dtype.F32, "B", "T", 8), n.input("k", dtype.F32, "B", "S", 8)
	s := m.Dot(q, k, "b t d, b s d -> b t s")
	e := m.Exp(m.Sub(s, m.Broadcast(n.Op(op.AMax, ir.Attrs{"axes": []int64{2}, "keep": true}, s), s.Type.Shape)))
	p := m.Div(e, m.Broadcast(m.Sum(e, []int64{2}, true), e.Type.Shape))
	n.result("y", m.Transpose(m.Dot(p, k, "b t s, b s d -> b t d"), []int64{0, 2, 1}))
	check(t, n, map[string]int64{"B": 2, "T": 3, "S": 5})
}

func TestPlanTraining(t *testing.T) {
	n := newNet()
	n.g.Train = true
	x := n.input("x", dtype.F32, "N", 3, "H", "W")
	y := n.relu(n.conv(x, "a", 4, 3, 1, 1))
	y = n.pool(y, 2, 2, 0)
	y = n.relu(n.conv(y, "b", 6, 3, 2, 1))
	m := op.On(n.Builder)
	mean := m.Sum(y, []int64{2, 3}, false)
	logits := n.linear(mean, "fc", 5)
	loss := m.Sum(m.Mul(logits, logits), []int64{0, 1}, false)
	train(n, loss)
	check(t, n, map[string]int64{"N": 2, "H": 8, "W": 6})
}

// train adds one step of gradient descent on every parameter.
func train(n *net, loss *ir.Value) {
	m := op.On(n.Builder)
	params := []*ir.Value{loss}
	for _, a := range n.g.Args {
		if a.Role == ir.CellOf {
			params = append(params, a.Value)
		}
	}
	grads := n.Ops(op.Grad, nil, params...)
	n.g.Results = append(n.g.Results, &ir.Result{Name: "loss", Role: ir.Loss, Value: loss})
	for i, a := range n.g.Args[1:] {
		next := m.Sub(a.Value, m.Times(grads[i], 0.01))
		n.g.Results = append(n.g.Results, &ir.Result{Name: a.Name, Role: ir.CellOf, Cell: a.Cell, Value: next})
	}
}

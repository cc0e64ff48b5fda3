package lower_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/ir"
	"mmc/ir/eval"
	"mmc/ir/op"
	"mmc/lang/check"
	"mmc/lang/lower"
	"mmc/passes/grad"
)

// compile elaborates and lowers a source of one model and expands its gradients.
func compile(t *testing.T, src string) *ir.Module {
	t.Helper()
	read := func(name string) ([]byte, error) {
		if name == "test.mm" {
			return []byte(src), nil
		}
		return nil, os.ErrNotExist
	}
	parsed, diags := check.Load("test.mm", read)
	require.Empty(t, diags)
	p, diags := check.Check(parsed, check.Options{Ops: op.Lookup})
	require.Empty(t, diags)
	require.Len(t, p.Models, 1)
	m, diags := lower.Lower(p.Models[0])
	require.Empty(t, diags)
	for _, g := range m.Graphs {
		require.NoError(t, ir.Verify(g))
		grad.Expand(g)
		require.NoError(t, ir.Verify(g))
	}
	return m
}

func vector(xs ...float64) *ir.Tensor {
	return &ir.Tensor{DType: 1, Shape: []int{len(xs)}, Data: xs}
}

// trained runs the graph step on a sequence of inputs x, carrying the cells over, and returns the cells after each call.
func trained(t *testing.T, m *ir.Module, cells map[string]*ir.Tensor, xs ...[]float64) []map[string]*ir.Tensor {
	t.Helper()
	var out []map[string]*ir.Tensor
	for i, x := range xs {
		got, err := eval.Run(m.Graph("step"), eval.Inputs{Args: map[string]*ir.Tensor{"x": vector(x...)}, Cells: cells, Step: uint32(i)})
		require.NoError(t, err)
		next := map[string]*ir.Tensor{}
		for n, c := range cells {
			next[n] = c
		}
		for n, c := range got.Cells {
			next[n] = c
		}
		out, cells = append(out, next), next
	}
	return out
}

// The loss is sum(w * x), so that the gradient is x: the arithmetic of a step can be followed by hand.
func TestStep(t *testing.T) {
	m := compile(t, `model M() {
  param w: [2] init 1
  train step(x: [2]) { minimize loss = sum(w * x) using sgd(lr: 0.5, momentum: 0.5) }
}`)
	after := trained(t, m, map[string]*ir.Tensor{"w": vector(1, 1)}, []float64{1, 2}, []float64{1, 0})
	assert.Equal(t, []float64{0.5, 0}, after[0]["w"].Data)
	assert.Equal(t, []float64{-0.25, -0.5}, after[1]["w"].Data) // v = 0.5*(1,2) + (1,0) = (1.5, 1)
	assert.Equal(t, []float64{1.5, 1}, after[1]["step.loss/v/w"].Data)
}

// Gradients of two calls are averaged, and only every second call makes a step, of momentum too.
func TestAccumulate(t *testing.T) {
	m := compile(t, `model M() {
  param w: [2] init 1
  train step(x: [2]) { minimize loss = sum(w * x) using sgd(lr: 0.5, momentum: 0.5) accumulate 2 }
}`)
	after := trained(t, m, map[string]*ir.Tensor{"w": vector(1, 1)}, []float64{1, 2}, []float64{3, 0}, []float64{2, 2}, []float64{0, 0})
	assert.Equal(t, []float64{1, 1}, after[0]["w"].Data)
	assert.Equal(t, []float64{0, 0.5}, after[1]["w"].Data) // mean (2, 1)
	assert.Equal(t, []float64{0, 0.5}, after[2]["w"].Data)
	assert.Equal(t, []float64{-1, -0.25}, after[3]["w"].Data) // v = 0.5*(2,1) + (1,1) = (2, 1.5)
}

// Statements act in text order: the second minimize sees the parameters that the first has written.
func TestOrder(t *testing.T) {
	const form = `model M() {
  param a: [2] init 1
  param b: [2] init 1
  train step(x: [2]) {
    %s
    %s
  }
}`
	const first, second = "minimize la = sum(a * b * x) over a using sgd(lr: 1)", "minimize lb = sum(a * b) over b using sgd(lr: 1)"
	start := map[string]*ir.Tensor{"a": vector(1, 1), "b": vector(1, 1)}
	in := []float64{1, 2}
	forth := trained(t, compile(t, fmt.Sprintf(form, first, second)), start, in)[0]
	back := trained(t, compile(t, fmt.Sprintf(form, second, first)), start, in)[0]
	assert.Equal(t, []float64{0, -1}, forth["a"].Data)
	assert.Equal(t, []float64{1, 2}, forth["b"].Data) // b - a after its step
	assert.Equal(t, []float64{0, 0}, back["b"].Data)  // b - a before
	assert.Equal(t, []float64{1, 1}, back["a"].Data)  // a - b*x after b's step
}

// Two losses in one statement are differentiated before either step.
func TestTogether(t *testing.T) {
	m := compile(t, `model M() {
  param a: [2] init 1
  param b: [2] init 1
  train step(x: [2]) {
    minimize la = sum(a * b * x) over a using sgd(lr: 1), lb = sum(a * b) over b using sgd(lr: 1)
  }
}`)
	after := trained(t, m, map[string]*ir.Tensor{"a": vector(1, 1), "b": vector(1, 1)}, []float64{1, 2})[0]
	assert.Equal(t, []float64{0, -1}, after["a"].Data)
	assert.Equal(t, []float64{0, 0}, after["b"].Data)
}

// A gradient is with respect to a name, not to all that has its value; of a gradient inside a loss a gradient is taken again.
func TestGradient(t *testing.T) {
	m := compile(t, `model M() {
  param w: [2] init 1
  graph named(x: [2]) -> [2] { y = x; grad(sum(x * y * y), y) }
  train step(x: [2]) {
    slope = grad(sum(w**2 * x**3), x)
    minimize loss = sum(slope) using sgd(lr: 1)
  }
}`)
	out, err := eval.Run(m.Graph("named"), eval.Inputs{Args: map[string]*ir.Tensor{"x": vector(2, 3)}})
	require.NoError(t, err)
	assert.Equal(t, []float64{8, 18}, out.Values["output"].Data) // 2xy
	after := trained(t, m, map[string]*ir.Tensor{"w": vector(1, 2)}, []float64{1, 2})[0]
	assert.Equal(t, []float64{1 - 6*1*1, 2 - 6*2*4}, after["w"].Data) // d(3 w^2 x^2)/dw = 6 w x^2
}

// The update of a whole instance writes each of its parameters; a copy begins as the original.
func TestTeacher(t *testing.T) {
	m := compile(t, `model M() {
  student: Linear(2); teacher: Linear(2) like student
  train step(x: [2]) {
    minimize loss = sum(student(x)) using sgd(lr: 1)
    update teacher = ema(teacher, student, 0.5)
  }
}`)
	flat := func(rows int, xs ...float64) *ir.Tensor {
		return &ir.Tensor{DType: 1, Shape: []int{rows, len(xs) / rows}, Data: xs}
	}
	cells := map[string]*ir.Tensor{
		"student.weight": flat(2, 0, 0, 0, 0), "student.bias": vector(1, 1),
		"teacher.weight": flat(2, 4, 4, 4, 4), "teacher.bias": vector(3, 3),
	}
	after := trained(t, m, cells, []float64{1, 2})[0]
	assert.Equal(t, []float64{-1, -2, -1, -2}, after["student.weight"].Data)
	assert.Equal(t, []float64{1.5, 1, 1.5, 1}, after["teacher.weight"].Data)
	assert.Equal(t, []float64{1.5, 1.5}, after["teacher.bias"].Data)
	for _, c := range m.Cells {
		if c.Name == "teacher.weight" {
			require.NotNil(t, c.Init.Graph)
			assert.Equal(t, "student.weight", c.Init.Graph.Args[0].Cell.Name)
		}
	}
}

// A loss that another name of a parameter's value reaches: after `update a = b` they are two parameters still.
func TestWrittenCellsStayApart(t *testing.T) {
	m := compile(t, `model M() {
  param a: [2] init 1
  param b: [2] init 1
  train step(x: [2]) {
    update a = b
    minimize loss = sum(a * x) over a using sgd(lr: 1)
    report size = sum(b)
  }
}`)
	after := trained(t, m, map[string]*ir.Tensor{"a": vector(1, 1), "b": vector(5, 5)}, []float64{1, 2})[0]
	assert.Equal(t, []float64{4, 3}, after["a"].Data)
	assert.Equal(t, []float64{5, 5}, after["b"].Data)
}

// Optimisers, schedules and clipping work on parameters of any float type; their slots have that type, and their counts are exact.
func TestOptimizersOfEveryFloatType(t *testing.T) {
	for _, kind := range []string{"f32", "f64"} {
		for _, rule := range []string{
			"adam(lr: 0.5)", "adam(lr: linear(0.5, 0.5, 10))", "adamw(lr: 0.5, decay: 0.0)", "adamw(lr: cosine(0.5, total: 10), decay: 0.0)",
			"adam(lr: exponential(0.5, 1.0, 3)) clip value(100.0)", "adam(lr: 0.5) clip norm(100.0)",
			"rmsprop(lr: 0.5, alpha: 0.0)", "rmsprop(lr: linear(0.5, 0.5, 3), alpha: 0.0)",
		} {
			m := compile(t, fmt.Sprintf(`model M() {
  param w: %[1]s[2] init 1
  train step(x: %[1]s[2]) { minimize loss = sum(w * x) using %[2]s }
}`, kind, rule))
			w := &ir.Tensor{DType: m.Cells[0].Type.DType, Shape: []int{2}, Data: []float64{1, 1}}
			require.Equal(t, kind, w.DType.String())
			x := &ir.Tensor{DType: w.DType, Shape: []int{2}, Data: []float64{1, -2}}
			got, err := eval.Run(m.Graph("step"), eval.Inputs{Args: map[string]*ir.Tensor{"x": x}, Cells: map[string]*ir.Tensor{"w": w}})
			require.NoError(t, err, "%s of %s", rule, kind)
			// the first step of all of these goes lr against the sign of the gradient
			assert.InDeltaSlice(t, []float64{0.5, 1.5}, got.Cells["w"].Data, 1e-6, "%s of %s", rule, kind)
			for _, c := range m.Cells[1:] {
				if c.Type.Rank() > 0 {
					assert.Equal(t, kind, c.Type.DType.String(), c.Name)
				}
			}
		}
	}
}

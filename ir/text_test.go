package ir_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/op"
)

func f32(dims ...dim.Expr) ir.Type { return ir.Type{DType: dtype.F32, Shape: dims} }

// model is a small module in which every construct of the text form occurs.
func model(t *testing.T) *ir.Module {
	t.Helper()
	n, h := dim.Sym("N"), dim.Sym("H")
	weight := &ir.Cell{Name: "fc.weight", Aliases: []string{"head.weight"}, Type: f32(dim.Int(4), h),
		Init: &ir.Init{Random: &ir.Random{Address: "fc.weight", Dist: ir.Uniform, A: -0.5, B: 0.5}}}
	count := &ir.Cell{Name: "count", Kind: ir.StateCell, Type: f32(), Init: &ir.Init{Const: 1.5}}
	copied := &ir.Cell{Name: "teacher.weight", Kind: ir.StateCell, Type: weight.Type, Init: &ir.Init{Graph: copyOf(weight)}}
	slot := &ir.Cell{Name: "adam/m/fc.weight", Kind: ir.SlotCell, Type: weight.Type, Init: &ir.Init{}}

	g := &ir.Graph{Name: "step", Train: true, Facts: new(dim.Facts)}
	require.NoError(t, g.Facts.AssumeDivisible(h, 4))
	require.NoError(t, g.Facts.AssumeAtMost(n, h))
	half := 0.5
	arg := func(a *ir.Arg, typ ir.Type) *ir.Value {
		a.Value = &ir.Value{Type: typ, Name: a.Name}
		g.Args = append(g.Args, a)
		return a.Value
	}
	x := arg(&ir.Arg{Name: "x"}, f32(n, h))
	w := arg(&ir.Arg{Name: "weight", Role: ir.CellOf, Cell: weight}, weight.Type)
	c := arg(&ir.Arg{Name: "count", Role: ir.CellOf, Cell: count}, f32())
	keep := arg(&ir.Arg{Name: "keep", Role: ir.Draw, Random: &ir.Random{Address: "keep#0", Dist: ir.Bernoulli, A: 0.9}}, f32(n, h))
	arg(&ir.Arg{Name: "step", Role: ir.Clock}, ir.Type{DType: dtype.I64})
	arg(&ir.Arg{Name: "scale", Default: &half, Optional: true}, f32())
	packed := arg(&ir.Arg{Name: "fc.packed", Role: ir.Prepared}, f32(dim.Int(4)))

	b := ir.NewBuilder(g)
	b.Pos, b.Path = diag.Range{File: "a b.mm", Start: diag.Pos{Line: 3, Col: 7}}, `layer "1"`
	b.Inner = diag.Range{File: "std/c.mm", Start: diag.Pos{Line: 12, Col: 9}}
	m := op.On(b)
	tapped := b.Op(op.Tap, nil, w)
	tapped.Name = "w"
	y := m.Dot(m.Mul(x, keep), tapped, "n h, o h -> n o")
	d := &ir.Value{Type: y.Type}
	r := &ir.Region{Args: []*ir.Value{d}}
	inner := ir.Builder{Facts: g.Facts, Emit: func(n *ir.Node) { r.Nodes = append(r.Nodes, n) }}
	r.Results = []*ir.Value{op.On(&inner).Dot(d, tapped, "n o, o h -> n h")}
	custom, err := b.TryRegions(op.CustomGrad, nil, []*ir.Region{r}, y, x)
	require.NoError(t, err)
	pad := m.Pad(custom[0], []dim.Expr{dim.Int(0), dim.Int(1)}, []dim.Expr{dim.Int(0), dim.Max(n, h)})
	loss := m.Sum(pad, []int64{0, 1}, false)
	grads := b.Ops(op.Grad, nil, loss, tapped)
	lit := b.Op(op.Literal, ir.Attrs{"data": []float64{1, -2.5e-7}, "shape": []int64{2}, "dtype": dtype.F32})
	g.Results = []*ir.Result{
		{Name: "loss", Role: ir.Loss, Value: loss}, {Name: "numbers", Role: ir.Report, Value: lit}, {Name: "output", Value: y},
		{Name: "fc.weight", Role: ir.CellOf, Cell: weight, Value: m.Sub(w, grads[0])},
		{Name: "count", Role: ir.CellOf, Cell: count, Value: m.Add(c, m.Scalar(1, dtype.F32))},
		{Name: "fc.packed", Role: ir.Prepared, Value: packed},
	}
	g.Renumber()
	return &ir.Module{Name: "Tiny", Hyper: []ir.Hyper{{Name: "out", Value: "4"}}, Cells: []*ir.Cell{weight, count, copied, slot},
		Graphs: []*ir.Graph{g}, Optimizers: []*ir.Optimizer{{Name: "adam", Slots: []*ir.Cell{slot}}}}
}

func copyOf(c *ir.Cell) *ir.Graph {
	v := &ir.Value{Type: c.Type}
	return &ir.Graph{Name: "init", Facts: new(dim.Facts), Args: []*ir.Arg{{Name: c.Name, Role: ir.CellOf, Cell: c, Value: v}},
		Results: []*ir.Result{{Name: "output", Value: v}}}
}

func printed(t *testing.T, m *ir.Module) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, m.Print(&out))
	return out.String()
}

func TestModuleTextRoundTrip(t *testing.T) {
	m := model(t)
	text := printed(t, m)
	back, err := ir.ParseModule(text, op.Lookup)
	require.NoError(t, err, text)
	require.Equal(t, text, printed(t, back))

	require.NoError(t, ir.Verify(back.Graphs[0]))
	require.Same(t, back.Cells[0], back.Graphs[0].Args[1].Cell, "the graph's cell is the module's")
	require.Same(t, back.Cells[0], back.Cells[2].Init.Graph.Args[0].Cell)
	require.Equal(t, m.Graphs[0].Nodes[0].Pos, back.Graphs[0].Nodes[0].Pos)
	require.Equal(t, m.Graphs[0].Nodes[0].Inner, back.Graphs[0].Nodes[0].Inner)
	require.Equal(t, m.Cells[0].Init.Random, back.Cells[0].Init.Random)
	require.True(t, back.Graphs[0].Facts.Divides(4, dim.Sym("H")))
}

func TestTextIsReadable(t *testing.T) {
	text := model(t).Graphs[0].String()
	for _, line := range []string{
		"    where H % 4 == 0",
		`    %1 "weight" = cell param "fc.weight" "weight" f32[4, H]`,
		`    %3 "keep" = draw "keep" f32[N, H] = bernoulli(0.9, 0) "keep#0"`,
		`    %6 "fc.packed" = prepared "fc.packed" f32[4]`,
		`    prepared "fc.packed" %6`,
		`    %9 = dot(%8, %7) {spec: "n h, o h -> n o"} f32[N, 4] @ "layer \"1\"" // a b.mm:3:7 // std/c.mm:12:9`,
	} {
		require.Contains(t, text, strings.TrimPrefix(line, "  "))
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		``: `line 1: expected "graph"`,
		"graph \"g\" {\n  %0 = nonsense() {} f32[]\n}":         `line 2: unknown operator "nonsense"`,
		"graph \"g\" {\n  %0 = exp(%1) {} f32[]\n}":            `line 2: %1 is not defined`,
		"graph \"g\" {\n  %0 = input \"x\" f31[]\n}":           `line 2: unknown element type "f31"`,
		"graph \"g\" {\n  %0 = input \"x\" f32[N +]\n}":        `line 2: `,
		"graph \"g\" {\n  %0 = const() {value: 1} f32[]\n}":    `line 2: const: attribute dtype is missing`,
		"graph \"g\" {\n  where H % 4 == 0\n  where H == 6\n}": `line 3: where H == 6`,
	} {
		_, err := ir.ParseGraph(text, op.Lookup)
		require.ErrorContains(t, err, want)
	}
}

func FuzzParseModule(f *testing.F) {
	f.Add("module \"m\" {\n cell param \"w\" f32[3] = 1\n graph \"g\" {\n where N % 2 == 0\n %0 = cell param \"w\" \"w\" f32[3]\n" +
		" %1 = exp(%0) {} f32[3] @ \"p\" // f in g.mm:1:2 // std/h.mm:34:5\n output \"y\" %1\n }\n}\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ir.ParseModule(text, op.Lookup)
		if err != nil {
			return
		}
		again := printed(t, m)
		back, err := ir.ParseModule(again, op.Lookup)
		require.NoError(t, err, again)
		require.Equal(t, again, printed(t, back))
	})
}

// broken graphs: each spoils a good one in one way.
func TestVerify(t *testing.T) {
	require.NoError(t, ir.Verify(model(t).Graphs[0]))
	for want, spoil := range map[string]func(g *ir.Graph){
		"used before it is defined":    func(g *ir.Graph) { g.Nodes[0], g.Nodes[2] = g.Nodes[2], g.Nodes[0] },
		"defined twice":                func(g *ir.Graph) { g.Nodes = append(g.Nodes, g.Nodes[0]) },
		"has type f32[4, H], but":      func(g *ir.Graph) { g.Nodes[1].Results[0].Type = f32(dim.Int(4), dim.Sym("H")) },
		"has 0 attributes instead":     func(g *ir.Graph) { g.Nodes[2].Attrs = nil },
		"attribute spec holds a int":   func(g *ir.Graph) { g.Nodes[2].Attrs = []any{7} },
		"has 0 regions instead of 1":   func(g *ir.Graph) { g.Nodes[3].Regions = nil },
		"cell count is written twice":  func(g *ir.Graph) { g.Results = append(g.Results, g.Results[4]) },
		"its cell f32[]":               func(g *ir.Graph) { g.Results[4].Value = g.Args[0].Value },
		"region 0: result":             func(g *ir.Graph) { g.Nodes[3].Regions[0].Nodes = nil },
		"belongs to another node":      func(g *ir.Graph) { g.Nodes[1].Results[0].Node = g.Nodes[0] },
		"has two arguments":            func(g *ir.Graph) { g.Args[2].Cell = g.Args[1].Cell },
		"not that of its distribution": func(g *ir.Graph) { g.Args[3].Random = nil },
	} {
		g := model(t).Graphs[0]
		spoil(g)
		require.ErrorContains(t, ir.Verify(g), want, fmt.Sprint(g))
	}
}

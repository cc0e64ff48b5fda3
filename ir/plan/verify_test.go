package plan_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
	"mmc/ir/plan"
)

// program is three copies in a row: a caller's x[N, 4] into a, a into b, b into c, which lies over a.
func program() *plan.Program {
	n := dim.Sym("N")
	size := n.Mul(dim.Int(4))
	arg := &ir.Arg{Name: "x", Value: &ir.Value{Type: ir.Type{DType: dtype.F32, Shape: []dim.Expr{n, dim.Int(4)}}}}
	p := &plan.Program{Graph: &ir.Graph{Name: "g", Facts: new(dim.Facts), Args: []*ir.Arg{arg}}, Results: map[*ir.Result]plan.View{}}
	buffer := func(name string, space plan.Space, first, last int) *plan.Buffer {
		b := &plan.Buffer{ID: len(p.Buffers), Name: name, DType: dtype.F32, Size: size, Space: space, First: first, Last: last}
		p.Buffers = append(p.Buffers, b)
		return b
	}
	x, a, b, c := buffer("x", plan.Caller, 0, 0), buffer("a", plan.ArenaSpace, 0, 1), buffer("b", plan.ArenaSpace, 1, 2), buffer("c", plan.ArenaSpace, 2, 3)
	x.Arg = arg
	bytes := size.Mul(dim.Int(4)).CeilDiv(dim.Int(64)).Mul(dim.Int(64))
	a.Offset, b.Offset, c.Offset = dim.Int(0), bytes, dim.Int(0)
	p.Arena = plan.Arena{Order: []*plan.Buffer{a, c, b}, Bytes: dim.Sym(plan.OffsetSymbol(b.ID)).Add(bytes)}
	for _, pair := range [][2]*plan.Buffer{{x, a}, {a, b}, {b, c}} {
		p.Steps = append(p.Steps, copyStep(view(pair[0], n), view(pair[1], n)))
	}
	return p
}

func view(b *plan.Buffer, n dim.Expr) plan.View {
	return plan.View{Buf: b, Strides: []dim.Expr{dim.Int(4), dim.Int(1)}, Shape: []dim.Expr{n, dim.Int(4)}}
}

func copyStep(from, to plan.View) *plan.Step {
	nest := &loop.Nest{Split: 1}
	var index []loop.Index
	for i, d := range from.Shape {
		nest.Axes = append(nest.Axes, loop.Axis{Extent: d})
		index = append(index, loop.Index{Terms: []loop.Term{{Axis: i, Coef: dim.Int(1)}}, Via: loop.NoReg})
	}
	nest.Body = []loop.Inst{{Op: loop.Load, Type: dtype.F32, Access: &loop.Access{Index: index}}}
	nest.Stores = []loop.Store{{Index: index, Value: 0}}
	return &plan.Step{Nest: nest, In: []plan.View{from}, Out: []plan.View{to}, Name: "copy"}
}

func TestVerifyAccepts(t *testing.T) {
	require.NoError(t, program().Verify(nil))
	require.NoError(t, program().Verify(map[string]int64{"N": 1}))
}

// Each mutation breaks one law, and the error says which.
func TestVerifyRefuses(t *testing.T) {
	one := dim.Int(1)
	for want, change := range map[string]func(p *plan.Program){
		"overlap":                      func(p *plan.Program) { p.Buffers[2].Offset = dim.Int(0) },
		"a (steps 0 to 2":              func(p *plan.Program) { p.Buffers[1].Last = 2 },
		"lies at 0":                    func(p *plan.Program) { p.Arena.Bytes = dim.Int(64) },
		"lies at 4 ":                   func(p *plan.Program) { p.Buffers[3].Offset = dim.Int(4) },
		"has no place":                 func(p *plan.Program) { p.Arena.Order = p.Arena.Order[:2]; p.Arena.Bytes = dim.Int(1 << 20) },
		"which lives from 1 to 1":      func(p *plan.Program) { p.Buffers[2].Last = 1 },
		"before anything wrote it":     func(p *plan.Program) { p.Steps = p.Steps[1:]; p.Buffers[1].First = 0; p.Buffers[2].First = 0 },
		"of another program":           func(p *plan.Program) { p.Buffers = p.Buffers[1:] },
		"operand 0: elements 1 to":     func(p *plan.Program) { p.Steps[1].In[0].Offset = one },
		"result 0: elements -1 to":     func(p *plan.Program) { p.Steps[1].Out[0].Offset = one.Neg() },
		"2 indices for a view of rank": func(p *plan.Program) { p.Steps[1].In[0].Shape = p.Steps[1].In[0].Shape[1:] },
		"there is no operand 1":        func(p *plan.Program) { p.Steps[1].Nest.Body[0].Access.Arg = 1 },
		"there is no result 1":         func(p *plan.Program) { p.Steps[1].Nest.Stores[0].Out = 1 },
		"the border of a: elements -4 ": func(p *plan.Program) {
			a := p.Buffers[1]
			a.Borders = []plan.Border{{View: view(a, dim.Sym("N")), Axis: 0, Low: one, High: dim.Int(0)}}
		},
	} {
		p := program()
		change(p)
		require.ErrorContains(t, p.Verify(nil), want)
	}
}

// A panel's last elements count, and a guarded access does not leave the view.
func TestVerifyReach(t *testing.T) {
	p := program()
	load := &p.Steps[1].In[0]
	load.Panel = &plan.Panel{Axis: 1, Width: 2, Stride: dim.Sym("N").Mul(dim.Int(2))}
	load.Strides = []dim.Expr{dim.Int(2), dim.Int(1)}
	require.NoError(t, p.Verify(nil))
	load.Panel.Stride = dim.Sym("N").Mul(dim.Int(2)).Add(dim.Int(1))
	require.ErrorContains(t, p.Verify(nil), "operand 0")

	p = program()
	access := p.Steps[1].Nest.Body[0].Access
	access.Index = []loop.Index{{Terms: []loop.Term{{Axis: 0, Coef: dim.Int(1)}}, Off: dim.Int(-1), Via: loop.NoReg}, access.Index[1]}
	require.ErrorContains(t, p.Verify(nil), "elements -4 to")
	access.Guard = true
	require.NoError(t, p.Verify(nil))
}

// Only sizes that the facts allow are tried: with N a multiple of 4, buffers of 16 N bytes need no rounding.
func TestVerifyRespectsFacts(t *testing.T) {
	p := program()
	exact := dim.Sym("N").Mul(dim.Int(16))
	p.Buffers[2].Offset = exact
	p.Arena.Bytes = dim.Sym(plan.OffsetSymbol(2)).Add(exact)
	require.Error(t, p.Verify(nil))
	require.NoError(t, p.Graph.Facts.AssumeDivisible(dim.Sym("N"), 4))
	require.NoError(t, p.Verify(nil))
}

// A pass at fewer sizes than promised would prove nothing.
func TestVerifyFindsSizes(t *testing.T) {
	p := program()
	require.NoError(t, p.Graph.Facts.AssumeDivisible(dim.Sym("N").Mul(dim.Sym("N")).Add(dim.Int(1)), 1_000_003))
	require.ErrorContains(t, p.Verify(nil), "only 0 of 100 sizes")
}

package compiled_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/codegen/gosrc"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/op"
	"mmc/passes"
)

// orders copies x into other orders of axes.
func orders() *ir.Module {
	g := &ir.Graph{Name: "orders", Facts: new(dim.Facts)}
	b, x := op.On(ir.NewBuilder(g)), argument(g, "x", "A", "B", "C")
	for _, perm := range [][]int64{{0, 2, 1}, {2, 0, 1}, {1, 2, 0}, {2, 1, 0}} {
		name := fmt.Sprintf("x%d%d%d", perm[0], perm[1], perm[2])
		g.Results = append(g.Results, &ir.Result{Name: name, Value: b.Transpose(x, perm)})
	}
	return &ir.Module{Name: "Orders", Graphs: []*ir.Graph{g}}
}

// packed multiplies x by y the way round in which y must be packed into panels, from rows of its transpose.
func packed() *ir.Module {
	g := &ir.Graph{Name: "packed", Facts: new(dim.Facts)}
	x, y := argument(g, "x", "B", "C"), argument(g, "y", "D", "C")
	product := op.On(ir.NewBuilder(g)).Dot(x, y, "b c, d c -> b d")
	g.Results = append(g.Results, &ir.Result{Name: "product", Value: product})
	return &ir.Module{Name: "Packed", Graphs: []*ir.Graph{g}}
}

// reversed copies x backwards along some of its axes, into the same and into another order.
func reversed() *ir.Module {
	g := &ir.Graph{Name: "reversed", Facts: new(dim.Facts)}
	b, x := op.On(ir.NewBuilder(g)), argument(g, "x", "A", "B", "C")
	for _, axes := range [][]int64{{0}, {1}, {2}, {0, 2}, {1, 2}, {0, 1, 2}} {
		y := b.Op(op.Reverse, ir.Attrs{"axes": axes}, x)
		for _, perm := range [][]int64{{0, 1, 2}, {0, 2, 1}, {2, 0, 1}, {1, 0, 2}} {
			name := fmt.Sprint("y", len(g.Results))
			g.Results = append(g.Results, &ir.Result{Name: name, Value: b.Transpose(y, perm)},
				&ir.Result{Name: name + "sum", Value: b.Sum(b.Transpose(y, perm), []int64{1}, false)})
		}
	}
	return &ir.Module{Name: "Reversed", Graphs: []*ir.Graph{g}}
}

// flipped is the adjoint of a convolution in its input, which reads the weights from their last tap on.
func flipped() *ir.Module {
	g := &ir.Graph{Name: "flipped", Facts: new(dim.Facts)}
	dy, w := argument(g, "dy", "N", "O", "H", "W"), argument(g, "w", "O", "C", "K", "K")
	w.Type.Shape[2], w.Type.Shape[3] = dim.Int(3), dim.Int(3)
	pad := []dim.Expr{dim.Int(1), dim.Int(1)}
	dx := ir.NewBuilder(g).Op(op.ConvInputGrad, ir.Attrs{"pad_low": pad, "pad_high": pad, "sizes": dy.Type.Shape[2:]}, dy, w)
	g.Results = append(g.Results, &ir.Result{Name: "dx", Value: dx})
	return &ir.Module{Name: "Flipped", Graphs: []*ir.Graph{g}}
}

func argument(g *ir.Graph, name string, dims ...string) *ir.Value {
	v := &ir.Value{Type: ir.Type{DType: dtype.F32}}
	for _, s := range dims {
		v.Type.Shape = append(v.Type.Shape, dim.Sym(s))
	}
	g.Args = append(g.Args, &ir.Arg{Name: name, Value: v})
	return v
}

// turns fails unless the module's package has a kernel that turns: the test would be about others.
func turns(t *testing.T, m *ir.Module) {
	t.Helper()
	pkg, err := passes.Plan(m, passes.Options{Verify: ir.Verify})
	require.NoError(t, err)
	files, err := gosrc.Target{Options: gosrc.Options{Package: "model", ImportPath: "m/model", Version: "test"}}.Generate(pkg)
	require.NoError(t, err)
	var text bytes.Buffer
	for _, f := range files {
		text.Write(f.Data)
	}
	require.Contains(t, text.String(), "k.turn1")
}

// TestOrders has sizes on both sides of a vector and of the longest call. A copy is exact.
func TestOrders(t *testing.T) {
	turns(t, orders())
	for _, shape := range [][]int{{1, 1, 1}, {2, 3, 5}, {3, 17, 16}, {1, 33, 70}, {16, 1, 15}, {1, 5, 4100}} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) { compare(t, orders(), map[string][]int{"x": shape}, 0) })
	}
}

// TestReversed has sizes on both sides of a vector and of the longest call. A copy is exact, a sum nearly so.
func TestReversed(t *testing.T) {
	turns(t, reversed())
	for _, shape := range [][]int{{1, 1, 1}, {2, 3, 5}, {3, 17, 16}, {5, 33, 31}, {2, 5, 4100}} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) { compare(t, reversed(), map[string][]int{"x": shape}, 1e-6) })
	}
}

// TestFlipped has channels on both sides of a vector and of a panel of columns.
func TestFlipped(t *testing.T) {
	turns(t, flipped())
	for _, s := range [][2]int{{1, 1}, {5, 31}, {16, 32}, {33, 65}, {70, 15}} {
		t.Run(fmt.Sprint(s), func(t *testing.T) {
			compare(t, flipped(), map[string][]int{"dy": {2, s[0], 7, 5}, "w": {s[0], s[1], 3, 3}}, 1e-6)
		})
	}
}

// TestPacked has sizes on both sides of a vector and of a panel of columns.
func TestPacked(t *testing.T) {
	turns(t, packed())
	for _, s := range [][3]int{{1, 1, 1}, {3, 5, 31}, {17, 16, 32}, {33, 70, 65}, {1, 15, 33}} {
		t.Run(fmt.Sprint(s), func(t *testing.T) {
			compare(t, packed(), map[string][]int{"x": {s[0], s[1]}, "y": {s[2], s[1]}}, 1e-6)
		})
	}
}

// Package layout places values in memory and chooses the template of each fused group. It decides, for every stored value,
// the order of its axes (channels last around convolutions), the zero border that convolutions read as padding, whether it
// is a slice of a concatenation, and where a copy is needed: to pack the right operand of a product, to hand a result out
// in row-major order. Copies of weights are not made at run time: they become demands on the Prepare program.
//
// It needs the groups of passes/fuse in order; it leaves a plan.Program that lacks only the arena's offsets.
package layout

import (
	"fmt"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
	"mmc/ir/op"
	"mmc/ir/plan"
)

// Demand asks the Prepare program to fill a Prepared buffer: element i of View is Value's element at Access, over Axes.
type Demand struct {
	Value  *ir.Value  // in the prepare graph
	Pos    diag.Range // of the first who asks
	Axes   []loop.Axis
	Access loop.Access
	View   plan.View
}

// Prepared collects the demands of all graphs of a package, each once.
type Prepared struct {
	Demands []*Demand
	byKey   map[string]*Demand
}

// layouter is the state of one run.
type layouter struct {
	g       *ir.Graph
	facts   *dim.Facts
	prog    *plan.Program
	groups  []*plan.Group
	args    map[*ir.Value]*ir.Arg
	out     map[*ir.Value]*plan.Group
	parent  map[*ir.Value]*ir.Value // union-find: values that share an order of axes
	spatial map[*ir.Value]bool      // by representative: channels last
	border  map[*ir.Value][]margin  // what the convolutions that read it need
	part    map[*ir.Value]slice     // values that live inside a concatenation
	views   map[*ir.Value]plan.View
	framed  map[*ir.Value]plan.View // bordered channels-last copies of foreign values
	prep    *Prepared
	at      diag.Range // what the steps that are being made compute: copies on the way name it too
	// promised maps the buffers of prepared arguments that nothing has read whole yet.
	promised map[*plan.Buffer]*ir.Arg
}

// margin is the zero border of one axis.
type margin struct{ low, high dim.Expr }

// slice says that a value is a piece of another, from start on along axis.
type slice struct {
	of    *ir.Value
	axis  int
	start dim.Expr
}

// Run places the groups of g.
func Run(g *ir.Graph, groups []*plan.Group, prep *Prepared) *plan.Program {
	return run(g, groups, prep, func(*layouter) {})
}

// run does the work; last may append steps before liveness is computed.
func run(g *ir.Graph, groups []*plan.Group, prep *Prepared, last func(*layouter)) *plan.Program {
	l := &layouter{
		g: g, facts: g.Facts, groups: groups, prep: prep,
		prog: &plan.Program{Graph: g, Args: map[*ir.Arg]plan.View{}, Results: map[*ir.Result]plan.View{}},
		args: map[*ir.Value]*ir.Arg{}, out: map[*ir.Value]*plan.Group{}, parent: map[*ir.Value]*ir.Value{}, spatial: map[*ir.Value]bool{},
		border: map[*ir.Value][]margin{}, part: map[*ir.Value]slice{}, views: map[*ir.Value]plan.View{},
		framed: map[*ir.Value]plan.View{}, promised: map[*plan.Buffer]*ir.Arg{},
	}
	for _, a := range g.Args {
		l.args[a.Value] = a
	}
	for _, group := range groups {
		for _, v := range group.Out {
			l.out[v] = group
		}
	}
	l.classify()
	l.findSlices()
	l.findBorders()
	l.placeArgs()
	homes := l.writtenInPlace()
	for _, group := range groups {
		l.placeGroup(group, homes)
	}
	l.placeResults()
	last(l)
	l.liveness()
	return l.prog
}

// buffer adds a buffer to the program.
func (l *layouter) buffer(name string, t dtype.DType, size dim.Expr, space plan.Space) *plan.Buffer {
	b := &plan.Buffer{ID: len(l.prog.Buffers), Name: name, DType: t, Size: size, Space: space}
	l.prog.Buffers = append(l.prog.Buffers, b)
	return b
}

// rowMajor is the dense view of a whole buffer in row-major order.
func rowMajor(b *plan.Buffer, shape []dim.Expr) plan.View {
	order := make([]int, len(shape))
	for i := range order {
		order[i] = i
	}
	return ordered(b, shape, order, nil)
}

// ordered is the dense view of a buffer with the axes in that order, outermost first, and margins around the image.
func ordered(b *plan.Buffer, shape []dim.Expr, order []int, margins []margin) plan.View {
	v := plan.View{Buf: b, Strides: make([]dim.Expr, len(shape)), Shape: shape}
	stride := dim.Int(1)
	for i := len(order) - 1; i >= 0; i-- {
		axis := order[i]
		v.Strides[axis] = stride
		extent := shape[axis]
		if margins != nil {
			v.Offset = v.Offset.Add(margins[axis].low.Mul(stride))
			extent = extent.Add(margins[axis].low).Add(margins[axis].high)
		}
		stride = stride.Mul(extent)
	}
	return v
}

func size(shape []dim.Expr, margins []margin) dim.Expr {
	n := dim.Int(1)
	for i, d := range shape {
		if margins != nil {
			d = d.Add(margins[i].low).Add(margins[i].high)
		}
		n = n.Mul(d)
	}
	return n
}

// order returns the memory order of v's axes.
func (l *layouter) order(v *ir.Value) []int {
	rank := v.Type.Rank()
	order := make([]int, 0, rank)
	if l.spatial[l.find(v)] {
		order = append(order, 0)
		for i := 2; i < rank; i++ {
			order = append(order, i)
		}
		return append(order, 1)
	}
	if p := l.productOrder(v); p != nil {
		return p
	}
	for i := range rank {
		order = append(order, i)
	}
	return order
}

// isRowMajor reports whether view is dense and row-major, axes of one element apart.
func (l *layouter) isRowMajor(view plan.View) bool {
	if view.Panel != nil {
		return false
	}
	want := dim.Int(1)
	for i := len(view.Shape) - 1; i >= 0; i-- {
		if view.Shape[i].IsConst(1) {
			continue
		}
		if !l.facts.Equal(view.Strides[i], want) {
			return false
		}
		want = want.Mul(view.Shape[i])
	}
	return true
}

// placeArgs gives each argument its own memory.
func (l *layouter) placeArgs() {
	for _, a := range l.g.Args {
		shape := a.Value.Type.Shape
		space, cell := plan.Caller, (*ir.Cell)(nil)
		switch a.Role {
		case ir.CellOf:
			space, cell = plan.CellSpace, a.Cell
		case ir.Prepared:
			l.views[a.Value] = l.promise(a)
			continue
		}
		b := l.buffer(a.Name, a.Value.Type.DType, size(shape, nil), space)
		b.Arg, b.Cell = a, cell
		l.views[a.Value] = rowMajor(b, shape)
		l.prog.Args[a] = l.views[a.Value]
	}
}

// view returns where v lies; a value without a place is a bug of an earlier pass.
func (l *layouter) view(v *ir.Value) plan.View {
	view, ok := l.views[v]
	switch {
	case ok:
		return view
	case v.Node != nil && v.Node.Op.Has(ir.View):
		view = l.alias(v)
		l.views[v] = view
		return view
	case v.Node != nil && v.Node.Op == op.Literal:
		b := l.buffer(l.name(v), v.Type.DType, size(v.Type.Shape, nil), plan.Literal)
		b.Data = v.Node.Attr("data").([]float64)
		l.views[v] = rowMajor(b, v.Type.Shape)
		return l.views[v]
	}
	panic(fmt.Sprintf("layout: value %d (%s) has no place", v.ID, v.Name))
}

// alias shows the storage of a reshaped value under its new shape, copying it first where it is not dense row-major.
func (l *layouter) alias(v *ir.Value) plan.View {
	from := v.Node.Args[0]
	storage := l.real(l.view(from))
	if !l.isRowMajor(storage) {
		storage = l.rowMajorCopy(storage, "row-major for another shape")
	}
	out := rowMajor(storage.Buf, v.Type.Shape)
	out.Offset = storage.Offset
	return out
}

// copyStep appends a copy of a whole tensor from one view to another.
func (l *layouter) copyStep(from, to plan.View, why string) {
	from = l.real(from)
	nest := copyNest(from.Shape, from.Buf.DType)
	l.prog.Steps = append(l.prog.Steps, &plan.Step{
		Nest: nest, In: []plan.View{from}, Out: []plan.View{to}, Template: plan.Copy, Name: "copy " + to.Buf.Name, Pos: l.at, Why: why,
	})
}

func copyNest(shape []dim.Expr, t dtype.DType) *loop.Nest {
	index := make([]loop.Index, len(shape))
	n := &loop.Nest{Split: 1}
	for i, d := range shape {
		index[i] = loop.Index{Terms: []loop.Term{{Axis: i, Coef: dim.Int(1)}}, Via: loop.NoReg}
		n.Axes = append(n.Axes, loop.Axis{Name: fmt.Sprintf("i%d", i), Extent: d})
	}
	n.Body = []loop.Inst{{Op: loop.Load, Type: t, Access: &loop.Access{Index: index}}}
	n.Stores = []loop.Store{{Index: index, Value: 0}}
	return n
}

// name is what people call v: its own name, that of the argument, or the instance that computes it.
func (l *layouter) name(v *ir.Value) string {
	switch {
	case v.Name != "":
		return v.Name
	case l.args[v] != nil:
		return l.args[v].Name
	case v.Node != nil && v.Node.Path != "":
		return v.Node.Path
	case v.Node != nil:
		return v.Node.Op.Name
	}
	return "value"
}

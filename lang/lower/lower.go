// Package lower turns the core language into the IR. Effects become data flow: an environment maps each cell to its current
// value, so that text order turns into use-def; a cell that a graph touches enters it as an argument and leaves it as a result
// if it was written. Draws and clocks become arguments too. Nothing is optimised here.
package lower

import (
	"slices"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/op"
	"mmc/lang/check/core"
)

// Lower returns the module of a checked model. What is not compiled yet is reported where it stands.
func Lower(m *core.Model) (*ir.Module, diag.List) {
	l := &lowerer{
		out:   &ir.Module{Name: m.Name, Doc: m.Doc, File: m.File, Hyper: m.Hyper},
		cells: map[*core.Cell]*ir.Cell{},
	}
	for _, c := range m.Cells {
		l.out.Cells = append(l.out.Cells, l.cell(c))
	}
	for _, g := range m.Graphs {
		l.out.Graphs = append(l.out.Graphs, l.graph(g))
	}
	for _, o := range m.Optimizers {
		owner := &ir.Optimizer{Name: o.Name}
		for _, s := range o.Slots {
			owner.Slots = append(owner.Slots, l.cell(s))
		}
		l.out.Optimizers = append(l.out.Optimizers, owner)
	}
	return l.out, l.diags.Sort()
}

type lowerer struct {
	out   *ir.Module
	cells map[*core.Cell]*ir.Cell
	diags diag.List
}

// cell returns the IR's cell, making it at the first call: first values may copy other cells.
func (l *lowerer) cell(c *core.Cell) *ir.Cell {
	if cell := l.cells[c]; cell != nil {
		return cell
	}
	cell := &ir.Cell{Name: c.Name, Aliases: c.Aliases, Kind: c.Kind, Type: c.Type, Pos: c.Pos}
	l.cells[c] = cell
	if c.Init != nil {
		cell.Init = &ir.Init{Const: c.Type.DType.Rounded(c.Init.Const)}
		if c.Kind == ir.SlotCell && (c.Init.Draw != nil || c.Init.Graph != nil) {
			d := notYet("slot", c.Pos, "a slot of an optimizer whose first value is no constant number")
			l.tell(d.WithHint("begin with a number, and select(t == 0, p, slow) with a slot t that counts the steps"))
			return cell
		}
		if c.Init.Draw != nil {
			l.half(c.Type.DType, c.Call, "a first value that is drawn")
			cell.Init.Random = random(c.Init.Draw)
		}
		if c.Init.Graph != nil {
			cell.Init.Graph = l.graph(c.Init.Graph)
		}
	}
	return cell
}

func random(d *core.Draw) *ir.Random {
	return &ir.Random{Address: d.Address, Dist: d.Dist, A: d.A, B: d.B}
}

// graphLowerer is the state of one graph.
type graphLowerer struct {
	*lowerer
	g      *ir.Graph
	b      *ir.Builder
	values map[*core.Value]*ir.Value
	now    map[*core.Cell]*ir.Value // the current version
	order  []*core.Cell             // cells in the order of their first write
	writes map[*core.Cell]diag.Range
	grads  bool // the graph takes gradients
}

func (l *lowerer) graph(from *core.Graph) *ir.Graph {
	g := &ir.Graph{Name: from.Name, Doc: from.Doc, Train: from.Train, Pos: from.Pos, Facts: from.Facts}
	x := &graphLowerer{
		lowerer: l, g: g, b: ir.NewBuilder(g),
		values: map[*core.Value]*ir.Value{}, now: map[*core.Cell]*ir.Value{}, writes: map[*core.Cell]diag.Range{},
	}
	x.grads = slices.ContainsFunc(from.Body.Instrs, func(i core.Instr) bool { _, is := i.(*core.Grad); return is })
	x.args(from)
	x.body(from.Body)
	for _, at := range from.Open {
		x.tell(notYet("size", at, "a size that only the run knows"))
	}
	for _, r := range from.Results {
		g.Results = append(g.Results, &ir.Result{Name: r.Name, Role: r.Role, Value: x.value(r.Value), Pos: r.Pos})
	}
	for _, c := range x.order {
		g.Results = append(g.Results, &ir.Result{Name: c.Name, Role: ir.CellOf, Value: x.now[c], Cell: l.cell(c), Pos: x.writes[c]})
	}
	g.Renumber()
	return g
}

// args makes the arguments that the signature and the draws give; cells follow when they are first read.
func (x *graphLowerer) args(from *core.Graph) {
	for _, a := range from.Args {
		switch {
		case a.Draw != nil:
			continue // among the draws
		case a.Cell != nil:
			x.now[a.Cell] = x.arg(&ir.Arg{Name: a.Name, Role: ir.CellOf, Cell: x.cell(a.Cell), Doc: a.Doc, Pos: a.Pos}, a.Value)
		case a.Value != nil:
			x.arg(&ir.Arg{Name: a.Name, Role: ir.Input, Default: a.Default, Doc: a.Doc, Pos: a.Pos}, a.Value)
		}
	}
	for _, d := range from.Draws {
		x.half(d.Value.Type.DType, d.Pos, "drawing")
		arg := &ir.Arg{Name: d.Address, Role: ir.Draw, Random: random(d), Pos: d.Pos}
		if d.Arg != nil {
			arg.Name, arg.Doc = d.Arg.Name, d.Arg.Doc
		}
		v := x.arg(arg, d.Value)
		if d.Arg != nil && d.Arg.Value != nil {
			x.values[d.Arg.Value] = v
		}
	}
	for _, c := range from.Clocks {
		x.arg(&ir.Arg{Name: c.Name, Role: ir.Clock}, c.Value)
	}
}

// arg appends an argument whose value stands for v.
func (x *graphLowerer) arg(a *ir.Arg, v *core.Value) *ir.Value {
	a.Value = &ir.Value{Type: v.Type, Name: a.Name}
	x.values[v] = a.Value
	x.g.Args = append(x.g.Args, a)
	return a.Value
}

// value returns the IR's value. A core value that has none yet is a bug of the checker.
func (x *graphLowerer) value(v *core.Value) *ir.Value {
	w := x.values[v]
	if w == nil {
		panic("lower: a value of graph " + x.g.Name + " is used before it is defined: " + v.Name + " " + v.Pos.String())
	}
	return w
}

func (x *graphLowerer) list(vs []*core.Value) []*ir.Value {
	out := make([]*ir.Value, len(vs))
	for i, v := range vs {
		out[i] = x.value(v)
	}
	return out
}

func (x *graphLowerer) body(b *core.Body) {
	for _, i := range b.Instrs {
		x.instr(i)
	}
}

func (x *graphLowerer) instr(i core.Instr) {
	at := core.OriginOf(i)
	x.b.Pos, x.b.Inner, x.b.Path = at.Pos, at.Inner, at.Path
	switch i := i.(type) {
	case *core.Apply:
		x.apply(i)
	case *core.Read:
		x.values[i.Result] = x.read(i.Cell)
		x.cached(i.Cell)
	case *core.Write:
		if _, seen := x.writes[i.Cell]; !seen {
			x.order = append(x.order, i.Cell)
		}
		x.now[i.Cell], x.writes[i.Cell] = x.version(i), at.Pos
		x.cached(i.Cell)
	case *core.Grad:
		for _, w := range i.Xs {
			x.half(w.Type.DType, at.Pos, "a gradient")
		}
		x.define(i.Results, x.b.Ops(op.Grad, nil, append([]*ir.Value{x.value(i.Y)}, x.list(i.Xs)...)...))
	case *core.Custom:
		x.custom(i)
	case *core.Scan:
		x.later(at, "scan", i.Results)
	case *core.Loop:
		x.later(at, "loop", i.Results)
	case *core.Cond:
		x.later(at, "cond", i.Results)
	}
}

// version is the value that a write gives its cell. Where gradients are taken, it is a leaf: what an optimiser has computed
// is not differentiated again, and a gradient with respect to the cell is not one with respect to another name of the value.
func (x *graphLowerer) version(w *core.Write) *ir.Value {
	v := x.value(w.Value)
	if !x.grads || !v.Type.DType.IsFloat() {
		return v
	}
	return x.b.Op(op.StopGradient, nil, v)
}

// apply copies an operator call: the checker has inferred its types.
func (x *graphLowerer) apply(i *core.Apply) {
	x.halves(i)
	n := &ir.Node{Op: i.Op, Attrs: i.Attrs, Args: x.list(i.Args), Pos: x.b.Pos, Inner: x.b.Inner, Path: x.b.Path}
	for k, r := range i.Results {
		v := &ir.Value{Type: r.Type, Node: n, Index: k, Name: r.Name}
		n.Results = append(n.Results, v)
		x.values[r] = v
	}
	x.b.Emit(n)
}

// read returns the current version of a cell; the first read makes it an argument.
func (x *graphLowerer) read(c *core.Cell) *ir.Value {
	if v := x.now[c]; v != nil {
		return v
	}
	v := &ir.Value{Type: c.Type, Name: c.Name}
	x.g.Args = append(x.g.Args, &ir.Arg{Name: c.Name, Role: ir.CellOf, Value: v, Cell: x.cell(c), Pos: c.Pos})
	x.now[c] = v
	return v
}

func (x *graphLowerer) define(to []*core.Value, from []*ir.Value) {
	for k, v := range to {
		x.values[v] = from[k]
		if from[k].Name == "" {
			from[k].Name = v.Name
		}
	}
}

// custom makes a value with a declared gradient. The region's nodes may use values of the graph.
func (x *graphLowerer) custom(i *core.Custom) {
	region := &ir.Region{}
	for k, a := range i.Body.Args {
		v := &ir.Value{Type: a.Type, Index: k, Name: a.Name}
		x.values[a] = v
		region.Args = append(region.Args, v)
	}
	outer := x.b.Emit
	x.b.Emit = func(n *ir.Node) { region.Nodes = append(region.Nodes, n) }
	x.body(i.Body)
	region.Results = x.list(i.Body.Results)
	x.b.Emit = outer
	at := core.OriginOf(i)
	x.b.Pos, x.b.Inner, x.b.Path = at.Pos, at.Inner, at.Path
	out, err := x.b.TryRegions(op.CustomGrad, nil, []*ir.Region{region}, append([]*ir.Value{x.value(i.Y)}, x.list(i.Xs)...)...)
	if err != nil {
		x.diags = append(x.diags, diag.New("gradient.type", at.Pos, err.Error()))
		out = []*ir.Value{x.value(i.Y)}
	}
	x.define([]*core.Value{i.Result}, out)
}

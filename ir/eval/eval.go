// Package eval is the reference evaluator: it walks a graph and calls Op.Eval, computing in float64 whatever the element
// type. It is the meaning of the IR; passes and targets are tested against it. It knows no operator.
package eval

import (
	"fmt"

	"mmc/ir"
	"mmc/ir/dim"
	rt "mmc/runtime"
)

// Inputs is what a call of a graph is given.
type Inputs struct {
	Args  map[string]*ir.Tensor // inputs and clocks by argument name
	Cells map[string]*ir.Tensor // by cell name; a cell with a constant initial value may be absent
	Draws map[string]*ir.Tensor // by address; what is absent is drawn
	Dims  map[string]int64      // sizes that no argument's shape tells
	Seed  uint64                // of the draws
	Step  uint32                // of the draws, and the clock "step" where it is not in Args

	// Trace, where set, sees every node's results, and may change them.
	Trace func(n *ir.Node, out []*ir.Tensor)
}

// Outputs is what it gives.
type Outputs struct {
	Values map[string]*ir.Tensor // outputs, losses and reports by name
	Cells  map[string]*ir.Tensor // new versions of the cells that the graph writes
	Draws  map[string]*ir.Tensor // the draws that were used, by address
	Sizes  map[string]int64      // the sizes of this call
}

// Run evaluates a graph.
func Run(g *ir.Graph, in Inputs) (*Outputs, error) {
	m, err := newMachine(g, in)
	if err != nil {
		return nil, fmt.Errorf("graph %s: %w", g.Name, err)
	}
	if err := m.bindArgs(); err != nil {
		return nil, fmt.Errorf("graph %s: %w", g.Name, err)
	}
	keep := map[*ir.Value]bool{}
	for _, r := range g.Results {
		keep[r.Value] = true
	}
	if err := m.block(g.Nodes, m.values, keep); err != nil {
		return nil, fmt.Errorf("graph %s: %w", g.Name, err)
	}
	return m.outputs()
}

// machine is the state of one call.
type machine struct {
	graph  *ir.Graph
	in     Inputs
	sizes  map[string]int64
	values *scope
	draws  map[string]*ir.Tensor
	held   int // bytes of the tensors that were made and live
}

// scope holds the values of a graph or region; those of the enclosing ones are visible.
type scope struct {
	outer *scope
	own   map[*ir.Value]*ir.Tensor
}

func (s *scope) get(v *ir.Value) (*ir.Tensor, bool) {
	for ; s != nil; s = s.outer {
		if t, ok := s.own[v]; ok {
			return t, true
		}
	}
	return nil, false
}

func (s *scope) inner() *scope { return &scope{outer: s, own: map[*ir.Value]*ir.Tensor{}} }

func newMachine(g *ir.Graph, in Inputs) (*machine, error) {
	given := func(a *ir.Arg) *ir.Tensor { return in.given(a) }
	sizes, err := solve(g, given, in.Dims)
	if err != nil {
		return nil, err
	}
	return &machine{graph: g, in: in, sizes: sizes, values: (*scope)(nil).inner(), draws: map[string]*ir.Tensor{}}, nil
}

// given is the tensor that the caller supplies for an argument, or nil.
func (in Inputs) given(a *ir.Arg) *ir.Tensor {
	switch a.Role {
	case ir.CellOf:
		return in.Cells[a.Cell.Name]
	case ir.Draw:
		return in.Draws[a.Random.Address]
	}
	return in.Args[a.Name]
}

// bindArgs gives every argument its tensor.
func (m *machine) bindArgs() error {
	for _, a := range m.graph.Args {
		t := m.in.given(a)
		if t == nil {
			made, err := m.missing(a)
			if err != nil {
				return err
			}
			t = made
		}
		if a.Role == ir.Draw {
			m.draws[a.Random.Address] = t
		}
		m.values.own[a.Value] = t
	}
	return nil
}

// missing makes the tensor of an argument that was not supplied, where it has a default.
func (m *machine) missing(a *ir.Arg) (*ir.Tensor, error) {
	switch {
	case a.Role == ir.Draw:
		return m.draw(a.Value.Type, a.Random)
	case a.Role == ir.CellOf && a.Cell.Init != nil && a.Cell.Init.Random == nil && a.Cell.Init.Graph == nil:
		return m.filled(a.Value.Type, a.Cell.Init.Const)
	case a.Role == ir.CellOf && a.Cell.Kind == ir.CacheCell:
		return m.filled(a.Value.Type, 0)
	case a.Role == ir.Clock && a.Name == "step":
		return m.filled(a.Value.Type, float64(m.in.Step))
	case a.Default != nil:
		return m.filled(a.Value.Type, *a.Default)
	}
	return nil, fmt.Errorf("%s is missing", describe(a))
}

// describe names an argument for messages.
func describe(a *ir.Arg) string {
	switch a.Role {
	case ir.CellOf:
		return a.Cell.Kind.String() + " " + a.Cell.Name
	case ir.Draw:
		return "draw " + a.Random.Address
	case ir.Clock:
		return "clock " + a.Name
	}
	return "argument " + a.Name
}

func (m *machine) filled(t ir.Type, x float64) (*ir.Tensor, error) {
	out, err := m.allocate(t)
	if err != nil || x == 0 {
		return out, err
	}
	for i := range out.Data {
		out.Data[i] = x
	}
	return out, nil
}

// allocate makes a tensor of zeros.
func (m *machine) allocate(t ir.Type) (*ir.Tensor, error) {
	out := &ir.Tensor{DType: t.DType, Shape: make([]int, len(t.Shape))}
	for i, d := range t.Shape {
		n, err := m.size(d)
		if err != nil {
			return nil, err
		}
		if n < 0 {
			return nil, fmt.Errorf("the size %s of %s is %d", m.graph.Facts.Show(d), t, n)
		}
		out.Shape[i] = int(n)
	}
	size, err := rt.Count(append(out.Shape, bytesPerElement))
	if err == nil {
		err = rt.Afford(m.held + size)
	}
	if err != nil {
		return nil, fmt.Errorf("a tensor of shape %v: %w", out.Shape, err)
	}
	m.held += size
	out.Data = make([]float64, size/bytesPerElement)
	return out, nil
}

// bytesPerElement is what an element takes here, whatever its type.
const bytesPerElement = 8

// size evaluates a dim.
func (m *machine) size(d dim.Expr) (int64, error) {
	if n, ok := d.Const(); ok {
		return n, nil
	}
	return m.graph.Facts.Original(d).Eval(lookup(m.sizes))
}

func lookup(sizes map[string]int64) func(string) (int64, bool) {
	return func(sym string) (int64, bool) {
		n, ok := sizes[sym]
		return n, ok
	}
}

// block evaluates nodes in order and forgets values after their last use, but for those to keep.
func (m *machine) block(nodes []*ir.Node, s *scope, keep map[*ir.Value]bool) error {
	dead := deaths(nodes, keep)
	for i, n := range nodes {
		if err := m.node(n, s); err != nil {
			return at(n, err)
		}
		for _, v := range dead[i] {
			if v.Node != nil { // what the caller gave was not made here
				m.held -= len(s.own[v].Data) * bytesPerElement
			}
			delete(s.own, v)
		}
	}
	return nil
}

// at says where in the source an error happened.
func at(n *ir.Node, err error) error {
	switch {
	case n.Pos.IsValid():
		return fmt.Errorf("%s:%d:%d: %w", n.Pos.File, n.Pos.Start.Line, n.Pos.Start.Col, err)
	case n.Path != "":
		return fmt.Errorf("%s: %w", n.Path, err)
	}
	return err
}

// deaths lists for each node the values whose last use it is.
func deaths(nodes []*ir.Node, keep map[*ir.Value]bool) [][]*ir.Value {
	last := map[*ir.Value]int{}
	for i, n := range nodes {
		for _, v := range n.Results {
			last[v] = i
		}
		n.EachUse(func(v *ir.Value) { last[v] = i })
	}
	dead := make([][]*ir.Value, len(nodes))
	for v, i := range last {
		if !keep[v] {
			dead[i] = append(dead[i], v)
		}
	}
	return dead
}

// node evaluates one node.
func (m *machine) node(n *ir.Node, s *scope) error {
	if n.Op.Eval == nil {
		return fmt.Errorf("%s cannot be evaluated: it must be expanded first", n.Op.Name)
	}
	call := &ir.EvalCall{Node: n}
	for i, a := range n.Args {
		t, ok := s.get(a)
		if !ok {
			return fmt.Errorf("%s: operand %d has no value", n.Op.Name, i)
		}
		call.Args = append(call.Args, t)
	}
	for _, r := range n.Results {
		t, err := m.allocate(r.Type)
		if err != nil {
			return fmt.Errorf("%s: %w", n.Op.Name, err)
		}
		call.Out = append(call.Out, t)
	}
	var sizeErr error
	call.Size = func(d dim.Expr) int {
		size, err := m.size(d)
		if err != nil && sizeErr == nil {
			sizeErr = fmt.Errorf("%s: %w", n.Op.Name, err)
		}
		return int(size)
	}
	call.Run = func(r *ir.Region, args []*ir.Tensor) ([]*ir.Tensor, error) { return m.region(r, args, s) }
	if err := n.Op.Eval(call); err != nil {
		return err
	}
	for i, r := range n.Results {
		s.own[r] = call.Out[i]
	}
	if m.in.Trace != nil {
		m.in.Trace(n, call.Out)
	}
	return sizeErr
}

// region evaluates a region; it sees the values of the scope around it.
func (m *machine) region(r *ir.Region, args []*ir.Tensor, around *scope) ([]*ir.Tensor, error) {
	s, keep := around.inner(), map[*ir.Value]bool{}
	for i, a := range r.Args {
		s.own[a] = args[i]
	}
	for _, v := range r.Results {
		keep[v] = true
	}
	if err := m.block(r.Nodes, s, keep); err != nil {
		return nil, err
	}
	out := make([]*ir.Tensor, len(r.Results))
	for i, v := range r.Results {
		t, ok := s.get(v)
		if !ok {
			return nil, fmt.Errorf("result %d of a region has no value", i)
		}
		out[i] = t
	}
	return out, nil
}

func (m *machine) outputs() (*Outputs, error) {
	out := &Outputs{Values: map[string]*ir.Tensor{}, Cells: map[string]*ir.Tensor{}, Draws: m.draws, Sizes: m.sizes}
	for _, r := range m.graph.Results {
		t, ok := m.values.get(r.Value)
		if !ok {
			return nil, fmt.Errorf("graph %s: result %s has no value", m.graph.Name, r.Name)
		}
		if r.Role == ir.CellOf {
			out.Cells[r.Cell.Name] = t
		} else {
			out.Values[r.Name] = t
		}
	}
	return out, nil
}

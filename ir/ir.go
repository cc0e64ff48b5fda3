// Package ir is the intermediate representation: pure SSA over tensors with symbolic shapes.
//
// A Module is one model: its cells (parameters, states, optimiser slots) and its graphs. A Graph is a list of nodes in
// an order that respects use-def; a Node applies an operator record to values and yields values. There are no side
// effects: a cell enters a graph as an argument and, where the graph writes it, leaves as a result. Recurrences and
// branches are nodes with regions. Operators are records (Op) that live in ir/op; this package names none of them.
package ir

import (
	"mmc/internal/diag"
	"mmc/ir/dim"
	"mmc/ir/dtype"
)

// Type is the type of a value: element type and shape. A nil Shape is a scalar.
type Type struct {
	DType dtype.DType
	Shape []dim.Expr
}

// Value is one SSA value: result Index of Node, or an argument of a graph or region (Node is nil).
type Value struct {
	ID    int // dense within a graph, given by Graph.Renumber; the printed name is %ID
	Type  Type
	Node  *Node
	Index int
	Name  string // the user's name for it, where there is one
}

// Node applies Op to Args. Attrs stand in the order of Op.Params.
type Node struct {
	Op      *Op
	Attrs   []any
	Args    []*Value
	Results []*Value
	Regions []*Region
	Pos     diag.Range // the user's .mm text that it came from
	Inner   diag.Range // the text of the library, where Pos is a call of it
	Path    string     // the instance it belongs to: "layer1.0.conv1"
}

// Region is the body of a scan, loop, branch or declared gradient. Values of the enclosing graph may be used inside.
type Region struct {
	Args    []*Value
	Nodes   []*Node
	Results []*Value
}

// Graph is one entry point of a model.
type Graph struct {
	Name    string
	Doc     string
	Train   bool
	Pos     diag.Range
	Facts   *dim.Facts // what is known of the dims: the where clause and more
	Args    []*Arg
	Nodes   []*Node
	Results []*Result
}

// Role says what an argument or result is to the caller.
type Role uint8

// The roles. Of results: Input is unused, CellOf is the new version of a cell.
const (
	Input    Role = iota // supplied by the caller; as a result: an output
	Draw                 // random numbers, drawn unless supplied
	CellOf               // the current (argument) or next (result) version of a cell
	Clock                // a scalar that the trainer keeps: step, epoch, epoch_steps
	Loss                 // a minimised value (results only)
	Report               // a reported value (results only)
	Prepared             // computed at load from cells alone (arguments only, made by passes/hoist)
)

// Arg is an argument of a graph.
type Arg struct {
	Name     string
	Role     Role
	Value    *Value
	Cell     *Cell    // of CellOf
	Random   *Random  // of Draw
	Source   *Value   // of Prepared: the value in the graph that computes it at load
	Default  *float64 // of a scalar Input that may be left out
	Optional bool     // the default is computed in the graph when the caller leaves it out (reserved)
	Doc      string
	Pos      diag.Range
}

// Result is a result of a graph. Of CellOf results there is one for each cell that the graph writes.
type Result struct {
	Name  string
	Role  Role
	Value *Value
	Cell  *Cell
	Pos   diag.Range
}

// Dist is a distribution of random draws.
type Dist uint8

// The distributions with their parameters A, B.
const (
	Uniform     Dist = iota // [A, B)
	Normal                  // mean A, standard deviation B
	Bernoulli               // 1 with probability A
	RandInt                 // integers in [A, B)
	Permutation             // of 0..n-1
)

func (d Dist) String() string {
	return [...]string{"uniform", "normal", "bernoulli", "randint", "permutation"}[d]
}

// Random describes a draw. Address names it on the noise tape and keys the generator: instance path, name, call ordinal.
type Random struct {
	Address string
	Dist    Dist
	A, B    float64
}

// Certain is the value of a distribution that has no other: so an argument that is no scalar has a number as its default.
func (r *Random) Certain() (value float64, ok bool) {
	switch r.Dist {
	case Uniform:
		return r.A, r.A == r.B
	case Bernoulli:
		return r.A, r.A == 0 || r.A == 1
	case RandInt:
		return r.A, r.B == r.A+1
	}
	return 0, false
}

// CellKind is how long a cell lives and who writes it.
type CellKind uint8

// The kinds of cells.
const (
	ParamCell CellKind = iota // trained and saved
	StateCell                 // saved; written by update
	SlotCell                  // an optimiser's state, saved in checkpoints only
	CacheCell                 // owned by a session, never saved
	InOutCell                 // the caller's
)

func (k CellKind) String() string {
	return [...]string{"param", "state", "slot", "cache", "inout"}[k]
}

// Cell is a named tensor that outlives a call.
type Cell struct {
	Name    string   // full path: layer1.0.conv1.weight; of a slot "optimizer/slot/param"
	Aliases []string // further published names
	Kind    CellKind
	Type    Type
	Init    *Init
	Pos     diag.Range
}

// Init is how a cell gets its first value: a constant (Random and Graph nil), a draw, or a graph whose only result it is
// (its arguments are draws and other cells, which it copies or computes from).
type Init struct {
	Const  float64
	Random *Random
	Graph  *Graph
}

// Module is one model.
type Module struct {
	Name       string
	Doc        string
	File       string
	Cells      []*Cell
	Graphs     []*Graph
	Hyper      []Hyper // the hyperparameters it was built with, for people
	Optimizers []*Optimizer
}

// Hyper is one hyperparameter as text.
type Hyper struct{ Name, Value string }

// Optimizer names one optimiser and the cells that it owns, for checkpoints.
type Optimizer struct {
	Name  string
	Slots []*Cell
}

// Graph returns the graph of that name, or nil.
func (m *Module) Graph(name string) *Graph {
	for _, g := range m.Graphs {
		if g.Name == name {
			return g
		}
	}
	return nil
}

// Attr returns the node's attribute of that name; asking for one that the operator lacks is a bug.
func (n *Node) Attr(name string) any {
	for i, p := range n.Op.Params {
		if p.Name == name {
			return n.Attrs[i]
		}
	}
	panic("ir: " + n.Op.Name + " has no attribute " + name)
}

// Typed attributes.
func (n *Node) Int(name string) int64         { return n.Attr(name).(int64) }
func (n *Node) Float(name string) float64     { return n.Attr(name).(float64) }
func (n *Node) Bool(name string) bool         { return n.Attr(name).(bool) }
func (n *Node) Ints(name string) []int64      { return n.Attr(name).([]int64) }
func (n *Node) Text(name string) string       { return n.Attr(name).(string) }
func (n *Node) Dims(name string) []dim.Expr   { return n.Attr(name).([]dim.Expr) }
func (n *Node) Dim(name string) dim.Expr      { return n.Attr(name).(dim.Expr) }
func (n *Node) DType(name string) dtype.DType { return n.Attr(name).(dtype.DType) }

// Result returns the only result.
func (n *Node) Result() *Value { return n.Results[0] }

// Rank returns the number of axes.
func (t Type) Rank() int { return len(t.Shape) }

// Size returns the number of elements.
func (t Type) Size() dim.Expr { return dim.Product(t.Shape...) }

// Equal reports whether both types are the same under the facts (nil: without facts).
func (t Type) Equal(u Type, f *dim.Facts) bool {
	if t.DType != u.DType || len(t.Shape) != len(u.Shape) {
		return false
	}
	for i, d := range t.Shape {
		if !d.Equal(u.Shape[i]) && (f == nil || !f.Equal(d, u.Shape[i])) {
			return false
		}
	}
	return true
}

// String prints f32[N, 3, H / 2]; facts-free.
func (t Type) String() string {
	s := t.DType.String() + "["
	for i, d := range t.Shape {
		if i > 0 {
			s += ", "
		}
		s += d.String()
	}
	return s + "]"
}

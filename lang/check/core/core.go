// Package core is the core language: what is left of a model when lang/check has elaborated it. Names, hyperparameters,
// labels, blocks, compile-time control and notation are gone; what remains is a list of typed operator calls per graph with
// explicit broadcasting, reads and writes of cells in text order, draws with their addresses, gradients, and the bodies of
// run-time recurrences. It is still effectful: lang/lower turns cell reads and writes into data flow.
//
// The package holds data and no rules; it knows neither syntax trees nor operators by name.
package core

import (
	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dim"
)

// Value is a tensor: result Index of the instruction Def, or an argument (Def is nil).
type Value struct {
	Type  ir.Type
	Def   Instr
	Index int
	Name  string     // the user's name for it, where there is one
	Pos   diag.Range // where it was made, for related places of diagnostics
}

// Origin is where an instruction comes from.
type Origin struct {
	Pos   diag.Range // the user's expression
	Inner diag.Range // the expression of the library, where the user's is a call of it
	Outer diag.Range // the expression of the graph itself, from which calls led to Pos
	Path  string     // the instance it belongs to
}

// Instr is one step of a body.
type Instr interface {
	// Uses lists the values that it reads.
	Uses() []*Value
	origin() Origin
}

// Body is a list of instructions in text order.
type Body struct {
	Args    []*Value
	Instrs  []Instr
	Results []*Value
}

type (
	// Apply calls an operator. Attrs stand in the order of Op.Params.
	Apply struct {
		Origin
		Op      *ir.Op
		Attrs   []any
		Args    []*Value
		Results []*Value
	}
	// Read yields the current version of a cell.
	Read struct {
		Origin
		Cell    *Cell
		Version int // how often the graph has written the cell before
		Result  *Value
	}
	// Write makes Value the current version of Cell.
	Write struct {
		Origin
		Cell  *Cell
		Value *Value
	}
	// Grad yields the gradients of the scalar Y with respect to the values Xs.
	Grad struct {
		Origin
		Y       *Value
		Xs      []*Value
		Results []*Value
	}
	// Custom yields Y, whose gradients with respect to Xs are, by declaration, the results of Body applied to the
	// gradient of Y. Body may use any value that is defined before.
	Custom struct {
		Origin
		Y      *Value
		Xs     []*Value
		Body   *Body
		Result *Value
	}
	// Scan runs Body once per step over the leading axis of Seqs. Body.Args are the steps' slices, then the carries;
	// Body.Results the next carries, then the yields. Results are the final carries, then the stacked yields.
	Scan struct {
		Origin
		Reverse    bool
		Seqs       []*Value
		Init       []*Value
		Body       *Body
		Length     *Value // ragged lengths, or nil
		Checkpoint int64
		Results    []*Value
	}
	// Loop runs Body at most Bound times. Index names the symbol that stands for the iteration in dims of Body.
	// Body.Results are the next carries, the yields, and last, with Until, the scalar that ends the loop.
	Loop struct {
		Origin
		Bound   dim.Expr
		Index   string
		Init    []*Value
		Body    *Body
		Until   bool
		Results []*Value
	}
	// Cond runs one of two bodies without arguments.
	Cond struct {
		Origin
		If         *Value
		Then, Else *Body
		Results    []*Value
	}
)

func (o Origin) origin() Origin { return o }

// OriginOf returns where i comes from.
func OriginOf(i Instr) Origin { return i.origin() }

// Uses implements Instr.
func (i *Apply) Uses() []*Value { return i.Args }

// Uses implements Instr.
func (i *Read) Uses() []*Value { return nil }

// Uses implements Instr.
func (i *Write) Uses() []*Value { return []*Value{i.Value} }

// Uses implements Instr.
func (i *Grad) Uses() []*Value { return append([]*Value{i.Y}, i.Xs...) }

// Uses implements Instr. What the gradient body uses flows into gradients only.
func (i *Custom) Uses() []*Value { return append([]*Value{i.Y}, i.Xs...) }

// Uses implements Instr.
func (i *Scan) Uses() []*Value { return append(append([]*Value{}, i.Seqs...), i.Init...) }

// Uses implements Instr.
func (i *Loop) Uses() []*Value { return i.Init }

// Uses implements Instr.
func (i *Cond) Uses() []*Value { return []*Value{i.If} }

// Cell is a named tensor that outlives a call.
type Cell struct {
	Name    string // full path; of an optimiser's slot "optimizer/slot/param"
	Aliases []string
	Kind    ir.CellKind
	Type    ir.Type
	Init    *Init
	Pos     diag.Range // the declaration
	Call    diag.Range // the call that fixed its dims
	Frozen  bool
}

// Init is how a cell gets its first value: exactly one of the three, Const where the others are nil.
type Init struct {
	Const float64
	Draw  *Draw
	Graph *Graph // its only result
}

// Draw is a drawn tensor.
type Draw struct {
	Address string
	Dist    ir.Dist
	A, B    float64
	Value   *Value
	Arg     *Arg // the graph argument that it is the default of, or nil
	Pos     diag.Range
}

// Arg is an argument in the graph's signature.
type Arg struct {
	Name    string
	Value   *Value
	Cell    *Cell // of an inout argument: the cell it arrives in
	Draw    *Draw // the default is drawn
	Default *float64
	Doc     string
	Pos     diag.Range
}

// Clock is a scalar that the trainer keeps.
type Clock struct {
	Name  string
	Value *Value
}

// Result is a named result of a graph.
type Result struct {
	Name  string
	Role  ir.Role
	Value *Value
	Pos   diag.Range
}

// Graph is one elaborated entry point.
type Graph struct {
	Name    string
	Doc     string
	Train   bool
	Pos     diag.Range
	Facts   *dim.Facts
	Args    []*Arg
	Draws   []*Draw // all, in the order met
	Clocks  []*Clock
	Open    []diag.Range // where sizes are declared that only a run knows
	Body    *Body
	Results []*Result
}

// Optimizer is one optimiser with the slots that it owns.
type Optimizer struct {
	Name  string
	Slots []*Cell
}

// Model is one elaborated model.
type Model struct {
	Name       string
	Doc        string
	File       string
	Hyper      []ir.Hyper
	Cells      []*Cell // in order of creation; only those that a graph reaches
	Graphs     []*Graph
	Optimizers []*Optimizer
}

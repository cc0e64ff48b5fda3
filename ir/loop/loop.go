// Package loop is the kernel IR. A Nest says what a kernel computes, element by element: axes of iteration, affine
// accesses, a scalar body in SSA form, an optional reduction and the stores. It says nothing about machine registers,
// tiles or threads (codegen/kernel decides those) and knows neither operators nor names of layers. Storage type and
// computation type are apart: an access has the operand's element type, an instruction the type it computes in.
package loop

import (
	"mmc/ir/dim"
	"mmc/ir/dtype"
)

// Axis is one axis of iteration. Reduce axes are summed (or maximised, …) over; the others are parallel.
type Axis struct {
	Name   string // for people: n, c, h, w, k
	Extent dim.Expr
	Reduce bool
}

// Term is Coef times the position on Axes[Axis].
type Term struct {
	Axis int
	Coef dim.Expr
}

// Index is an affine form over the axes, plus optionally the run-time integer in register Via (gather, scatter).
type Index struct {
	Terms []Term
	Off   dim.Expr
	Via   Reg // NoReg unless indirect
}

// Reg is the number of an instruction of the body, which is also the value that it computes.
type Reg int

// NoReg means "no register".
const NoReg Reg = -1

// Access names an element of operand Arg: one Index per dimension of the operand. With Guard, positions outside the
// operand's extents are legal and read as Fill (padding, windows at the border); without it they cannot occur.
type Access struct {
	Arg   int
	Index []Index
	Guard bool
	Fill  float64
}

// Inst is one instruction of the body. Type is the type of its result.
type Inst struct {
	Op     *Scalar
	Type   dtype.DType
	Args   []Reg
	Imm    float64  // of Const
	Dim    dim.Expr // of DimValue
	Axis   int      // of Position
	Access *Access  // of Load
}

// Combine is how a reduction joins two values. All but the positions are associative up to rounding.
type Combine uint8

// The reductions. ReduceArgMax and ReduceArgMin yield the position along the flattened reduce axes of the first extreme value.
const (
	ReduceSum Combine = iota
	ReduceProd
	ReduceMax
	ReduceMin
	ReduceArgMax
	ReduceArgMin
)

func (c Combine) String() string {
	return [...]string{"sum", "prod", "max", "min", "argmax", "argmin"}[c]
}

// Acc is one accumulator over the reduce axes. Its final value can be used by instructions from Nest.Split on, as
// the result of an Inst whose Op is Result and whose Axis is the accumulator's number.
type Acc struct {
	Combine Combine
	Value   Reg
	Type    dtype.DType // of the accumulator; f32 sums of f32 unless said
}

// Store writes Value to result Out at Index (one per dimension of the result). With Accumulate it adds to what is
// there; several iterations may then meet on one element, and only axes that occur alone in an Index are safe to
// run in parallel.
type Store struct {
	Out        int
	Index      []Index
	Value      Reg
	Accumulate bool
}

// Nest is one loop nest. Instructions before Split run for every point of all axes, those from Split on once per
// point of the parallel axes, after the reduction. Without reduce axes Split is len(Body). Stores happen at the end of
// the part that their value belongs to.
type Nest struct {
	Axes   []Axis
	Body   []Inst
	Split  int
	Accs   []Acc
	Stores []Store
	// InitOut lists results that are filled with zero before the nest runs (for Accumulate).
	InitOut []int
}

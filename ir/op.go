package ir

import (
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// Kind is what passes may assume of an operator: the whole of its fusibility.
type Kind uint8

// The kinds, from the freest to the least free.
const (
	Elementwise Kind = iota // result element i depends on operand elements i alone; all shapes equal
	Broadcast               // repeats its operand along axes
	Injective               // moves elements: each result element is one operand element or a constant
	Reduction               // joins elements along axes
	Contraction             // sums products of two operands
	Window                  // joins elements of sliding windows
	Opaque                  // anything else
	Structural              // regions and markers
)

func (k Kind) String() string {
	return [...]string{"elementwise", "broadcast", "injective", "reduction", "contraction", "window", "opaque", "structural"}[k]
}

// Flags are further properties.
type Flags uint8

// The flags.
const (
	Commutative Flags = 1 << iota
	View              // the result is the operand's storage under another shape, where the storage is dense and row-major
	NoGradient        // not differentiable: the gradient is zero by definition (comparisons, integer results)
	Marker            // gone after passes/grad (grad, tap, declared gradients)
	Hidden            // not callable from .mm: made by passes and gradients only
)

// ParamKind is the type of an attribute: the Go type of its value in Node.Attrs.
type ParamKind uint8

// The attribute kinds with their Go types.
const (
	PInt    ParamKind = iota // int64
	PFloat                   // float64
	PBool                    // bool
	PText                    // string
	PInts                    // []int64
	PDim                     // dim.Expr
	PDims                    // []dim.Expr
	PDType                   // dtype.DType
	PFloats                  // []float64
)

// ParamSpec declares one attribute of an operator. Default nil means that it must be given.
type ParamSpec struct {
	Name    string
	Kind    ParamKind
	Default any
	Doc     string
}

// Op is the record of an operator: all that the compiler knows of it. Slots may be nil where said.
type Op struct {
	Name     string
	Doc      string   // one sentence, then shapes and the source of the formula; docs/language.md is generated from it
	Operands []string // names; a last name ending in "..." takes any number
	Params   []ParamSpec
	Kind     Kind
	Flags    Flags
	Regions  int

	// Infer gives the result types or says what is wrong.
	Infer func(in *Inference) ([]Type, error)
	// Grad builds the gradients of the operands from those of the results (nil = zero), one per operand (nil = zero).
	// nil with NoGradient.
	Grad func(b *Builder, n *Node, d []*Value) []*Value
	// Eval computes the results in float64: the meaning of the operator. Plain loops, independent of Lower.
	Eval func(c *EvalCall) error
	// Lower says how to compute the results, as nests that run in order. Operand i is Arg i, result j is Out j.
	// nil where Expand is set, or with View or Marker.
	Lower func(n *Node) []*loop.Nest
	// Expand rewrites the node into simpler ones; used before lowering where Lower is nil.
	Expand func(b *Builder, n *Node) []*Value
	// Samples are valid calls for conformance, gradient checks and fuzzing.
	Samples func() []Sample
}

// Has reports a flag.
func (o *Op) Has(f Flags) bool { return o.Flags&f != 0 }

// Variadic reports whether the last operand repeats.
func (o *Op) Variadic() bool {
	n := len(o.Operands)
	return n > 0 && len(o.Operands[n-1]) > 3 && o.Operands[n-1][len(o.Operands[n-1])-3:] == "..."
}

// Inference is what Infer sees.
type Inference struct {
	Op      *Op
	Args    []Type
	Attrs   []any
	Facts   *dim.Facts // never nil
	Regions []*Region
}

// Attr returns an attribute by name.
func (in *Inference) Attr(name string) any {
	n := Node{Op: in.Op, Attrs: in.Attrs}
	return n.Attr(name)
}

// TypeError is what Infer says is wrong. Operands are the indices of the operands at fault, Code is the diagnostic's code.
// Equal holds pairs of dims whose undecided equality is the cause, so that the checker can name the missing fact.
type TypeError struct {
	Code     string
	Message  string
	Hint     string
	Operands []int
	Equal    [][2]dim.Expr
}

func (e *TypeError) Error() string { return e.Message }

// Tensor is a host tensor of the evaluator: row-major, every element type as float64 (integers exact to 2^53, bool 0 or 1).
type Tensor struct {
	DType dtype.DType
	Shape []int
	Data  []float64
}

// EvalCall is what Eval sees: operands and, allocated with their shapes and zeroed, results.
type EvalCall struct {
	Node *Node
	Args []*Tensor
	Out  []*Tensor
	// Size evaluates a dim under the sizes of this run.
	Size func(dim.Expr) int
	// Run evaluates a region of the node.
	Run func(r *Region, args []*Tensor) ([]*Tensor, error)
}

// Sizes evaluates a list of dims.
func (c *EvalCall) Sizes(dims []dim.Expr) []int {
	out := make([]int, len(dims))
	for i, d := range dims {
		out[i] = c.Size(d)
	}
	return out
}

// Sample is a valid call: operand types (symbolic where Sizes gives the symbols), attributes by name, value ranges.
type Sample struct {
	Args  []Type
	Attrs map[string]any
	Sizes map[string]int64
	// Low and High bound the operand values (per operand; default -1..1), chosen away from kinks and poles.
	Low, High []float64
	// Orders is how often the gradient check may differentiate here (default 2, -1 for none).
	Orders int
	// Tolerance multiplies the default tolerance of conformance in float32.
	Tolerance float64
}

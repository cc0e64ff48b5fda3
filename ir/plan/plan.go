// Package plan is a graph made ready for a target: which kernels run, in which order, on which storage. The passes from
// layout to memplan produce it and every target consumes it. It is data: it chooses nothing itself.
package plan

import (
	"strconv"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// Group is a fused kernel before its operands have places: nests that run in order, all reading In and writing Out.
type Group struct {
	Nests   []*loop.Nest
	In, Out []*ir.Value
	Nodes   []*ir.Node // what it computes, in order
	Why     string     // why it ends here, for people
}

// Package is a whole model made ready.
type Package struct {
	Module *ir.Module
	// Prepare computes, once per loaded set of weights, what depends on cells alone: folded and packed weights.
	// Its results are the Prepared buffers of the graphs. nil where nothing is prepared.
	Prepare *Program
	// Init computes the first values of the cells whose Init is a graph. nil where none is.
	Init   *Program
	Graphs []*Program
}

// PreparedBytes is the memory of what Prepare computes, whose sizes are known when a model is loaded.
func (p *Package) PreparedBytes() (sum int64) {
	if p.Prepare == nil {
		return 0
	}
	for _, b := range p.Prepare.Buffers {
		if b.Space == Prepared {
			n, _ := b.Size.Const()
			sum += n * int64(b.DType.Size())
		}
	}
	return sum
}

// Program is one graph made ready.
type Program struct {
	Graph   *ir.Graph
	Buffers []*Buffer
	Steps   []*Step
	Args    map[*ir.Arg]View    // where each argument's value is read
	Results map[*ir.Result]View // where each result's value lies after the last step
	Arena   Arena
	Stats   Stats
}

// Space says who owns a buffer's memory.
type Space uint8

// The spaces.
const (
	ArenaSpace Space = iota // planned: Offset is its place in the session's arena
	Caller                  // an argument's own memory, row-major, read only
	CellSpace               // a cell's memory, row-major
	Prepared                // computed by Prepare, owned by the model, read only at run time
	Literal                 // a constant tensor of the package (Data)
)

func (s Space) String() string {
	return [...]string{"arena", "caller", "cell", "prepared", "literal"}[s]
}

// Buffer is a piece of memory.
type Buffer struct {
	ID    int
	Name  string // for people: the value's name or the instance path
	DType dtype.DType
	Size  dim.Expr // elements
	Space Space
	Arg   *ir.Arg   // of Caller
	Cell  *ir.Cell  // of CellSpace
	Data  []float64 // of Literal

	// First and Last are the steps at which an arena buffer begins and ceases to be live, both inclusive; Last is
	// len(Steps) for results.
	First, Last int
	// Offset is the place in the arena in bytes, set by memplan; a multiple of 64. It is written over the offsets of
	// buffers that come earlier in Arena.Order: their symbols are OffsetSymbol of their ID.
	Offset dim.Expr
	// Zero says that the buffer must be zero before its first writer runs: borders that kernels read as padding.
	// Borders lists what must be zeroed where that is less than the whole.
	Zero    bool
	Borders []Border
}

// Border is a zero frame: on dimension Axis of View, Low elements before and High elements behind the image.
type Border struct {
	View      View // the interior
	Axis      int
	Low, High dim.Expr
}

// View is how a value lies in a buffer: the address of element i is Offset + sum of Strides[k] * i[k], in elements.
type View struct {
	Buf     *Buffer
	Offset  dim.Expr
	Strides []dim.Expr
	Shape   []dim.Expr
	Panel   *Panel // nil but for packed operands
}

// Panel splits one axis of a view into panels of Width elements, as matrix kernels read their right operand: element i of
// that axis adds (i / Width) * Stride + i % Width to the address, and its entry in Strides is not used. The memory up to
// the end of the last panel exists and is zero beyond the axis' extent.
type Panel struct {
	Axis   int
	Width  int64
	Stride dim.Expr
}

// Step is one kernel call: a fused group. Operand Arg k of the nest is In[k], result k is Out[k].
type Step struct {
	Nest     *loop.Nest
	In, Out  []View
	Template Template
	Product  *loop.Product // of Gemm: the roles of the axes, innermost last within M, N and K
	Nodes    []*ir.Node
	Name     string // of the group, for people: "conv1+bn1+relu"
	Pos      diag.Range
	Why      string // why this template, for mmc show --stage fused
}

// Template names the family of kernels that computes a step.
type Template uint8

// The templates. Every nest can be computed by Loops; the others are faster where they apply.
const (
	Loops  Template = iota // any nest, scalar
	Map                    // elementwise over a strided space, vectorised along one axis
	Reduce                 // reduction, vectorised along a parallel or the innermost reduce axis
	Gemm                   // sum of products with epilogue, convolutions on bordered images included; partial sums may lie in Out
	Copy                   // movement of whole runs
)

func (t Template) String() string {
	return [...]string{"loops", "map", "reduce", "gemm", "copy"}[t]
}

// Arena is the session's memory.
type Arena struct {
	Order      []*Buffer // the planned buffers, each after those that its offset mentions; with marks of no size, which are no buffers
	Bytes      dim.Expr  // size, written over offsets
	LowerBound dim.Expr  // the largest sum of live buffers over the steps, for this order
	Unplanned  dim.Expr  // the sum of all buffers
}

// offsetPrefix begins the symbols of offsets.
const offsetPrefix = "offset_"

// OffsetSymbol is the symbol that stands for the offset of buffer id in other offsets.
func OffsetSymbol(id int) string { return offsetPrefix + strconv.Itoa(id) }

// Sizes evaluates offsets in order and returns them by buffer, with the arena's size in bytes.
func (a *Arena) Sizes(env func(string) (int64, bool)) (map[*Buffer]int64, int64, error) {
	symbols := map[string]int64{}
	lookup := func(name string) (int64, bool) {
		if v, ok := symbols[name]; ok {
			return v, true
		}
		return env(name)
	}
	offsets := map[*Buffer]int64{}
	for _, b := range a.Order {
		v, err := b.Offset.Eval(lookup)
		if err != nil {
			return nil, 0, err
		}
		offsets[b], symbols[OffsetSymbol(b.ID)] = v, v
	}
	total, err := a.Bytes.Eval(lookup)
	return offsets, total, err
}

// Stats are figures for mmc stats.
type Stats struct {
	NodesBefore int      // kernels if every node were one
	FLOPs       dim.Expr // of contractions and windows, two per multiply-add
	CellCopies  int
}

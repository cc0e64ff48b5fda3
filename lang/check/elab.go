package check

import (
	"fmt"
	"slices"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/lang/check/core"
	"mmc/lang/syntax"
)

// Limits bound the work on any input; a program that meets one gets an error that names it.
const (
	maxDepth  = 256       // nested expansions of blocks, functions and models
	maxNest   = 4_000     // nested evaluations, whatever their kind
	maxSteps  = 2_000_000 // evaluated expressions in one model
	maxInstrs = 500_000   // operations of one model
	maxText   = 10_000    // bytes of a compile-time string
	maxLength = 100_000   // elements of a compile-time list
	maxErrors = 100
)

// elab elaborates one model.
type elab struct {
	prog  *Program
	ops   func(string) *ir.Op
	diags *collector
	via   []diag.Range // the calls that led here, outermost first

	model      *core.Model
	root       *instance
	graphsDone map[string]*core.Graph   // entry points of the model by name
	cells      map[string]*core.Cell    // by full name
	used       map[string]*optimizerUse // optimisers by name, over all graphs

	steps, instrs int
	depth, nest   int
	failures      int // reports so far, repeated ones included

	mode
	state
}

// mode is what `in` sets and calls inherit.
type mode struct {
	training bool
	decoding bool
	float    dtype.DType // the default float type
	outside  dtype.DType // inside `in f64` and the like the float type around it, else Invalid
}

// state belongs to the graph at hand, or to the initial value at hand.
type state struct {
	graph    *core.Graph
	facts    *dim.Facts
	known    *dim.Facts   // the facts without what gaps assume
	gaps     []undecided  // equalities that the facts do not decide
	body     *core.Body   // where instructions go
	open     []*core.Body // the bodies around it, outermost first, body included
	ordinals map[string]int
	versions map[*core.Cell]*version
	clocks   map[string]*core.Value
	consts   map[*syntax.Cell]tensor
	mapping  *cellMap   // while an update of a whole instance evaluates its value for one cell
	init     *core.Cell // while its initial value is evaluated
}

// enter starts the state of a graph.
func (e *elab) enter(g *core.Graph) {
	g.Facts, g.Body = new(dim.Facts), &core.Body{}
	e.state = state{
		graph: g, facts: g.Facts, known: g.Facts, body: g.Body, open: []*core.Body{g.Body}, ordinals: map[string]int{},
		versions: map[*core.Cell]*version{}, clocks: map[string]*core.Value{}, consts: map[*syntax.Cell]tensor{},
	}
}

// inScope tells whether values made in a body can be used where instructions go now.
func (e *elab) inScope(b *core.Body) bool { return slices.Contains(e.open, b) }

// fail reports an error at a place and returns poison.
func (e *elab) fail(code string, at diag.Range, format string, args ...any) value {
	return e.report(diag.New(code, at, fmt.Sprintf(format, args...)))
}

// report adds a diagnostic and returns poison. A mistake that shows inside the library is the caller's: it is reported
// at the innermost call outside the library, with the library's line as a related place.
func (e *elab) report(d diag.Diagnostic) value {
	inner := d.Range
	chain := e.via
	if isStd(d.Range.File) {
		if i := lastUserCall(chain); i >= 0 {
			d.Range, chain = chain[i], chain[:i]
			d.Related = slices.Insert(slices.Clone(d.Related), 0, diag.Related{Range: inner, Message: "raised here, in the library"})
		}
	}
	d = calledFrom(d, chain)
	if inner != d.Range {
		inner = diag.Range{} // the library may stumble over one mistake several times
	}
	e.failures++
	if e.diags.add(d, inner) > maxErrors {
		panic(abandon{})
	}
	return poison{}
}

// calledFrom adds the calls that led to a mistake, innermost first, those on its own line and repetitions left out.
func calledFrom(d diag.Diagnostic, chain []diag.Range) diag.Diagnostic {
	last := d.Range
	for i, n := len(chain)-1, 0; i >= 0 && n < 4; i-- {
		if at := chain[i]; at.File != last.File || at.Start.Line != last.Start.Line {
			d, last, n = d.WithRelated(at, "called from here"), at, n+1
		}
	}
	return d
}

func lastUserCall(via []diag.Range) int {
	for i := len(via) - 1; i >= 0; i-- {
		if !isStd(via[i].File) {
			return i
		}
	}
	return -1
}

// abandon ends the elaboration of a model after an error that leaves nothing to go on with. It never leaves the package.
type abandon struct{}

// collector gathers diagnostics, each mistake once however often its code is expanded.
type collector struct {
	list diag.List
	seen map[mistake]bool
}

func (c *collector) count() int { return len(c.list) }

type mistake struct {
	at, inner diag.Range
	code      string
}

func (c *collector) add(d diag.Diagnostic, inner diag.Range) int {
	key := mistake{d.Range, inner, d.Code}
	if !inner.IsValid() {
		key.code = ""
	}
	if !c.seen[key] {
		c.seen[key] = true
		c.list = append(c.list, d)
	}
	return len(c.list)
}

// step counts one evaluation against the limits and enters it; leave ends it.
func (e *elab) step(at diag.Range) {
	e.steps++
	e.nest++
	if e.steps > maxSteps {
		e.fail("limit.steps", at, "the model takes more than %d steps to elaborate: is a compile-time loop or recursion too long?", maxSteps)
		panic(abandon{})
	}
	if e.nest > maxNest {
		e.fail("limit.depth", at, "expressions and expansions are nested deeper than %d", maxNest)
		panic(abandon{})
	}
}

func (e *elab) leave() { e.nest-- }

// call runs f as the expansion of a call at a place.
func (e *elab) call(at diag.Range, what string, f func()) {
	e.depth++
	if e.depth > maxDepth {
		e.fail("limit.depth", at, "%s: calls are nested deeper than %d: does the recursion end?", what, maxDepth)
		panic(abandon{})
	}
	via := e.via
	e.via = append(slices.Clip(via), at)
	f()
	e.via = via
	e.depth--
}

// origin is the origin of an instruction made for the expression at a place, in the namespace of f.
func (e *elab) origin(at diag.Range, f *frame) core.Origin {
	o := core.Origin{Pos: at, Outer: at}
	if len(e.via) > 0 {
		o.Outer = e.via[0]
	}
	if i := lastUserCall(e.via); isStd(at.File) && i >= 0 {
		o.Pos, o.Inner = e.via[i], at
	}
	if f != nil && f.inst != nil {
		o.Path = f.inst.path
	}
	return o
}

// emit appends an instruction to the body at hand.
func (e *elab) emit(i core.Instr) {
	if e.instrs++; e.instrs > maxInstrs {
		e.fail("limit.steps", core.OriginOf(i).Pos, "the model has more than %d operations: is a compile-time loop or recursion too long?", maxInstrs)
		panic(abandon{})
	}
	e.body.Instrs = append(e.body.Instrs, i)
}

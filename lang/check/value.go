package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/lang/check/core"
	"mmc/lang/syntax"
)

// value is what an expression evaluates to during elaboration.
type value interface {
	// kind names the sort of value for messages, with its article.
	kind() string
}

type (
	// poison stands for a value whose computation has already been reported.
	poison struct{}
	// boolean is a compile-time bool.
	boolean bool
	// text is a string.
	text string
	// none is the absent optional argument.
	none struct{}
	// list is a compile-time list.
	list []value
	// tuple is several results, with their names where the signature gives them.
	tuple struct {
		elems []value
		names []string
	}
	// tensor is a value of the core program.
	tensor struct{ *core.Value }
	// element is an element type, such as f32.
	element dtype.DType
	// tensorType is an element type with a shape, such as i32[N], as an argument of zeros and the like.
	tensorType struct{ ir.Type }
	// template is a block or model with the hyperparameters given so far; calling it gives more of them.
	template struct {
		decl  *decl
		args  []*argument
		ready bool // the hyperparameter parentheses have been read: the next call is an application
	}
	// function is a fn with the scope that it closes over.
	function struct {
		decl  *syntax.Fn
		scope *scope
	}
	// operator is an operator record.
	operator struct{ *ir.Op }
	// builtin is a compile-time function of the elaborator.
	builtin struct {
		name string
		call func(e *elab, c *callSite) value
	}
	// place is an instance, or a prefix of the labels in one, or a cell in one, before it is known which.
	place struct {
		inst *instance
		rest string // labels after inst; "" for inst itself
	}
	// cellRef is a declared cell; using it as a tensor reads the current version.
	cellRef struct{ *core.Cell }
	// graphRef is a graph of a model instance.
	graphRef struct {
		inst *instance
		decl *syntax.Graph
	}
	// distribution is what draws come from.
	distribution struct {
		dist ir.Dist
		a, b float64
	}
	// optimizer is an optimiser with its arguments, not yet evaluated since they may depend on the step.
	optimizer struct {
		decl  *decl
		call  *syntax.Call
		frame *frame
		name  string
		over  []syntax.Expr
	}
)

func (poison) kind() string       { return "an error" }
func (boolean) kind() string      { return "a bool" }
func (text) kind() string         { return "a string" }
func (none) kind() string         { return "none" }
func (list) kind() string         { return "a list" }
func (t tuple) kind() string      { return fmt.Sprintf("%d results", len(t.elems)) }
func (tensor) kind() string       { return "a tensor" }
func (element) kind() string      { return "an element type" }
func (tensorType) kind() string   { return "a tensor type" }
func (t template) kind() string   { return "a " + t.decl.what }
func (function) kind() string     { return "a function" }
func (operator) kind() string     { return "a function" }
func (builtin) kind() string      { return "a function" }
func (p place) kind() string      { return "an instance" }
func (c cellRef) kind() string    { return "a " + c.Kind.String() }
func (graphRef) kind() string     { return "a graph" }
func (distribution) kind() string { return "a distribution" }
func (optimizer) kind() string    { return "an optimizer" }

func isPoison(v value) bool { _, ok := v.(poison); return ok }

// describe says what v is, with its type or value where that helps.
func (e *elab) describe(v value) string {
	switch v := v.(type) {
	case tensor:
		return e.showType(v.Type)
	case cellRef:
		return v.kind() + " " + e.showType(v.Type)
	case number, boolean, text, element, list, tensorType:
		return e.show(v)
	default:
		return v.kind()
	}
}

// show prints a compile-time value as .mm would write it.
func (e *elab) show(v value) string {
	switch v := v.(type) {
	case number:
		return v.show(e)
	case boolean:
		return fmt.Sprint(bool(v))
	case text:
		return fmt.Sprintf("%q", string(v))
	case element:
		return dtype.DType(v).String()
	case tensorType:
		return e.showType(v.Type)
	case none:
		return "none"
	case list:
		return "[" + e.showAll(v) + "]"
	case tuple:
		return "(" + e.showAll(v.elems) + ")"
	case template:
		return v.decl.name
	case function:
		return v.decl.Name.Name
	case operator:
		return v.Name
	default:
		return v.kind()
	}
}

func (e *elab) showAll(vs []value) string {
	parts := make([]string, len(vs))
	for i, v := range vs {
		parts[i] = e.show(v)
	}
	return strings.Join(parts, ", ")
}

// showType prints a type in the user's dim names, without the element type where it is the default float.
func (e *elab) showType(t ir.Type) string {
	if t.DType == e.float {
		return e.showShape(t.Shape)
	}
	return t.DType.String() + e.showShape(t.Shape)
}

func (e *elab) showShape(shape []dim.Expr) string {
	parts := make([]string, len(shape))
	for i, d := range shape {
		parts[i] = e.facts.Show(d)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// argument is an evaluated argument of a call.
type argument struct {
	name  string // "" for a positional one
	value value
	at    diag.Range
	label diag.Range // of the name
}

// nameAt is where the name stands; an argument of the command line has a place as a whole.
func (a *argument) nameAt() diag.Range {
	if a.label.IsValid() {
		return a.label
	}
	return a.at
}

func sortedUnique(names []string) []string {
	slices.SortFunc(names, cmp.Compare[string])
	return slices.Compact(names)
}

package check

import (
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/lang/syntax"
)

// This file gives meaning to tensor types: evaluates them, and unifies them with the types of arguments, which binds the
// dims that a signature introduces.

// dimOf evaluates an entry of a shape that introduces nothing.
func (e *elab) dimOf(x syntax.Expr, f *frame) (dim.Expr, bool) {
	v := e.eval(x, f)
	return e.asDim(v, x.Span())
}

// asDim makes a number a size.
func (e *elab) asDim(v value, at diag.Range) (dim.Expr, bool) {
	n, ok := v.(number)
	switch {
	case isPoison(v):
		return dim.Expr{}, false
	case !ok:
		d := diag.New("dim.type", at, "a size must be an int or a dim, not "+e.describe(v))
		if _, data := v.(tensor); data {
			d.Hint = "a tensor never becomes a dim: sizes must be known from shapes"
		}
		e.report(d)
		return dim.Expr{}, false
	case !n.exact:
		if c := n.float; n.integral() {
			return dim.Int(int64(c)), true
		}
		e.fail("dim.type", at, "a size must be whole, not %s", n.show(e))
		return dim.Expr{}, false
	}
	d, ok := e.facts.Exact(n.ratio)
	if !ok {
		return e.notWhole(n, at)
	}
	if err := d.Err(); err != nil {
		e.fail("dim.range", at, "%s", err)
		return dim.Expr{}, false
	}
	return d, true
}

// notWhole reports a quotient that is not known to be whole, with the fact that would make it so.
func (e *elab) notWhole(n number, at diag.Range) (dim.Expr, bool) {
	num, den := n.ratio.Parts()
	d := diag.New("dim.whole", at, n.show(e)+" is not known to be whole")
	if n.isConst() {
		e.report(diag.New("dim.whole", at, n.show(e)+" is not whole").WithHint("write floor(..) or ceil(..)"))
		return dim.Expr{}, false
	}
	d.Hint = fmt.Sprintf("write floor(..) or ceil(..), or add `where %s %% %s == 0`", e.facts.Show(num), e.facts.Show(den))
	floor := num.FloorDiv(den)
	if !e.undecided([][2]dim.Expr{{floor.Mul(den), num}}, d) {
		e.report(d)
		return dim.Expr{}, false
	}
	return floor, true
}

// dtypeOf is the element type that a tensor type names; "" is the default float type.
func (e *elab) dtypeOf(name string, at diag.Range) (dtype.DType, bool) {
	if name == "" {
		return e.float, true
	}
	t, ok := dtype.Parse(name)
	if !ok {
		var names []string
		for _, d := range dtype.All() {
			names = append(names, d.String())
		}
		e.report(withSuggestion(diag.New("type.unknown", at, "there is no element type "+name), name, names))
	}
	return t, ok
}

// typeOf evaluates the type of a cell or result: all its dims must be known.
func (e *elab) typeOf(t syntax.Type, f *frame) (ir.Type, bool) {
	switch t := t.(type) {
	case *syntax.TensorType:
		dt, ok := e.dtypeOf(t.DType, t.Range)
		shape, ok2 := e.shapeOf(t.Dims, f)
		return ir.Type{DType: dt, Shape: shape}, ok && ok2
	case *syntax.NamedType:
		dt, ok := e.scalarType(t)
		return ir.Type{DType: dt}, ok
	case *syntax.LikeType:
		return e.likeType(t, f)
	}
	e.fail("type.tensor", t.Span(), "a tensor type is needed here")
	return ir.Type{}, false
}

// scalarType is the element type of a bare name where a tensor scalar is meant.
func (e *elab) scalarType(t *syntax.NamedType) (dtype.DType, bool) {
	switch t.Name {
	case "float":
		return e.float, true
	case "int":
		return dtype.I32, true
	}
	return e.dtypeOf(t.Name, t.Range)
}

func (e *elab) likeType(t *syntax.LikeType, f *frame) (ir.Type, bool) {
	name, ok := e.pathText(t.Path, f)
	if !ok {
		return ir.Type{}, false
	}
	v, ok := f.lookup(name)
	if !ok {
		if p, found := e.findPlace(f.inst, name); found {
			v, ok = e.cellAt(p)
		}
	}
	switch v := v.(type) {
	case tensor:
		return v.Type, true
	case cellRef:
		return v.Type, true
	}
	if !ok {
		e.unknown(name, t.Path.Range, f)
	} else {
		e.fail("type.like", t.Range, "like needs a tensor, and %s is %s", name, v.kind())
	}
	return ir.Type{}, false
}

func (e *elab) shapeOf(dims []*syntax.Dim, f *frame) ([]dim.Expr, bool) {
	var out []dim.Expr
	good := true
	for _, d := range dims {
		if d.Ellipsis {
			if list, ok := e.ellipsis(f, d.Range); ok {
				out = append(out, list...)
			} else {
				good = false
			}
			continue
		}
		if !e.settled(d) {
			good = false
			continue
		}
		v, ok := e.dimOf(d.Expr, f)
		if !ok {
			good = false
			continue
		}
		out = append(out, v)
	}
	return out, good
}

// ellipsis is what ... stands for in f.
func (e *elab) ellipsis(f *frame, at diag.Range) ([]dim.Expr, bool) {
	for g := f; g != nil; g = g.outer {
		if g.hasDots {
			return g.ellipsis, true
		}
	}
	e.fail("dim.ellipsis", at, "... stands for nothing here: no argument has it in its type")
	return nil, false
}

// bindType unifies the declared type of an argument with an actual type. Capitalised names that are not bound yet are
// bound to the actual dims. mismatch makes the diagnostic; it returns false after an error.
func (e *elab) bindType(t *syntax.TensorType, actual ir.Type, f *frame, mismatch func(why string) diag.Diagnostic) bool {
	if !e.fitsDType(t, actual.DType) {
		e.report(mismatch("the element types differ"))
		return false
	}
	dots := ellipsisAt(t.Dims)
	n := len(t.Dims)
	if dots >= 0 && len(actual.Shape) < n-1 || dots < 0 && len(actual.Shape) != n {
		e.report(mismatch("the numbers of axes differ"))
		return false
	}
	shape := actual.Shape
	for i, d := range t.Dims {
		if i == dots {
			k := len(actual.Shape) - (n - 1)
			if !e.bindDots(shape[:k], f, mismatch) {
				return false
			}
			shape = shape[k:]
			continue
		}
		if !e.bindDim(d, shape[0], f, mismatch) {
			return false
		}
		shape = shape[1:]
	}
	return true
}

// fitsDType tells whether an actual element type fits a declared one; the default float stands for any float type.
func (e *elab) fitsDType(t *syntax.TensorType, actual dtype.DType) bool {
	if t.DType == "" {
		return actual.IsFloat()
	}
	return t.DType == actual.String()
}

func ellipsisAt(dims []*syntax.Dim) int {
	for i, d := range dims {
		if d.Ellipsis {
			return i
		}
	}
	return -1
}

func (e *elab) bindDots(shape []dim.Expr, f *frame, mismatch func(string) diag.Diagnostic) bool {
	if !f.hasDots {
		f.ellipsis, f.hasDots = shape, true
		return true
	}
	if len(f.ellipsis) != len(shape) {
		e.report(mismatch("... stands for " + e.showShape(f.ellipsis)))
		return false
	}
	for i := range shape {
		if !e.requireEqual(f.ellipsis[i], shape[i], mismatch) {
			return false
		}
	}
	return true
}

// bindDim unifies one entry of a shape.
func (e *elab) bindDim(d *syntax.Dim, actual dim.Expr, f *frame, mismatch func(string) diag.Diagnostic) bool {
	if d.Unknown != "" {
		return e.bindOpen(d, actual, f, mismatch)
	}
	name := newDim(d.Expr, f)
	if name == "" {
		want, ok := e.dimOf(d.Expr, f)
		return ok && e.requireEqual(want, actual, mismatch)
	}
	if _, plain := d.Expr.(*syntax.PathExpr); plain {
		f.fix(name, sized(actual), d.Range)
		return true
	}
	return e.solveDim(d, name, actual, f, mismatch)
}

// bindOpen accepts what is at most the bound of a size that only the run knows.
func (e *elab) bindOpen(d *syntax.Dim, actual dim.Expr, f *frame, mismatch func(string) diag.Diagnostic) bool {
	if d.Expr != nil {
		bound, ok := e.dimOf(d.Expr, f)
		if !ok {
			return false
		}
		if !e.facts.AtMost(actual, bound) {
			e.report(mismatch(fmt.Sprintf("%s is not known to be at most %s", e.facts.Show(actual), e.facts.Show(bound))))
			return false
		}
	}
	if e.graph != nil {
		e.graph.Open = append(e.graph.Open, d.Range)
	}
	return true
}

// settled refuses a size that only the run knows, where sizes must be known before it.
func (e *elab) settled(d *syntax.Dim) bool {
	if d.Unknown != "" {
		e.fail("dim.open", d.Range, "?%s is known after the run alone, so it stands in the type of a result", d.Unknown)
	}
	return d.Unknown == ""
}

// solveDim binds a new name inside an expression such as S + 1, which must be linear in it.
func (e *elab) solveDim(d *syntax.Dim, name string, actual dim.Expr, f *frame, mismatch func(string) diag.Diagnostic) bool {
	unknown := dim.Sym(name)
	if len(newDims(d.Expr, f)) > 1 {
		e.fail("dim.solve", d.Range, "%s is introduced in an expression that does not determine it", name)
		return false
	}
	f.fix(name, sized(unknown), d.Range)
	want, ok := e.dimOf(d.Expr, f)
	if !ok {
		return false
	}
	rest := want.Subst(map[string]dim.Expr{name: {}})
	slope, linear := want.Sub(rest).Subst(map[string]dim.Expr{name: dim.Int(1)}).Const()
	if !linear || slope == 0 || !rest.Add(unknown.Mul(dim.Int(slope))).Equal(want) {
		e.fail("dim.solve", d.Range, "%s is introduced in an expression that does not determine it", name)
		return false
	}
	q, ok := e.facts.DivExact(actual.Sub(rest), dim.Int(slope))
	if !ok {
		e.report(mismatch(fmt.Sprintf("%s is not %s for any %s", e.facts.Show(actual), e.facts.Show(want), name)))
		return false
	}
	f.fix(name, sized(q), d.Range)
	return true
}

// newDim finds the capitalised name that an entry of a shape introduces, or "".
func newDim(x syntax.Expr, f *frame) string {
	if names := newDims(x, f); len(names) > 0 {
		return names[0]
	}
	return ""
}

// newDims lists the capitalised names that an entry of a shape introduces.
func newDims(x syntax.Expr, f *frame) []string {
	var names []string
	eachName(x, func(n string) {
		if !capitalised(n) || slices.Contains(names, n) {
			return
		}
		if _, bound := f.lookup(n); !bound && !isValue(f.scope.lookup(n)) {
			names = append(names, n)
		}
	})
	return names
}

// isValue tells whether a declaration, or none, could be a size: model M does not keep its graphs from having a dim M.
func isValue(d *decl) bool {
	if d == nil {
		return false
	}
	switch d.node.(type) {
	case *syntax.Model, *syntax.Block:
		return false
	}
	return true
}

// eachName visits the plain names in the arithmetic of a shape.
func eachName(x syntax.Expr, visit func(string)) {
	switch x := x.(type) {
	case *syntax.PathExpr:
		visit(x.Name.Word())
	case *syntax.Paren:
		eachName(x.X, visit)
	case *syntax.Unary:
		eachName(x.X, visit)
	case *syntax.Binary:
		eachName(x.X, visit)
		eachName(x.Y, visit)
	case *syntax.Call:
		for _, a := range x.Args {
			eachName(a.Value, visit)
		}
	}
}

func capitalised(name string) bool {
	r, _ := utf8.DecodeRuneInString(name)
	return unicode.IsUpper(r)
}

// requireEqual demands that two dims are known to be equal.
func (e *elab) requireEqual(want, actual dim.Expr, mismatch func(string) diag.Diagnostic) bool {
	if e.facts.Equal(want, actual) {
		return true
	}
	d := mismatch(fmt.Sprintf("%s is not %s", e.facts.Show(actual), e.facts.Show(want)))
	if e.undecided([][2]dim.Expr{{want, actual}}, d) {
		return true
	}
	e.report(d)
	return false
}

// showDeclared prints a declared type as it is written.
func (e *elab) showDeclared(t syntax.Type) string { return e.source(t.Span()) }

// source is the text of a range.
func (e *elab) source(at diag.Range) string {
	for _, file := range e.prog.Files {
		if file.Name == at.File && at.End.Offset <= len(file.Source) && at.Start.Offset <= at.End.Offset {
			return file.Source[at.Start.Offset:at.End.Offset]
		}
	}
	return "the declared type"
}

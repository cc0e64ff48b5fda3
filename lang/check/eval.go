package check

import (
	"slices"
	"strconv"
	"strings"

	"mmc/internal/diag"
	"mmc/ir/dtype"
	"mmc/lang/syntax"
)

// eval evaluates an expression. Every kind of expression has a method of its own.
func (e *elab) eval(x syntax.Expr, f *frame) value {
	if x == nil {
		return poison{}
	}
	e.step(x.Span())
	defer e.leave()
	switch x := x.(type) {
	case *syntax.PathExpr:
		return e.evalName(x, f)
	case *syntax.Number:
		return e.evalNumber(x)
	case *syntax.String:
		return text(x.Value)
	case *syntax.Word:
		return e.evalWord(x, f)
	case *syntax.List:
		return e.evalList(x, f)
	case *syntax.Tuple:
		return e.evalTuple(x, f)
	case *syntax.Paren:
		return e.eval(x.X, f)
	case *syntax.Unary:
		return e.evalUnary(x, f)
	case *syntax.Binary:
		return e.evalBinary(x, f)
	case *syntax.Call:
		return e.evalCall(x, f)
	case *syntax.Pipe:
		return e.evalPipe(x, f)
	case *syntax.Select:
		return e.evalSelect(x, f)
	case *syntax.Index:
		return e.evalIndex(x, f)
	case *syntax.IfExpr:
		return e.evalIf(x, f)
	case *syntax.In:
		return e.evalIn(x, f)
	case *syntax.Scan:
		return e.evalScan(x, f)
	case *syntax.Loop:
		return e.evalLoop(x, f)
	case *syntax.Cond:
		return e.evalCond(x, f)
	}
	return poison{} // *syntax.Bad: the parser has reported it
}

// pathText is the text of a dotted path with its interpolations filled in; ok is false after an error.
func (e *elab) pathText(p *syntax.Path, f *frame) (string, bool) {
	if w := p.Word(); w != "" {
		return w, true
	}
	parts := make([]string, len(p.Parts))
	for i, part := range p.Parts {
		s, ok := e.partText(part, f)
		if !ok {
			return "", false
		}
		parts[i] = s
	}
	return strings.Join(parts, "."), true
}

func (e *elab) partText(part syntax.PathPart, f *frame) (string, bool) {
	if len(part.Pieces) == 1 && part.Pieces[0].Expr == nil {
		return part.Pieces[0].Text, true
	}
	var b strings.Builder
	for _, piece := range part.Pieces {
		if piece.Expr == nil {
			b.WriteString(piece.Text)
			continue
		}
		switch v := e.eval(piece.Expr, f).(type) {
		case number:
			n, ok := v.integer()
			if !ok {
				e.fail("name.interpolation", piece.Expr.Span(), "a name can hold an int or a string, not %s", e.show(v))
				return "", false
			}
			b.WriteString(strconv.FormatInt(n, 10))
		case text:
			b.WriteString(string(v))
		case poison:
			return "", false
		default:
			e.fail("name.interpolation", piece.Expr.Span(), "a name can hold an int or a string, not %s", v.kind())
			return "", false
		}
	}
	return b.String(), true
}

// evalName looks a name up as a value: bound names, declarations, the elaborator's own functions, operators; and
// last instances, for what takes them by path.
func (e *elab) evalName(x *syntax.PathExpr, f *frame) value {
	name, ok := e.pathText(x.Name, f)
	if !ok {
		return poison{}
	}
	if v, ok := f.lookup(name); ok {
		if _, isGraph := v.(graphRef); isGraph && e.clock(name) != nil {
			return e.clock(name) // a train graph is often called step itself
		}
		return e.read(v, x.Range, f)
	}
	if v := e.global(name, f); v != nil {
		return v
	}
	if p, ok := e.findPlace(f.inst, name); ok {
		return e.mapped(p, x.Range, f)
	}
	return e.unknown(name, x.Range, f)
}

// global finds what a name means outside all frames: a declaration, a clock, a built-in function, an operator.
func (e *elab) global(name string, f *frame) value {
	if d := f.scope.lookup(name); d != nil {
		return e.declared(d)
	}
	if v := e.clock(name); v != nil {
		return v
	}
	if v, ok := constants[name]; ok {
		return v
	}
	if b, ok := builtins[name]; ok {
		return b
	}
	if t, ok := dtype.Parse(name); ok {
		return element(t)
	}
	if op := e.userOp(name); op != nil {
		return operator{op}
	}
	return nil
}

// declared is the value of a declaration.
func (e *elab) declared(d *decl) value {
	switch n := d.node.(type) {
	case *syntax.Block, *syntax.Model:
		return template{decl: d}
	case *syntax.Fn:
		return function{n, d.scope}
	case *syntax.Cell:
		return e.constant(n, d.scope)
	}
	return template{decl: d} // an optimizer
}

// planned are operators that the language will have. A program may declare functions of these names.
var planned = []string{
	"attend", "cumsum", "cumprod", "cummax", "sort", "argsort", "top_k", "searchsorted", "nonzero", "masked_select", "sample_categorical",
	"fft", "ifft", "rfft", "irfft", "stft", "istft", "cholesky", "solve", "svd", "eigh",
}

// unknown reports a name without a meaning, with the nearest one that has a meaning.
func (e *elab) unknown(name string, at diag.Range, f *frame) value {
	if arm, ok := f.armOf(name); ok {
		d := diag.New("name.arm", at, name+" has no value here: it is bound only in an arm that is not taken")
		return e.report(d.WithRelated(arm, "bound here").WithHint("bind it before the if, or in both arms"))
	}
	if slices.Contains(planned, name) {
		d := diag.New("later.operator", at, "the operator "+name+" is not compiled yet")
		return e.report(d.WithHint("write it with the operators that there are, as a function of that name"))
	}
	d := withSuggestion(diag.New("name.unknown", at, name+" is not known here"), name, e.visible(f))
	return e.report(d)
}

// visible lists all names that could have been meant, those of this place first.
func (e *elab) visible(f *frame) []string {
	names := f.names()
	if f.inst != nil {
		names = append(names, f.inst.order...)
	}
	far := f.scope.all()
	for n := range builtins {
		far = append(far, n)
	}
	for n := range constants {
		far = append(far, n)
	}
	for _, n := range e.prog.opts.Names {
		if e.userOp(n) != nil {
			far = append(far, n)
		}
	}
	return append(sortedUnique(names), sortedUnique(far)...)
}

func (e *elab) evalNumber(x *syntax.Number) value {
	digits := strings.ReplaceAll(x.Text, "_", "")
	if x.Int {
		n, err := strconv.ParseInt(digits, 0, 64)
		if err != nil {
			n, err = strconv.ParseInt(digits, 10, 64) // leading zeros
		}
		if err != nil {
			return e.fail("number.range", x.Range, "%s does not fit 64 bits", x.Text)
		}
		return whole(n)
	}
	v, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return e.fail("number.range", x.Range, "%s does not fit a float", x.Text)
	}
	return real64(v)
}

func (e *elab) evalWord(x *syntax.Word, f *frame) value {
	switch x.Name {
	case "true", "false":
		return boolean(x.Name == "true")
	case "none":
		return none{}
	case "training":
		return boolean(e.training)
	case "decoding":
		return boolean(e.decoding)
	case "self":
		if f.inst == nil {
			return e.fail("name.self", x.Range, "self is the model, and there is none here")
		}
		return place{inst: e.root}
	}
	return e.fail("name.word", x.Range, "%s has no value here", x.Name)
}

func (e *elab) evalList(x *syntax.List, f *frame) value {
	out := make(list, len(x.Elems))
	bad := false
	for i, elem := range x.Elems {
		out[i] = e.eval(elem, f)
		bad = bad || isPoison(out[i])
	}
	if bad {
		return poison{}
	}
	return out
}

func (e *elab) evalTuple(x *syntax.Tuple, f *frame) value {
	elems := make([]value, len(x.Elems))
	for i, elem := range x.Elems {
		elems[i] = e.eval(elem, f)
	}
	return tuple{elems: elems}
}

// evalBool evaluates a compile-time condition. On data and on undecided dims it says what to write instead.
func (e *elab) evalBool(x syntax.Expr, f *frame) (result, ok bool) {
	v := e.eval(x, f)
	switch v := v.(type) {
	case boolean:
		return bool(v), true
	case poison:
		return false, false
	case tensor:
		e.report(diag.New("if.data", x.Span(), "if needs a compile-time bool, and this depends on data").
			WithHint("choose element by element with select(c, a, b), or by a scalar with cond(c) { .. } else { .. }"))
		return false, false
	}
	e.fail("if.type", x.Span(), "a condition must be a bool, not %s", e.describe(v))
	return false, false
}

// evalSelect evaluates x.name: the transpose, a named result, a graph or a cell or a part of an instance.
func (e *elab) evalSelect(x *syntax.Select, f *frame) value {
	name, ok := e.partText(x.Name, f)
	if !ok {
		return poison{}
	}
	base := e.evalBase(x.X, f)
	if p, isPlace := base.(place); isPlace {
		if c, isCell := e.cellAt(p); isCell {
			base = e.read(c, x.X.Span(), f)
		}
	}
	switch v := base.(type) {
	case poison:
		return v
	case place:
		return e.selectPlace(v, name, x.Range, f)
	case tuple:
		for i, n := range v.names {
			if n == name {
				return v.elems[i]
			}
		}
		return e.report(withSuggestion(diag.New("name.result", x.Name.Range, "there is no result "+name), name, v.names))
	}
	if name == "T" {
		return e.transpose(base, x.Range, f)
	}
	return e.fail("name.member", x.Name.Range, "%s has no member %s", e.describe(base), name)
}

// evalBase evaluates what stands before a dot: a label goes before a value of the same name.
func (e *elab) evalBase(x syntax.Expr, f *frame) value {
	switch x := x.(type) {
	case *syntax.PathExpr:
		name, ok := e.pathText(x.Name, f)
		if !ok {
			return poison{}
		}
		if _, bound := f.lookup(name); !bound {
			if p, ok := e.findPlace(f.inst, name); ok {
				return p
			}
		}
	case *syntax.Select:
		name, ok := e.partText(x.Name, f)
		if !ok {
			return poison{}
		}
		if p, ok := e.evalBase(x.X, f).(place); ok {
			return e.selectBase(p, name, x.Range)
		}
	}
	return e.eval(x, f)
}

package check

import (
	"fmt"
	"slices"
	"strings"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dtype"
	"mmc/lang/syntax"
)

// This file passes arguments: assigns them to parameters by position and name, converts them to the declared types,
// and evaluates defaults.

// evalArgs evaluates the arguments of a call. ok is false where one is poison.
func (e *elab) evalArgs(args []*syntax.Arg, f *frame) (out []*argument, ok bool) {
	ok = true
	for _, a := range args {
		v := e.eval(a.Value, f)
		ok = ok && !isPoison(v)
		out = append(out, &argument{a.Name.Name, v, a.Value.Span(), a.Name.Range})
	}
	return out, ok
}

// assign gives each parameter its argument, or nil. It reports unknown names, repetitions and what is too many.
func (e *elab) assign(params []*syntax.Param, args []*argument, callee string, at diag.Range) ([]*argument, bool) {
	slots := make([]*argument, len(params))
	next, good := 0, true
	for _, a := range args {
		i := -1
		if a.name == "" {
			for next < len(params) && (isDrawn(params[next]) || slots[next] != nil) {
				next++
			}
			if next == len(params) {
				e.fail("call.arity", a.at, "%s takes %s, and this is one more", callee, signatureText(params))
				return nil, false
			}
			i = next
		} else if i = slices.IndexFunc(params, func(p *syntax.Param) bool { return p.Name.Name == a.name }); i < 0 {
			e.report(withSuggestion(diag.New("call.name", a.nameAt(), fmt.Sprintf("%s has no parameter %s; it takes %s", callee, a.name, signatureText(params))), a.name, paramNames(params)))
			good = false
			continue
		}
		if slots[i] != nil {
			e.report(diag.New("call.twice", a.at, params[i].Name.Name+" is given twice").WithRelated(slots[i].at, "the first time"))
			good = false
			continue
		}
		slots[i] = a
	}
	for i, p := range params {
		if slots[i] == nil && p.Default == nil && good {
			e.report(diag.New("call.missing", at, fmt.Sprintf("%s needs %s", callee, p.Name.Name)).WithRelated(p.Range, "declared here"))
			good = false
		}
	}
	return slots, good
}

func signatureText(params []*syntax.Param) string {
	if len(params) == 0 {
		return "no arguments"
	}
	return "(" + strings.Join(paramNames(params), ", ") + ")"
}

func paramNames(params []*syntax.Param) []string {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.Name.Name
	}
	return names
}

// isDrawn tells whether a parameter's default is a distribution, which makes it keyword-only.
func isDrawn(p *syntax.Param) bool {
	c, ok := p.Default.(*syntax.Call)
	if !ok {
		return false
	}
	name, ok := c.Fun.(*syntax.PathExpr)
	return ok && distributions[name.Name.Word()] != nil
}

// bindData binds data arguments: first what is compile-time, then tensors, which bind dims, then constants, which take
// the shapes those dims give, then defaults in order.
func (e *elab) bindData(f *frame, params []*syntax.Param, args []*argument, callee string, at diag.Range) bool {
	slots, good := e.assign(params, args, callee, at)
	if slots == nil {
		return false
	}
	turns := []func(p *syntax.Param, a *argument) bool{
		func(p *syntax.Param, a *argument) bool { return !isData(p) },
		func(p *syntax.Param, a *argument) bool { _, ok := a.value.(tensor); return ok },
		func(p *syntax.Param, a *argument) bool { return true },
	}
	done := make([]bool, len(params))
	for _, turn := range turns {
		for i, p := range params {
			if slots[i] != nil && !done[i] && turn(p, slots[i]) {
				done[i] = true
				good = e.bindArgument(f, p, slots[i], callee) && good
			}
		}
	}
	for i, p := range params {
		if slots[i] == nil {
			good = e.bindDefault(f, p, callee) && good
		}
	}
	return good
}

// bindArgument binds one data parameter.
func (e *elab) bindArgument(f *frame, p *syntax.Param, a *argument, callee string) bool {
	if isPoison(a.value) {
		f.fix(p.Name.Name, poison{}, p.Name.Range)
		return false
	}
	if !isData(p) {
		if e.bindScalar(f, p, a) {
			return true
		}
		return e.bindCompileTime(f, p, a, callee)
	}
	v := e.dataArgument(f, p, a, callee)
	f.vars[p.Name.Name] = v
	return !isPoison(v)
}

// bindScalar binds a tensor scalar to a parameter of type float or bool.
func (e *elab) bindScalar(f *frame, p *syntax.Param, a *argument) bool {
	t, ok := a.value.(tensor)
	n, named := p.Type.(*syntax.NamedType)
	if !ok || !named || len(t.Type.Shape) != 0 {
		return false
	}
	if n.Name == "float" && t.Type.DType.IsFloat() || n.Name == "bool" && t.Type.DType == dtype.Bool {
		f.vars[p.Name.Name] = t
		return true
	}
	return false
}

// dataArgument converts an argument to a parameter's tensor type.
func (e *elab) dataArgument(f *frame, p *syntax.Param, a *argument, callee string) value {
	tt, ok := p.Type.(*syntax.TensorType)
	if !ok {
		named := p.Type.(*syntax.NamedType)
		tt = &syntax.TensorType{At: named.At, DType: named.Name}
	}
	switch v := a.value.(type) {
	case none:
		return v
	case tensor:
		for _, d := range tt.Dims {
			if !e.settled(d) {
				return poison{}
			}
		}
		mismatch := func(why string) diag.Diagnostic { return e.argMismatch(p, a, callee, f, why) }
		if !e.bindType(tt, v.Type, f, mismatch) {
			return poison{}
		}
		return v
	}
	return e.stretched(f, tt, a.value, site{a.at, f})
}

// stretched makes a constant (or a draw) a tensor of a declared type whose dims are bound by now. Where the shape is
// free, it is a scalar.
func (e *elab) stretched(f *frame, tt *syntax.TensorType, v value, s site) value {
	dt, ok := e.dtypeOf(tt.DType, tt.Range)
	if !ok {
		return poison{}
	}
	if len(tt.Dims) == 1 && tt.Dims[0].Ellipsis && !f.hasDots {
		if e.init != nil {
			f.ellipsis = e.init.Type.Shape
		}
		f.hasDots = true
	}
	x := e.asTensor(v, dt, s)
	if x == nil {
		return poison{}
	}
	shape, ok := e.shapeOf(tt.Dims, f)
	if !ok {
		return poison{}
	}
	if x = e.broadcast(x, shape, s); x == nil {
		return poison{}
	}
	return tensor{x}
}

func (e *elab) argMismatch(p *syntax.Param, a *argument, callee string, f *frame, why string) diag.Diagnostic {
	t := a.value.(tensor)
	d := diag.New("call.shape", a.at, fmt.Sprintf("%s of %s must be %s, not %s: %s", p.Name.Name, callee, e.declaredShape(p.Type, f), e.showTypeFor(p, t.Type), why))
	d = d.WithRelated(p.Range, "declared here")
	return d.WithRelated(t.Pos, e.named(t.Value)+" has type "+e.showType(t.Type))
}

// showTypeFor prints a type, with its element type where that is what differs.
func (e *elab) showTypeFor(p *syntax.Param, t ir.Type) string {
	if tt, ok := p.Type.(*syntax.TensorType); ok && !e.fitsDType(tt, t.DType) {
		return t.DType.String() + e.showShape(t.Shape)
	}
	return e.showType(t)
}

// declaredShape prints a declared type with the values of the dims that are bound already: [N, C = 64, H, W].
func (e *elab) declaredShape(t syntax.Type, f *frame) string {
	text := e.showDeclared(t)
	tt, ok := t.(*syntax.TensorType)
	if !ok {
		return text
	}
	var known []string
	for _, d := range tt.Dims {
		p, ok := d.Expr.(*syntax.PathExpr)
		if !ok {
			continue
		}
		if v, ok := f.vars[p.Name.Word()].(number); ok && v.show(e) != p.Name.Word() {
			known = append(known, p.Name.Word()+" = "+v.show(e))
		}
	}
	if len(known) == 0 {
		return text
	}
	return text + " with " + strings.Join(known, ", ")
}

// bindDefault evaluates and binds the default of a data parameter.
func (e *elab) bindDefault(f *frame, p *syntax.Param, callee string) bool {
	if p.Default == nil {
		f.vars[p.Name.Name] = poison{}
		return false
	}
	if isDrawn(p) {
		return e.bindDrawn(f, p)
	}
	return e.bindArgument(f, p, &argument{name: p.Name.Name, value: e.eval(p.Default, f), at: p.Default.Span()}, callee)
}

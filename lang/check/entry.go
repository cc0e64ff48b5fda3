package check

import (
	"math"
	"strings"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/lang/check/core"
	"mmc/lang/syntax"
)

// This file makes the arguments of an entry point: new dims become symbols.

// entryArgs binds the parameters of a graph to arguments.
func (e *elab) entryArgs(g *syntax.Graph, f *frame) {
	for _, p := range g.Sig.Params { // dims that a caller passes may stand in types before them
		if named, ok := p.Type.(*syntax.NamedType); ok && named.Name == "dim" {
			_ = e.facts.Bound(p.Name.Name, 0, math.MaxInt64)
			f.fix(p.Name.Name, sized(dim.Sym(p.Name.Name)), p.Name.Range)
		}
	}
	seen := map[string]diag.Range{}
	for _, p := range g.Sig.Params {
		if old, twice := seen[p.Name.Name]; twice {
			e.report(diag.New("name.twice", p.Name.Range, "the argument "+p.Name.Name+" is declared twice").WithRelated(old, "the first"))
			continue
		}
		seen[p.Name.Name] = p.Name.Range
		e.entryArg(p, f)
	}
}

func (e *elab) entryArg(p *syntax.Param, f *frame) {
	name := p.Name.Name
	if named, ok := p.Type.(*syntax.NamedType); ok && named.Name == "dim" {
		return
	}
	t, ok := e.entryType(p, f)
	if !ok || !e.exists(t, p.Range) {
		f.vars[name] = poison{}
		return
	}
	a := &core.Arg{Name: name, Pos: p.Name.Range}
	switch {
	case p.Inout:
		e.inoutArg(a, t, f)
		return
	case isDrawn(p):
		v, ok := e.drawOf(p.Default, t, name, p.Range, f, true).(tensor)
		if !ok {
			f.vars[name] = poison{}
			return
		}
		e.drawn(a, v.Value)
	case p.Default != nil:
		if e.entryDefault(a, p, t, f) {
			return
		}
	}
	if a.Value == nil {
		a.Value = &core.Value{Type: t, Name: name, Pos: p.Name.Range}
	}
	e.graph.Args = append(e.graph.Args, a)
	f.vars[name] = tensor{a.Value}
}

// inoutArg makes an argument that the graph writes for its caller.
func (e *elab) inoutArg(a *core.Arg, t ir.Type, f *frame) {
	a.Cell = &core.Cell{Name: a.Name, Kind: ir.InOutCell, Type: t, Pos: a.Pos, Call: a.Pos}
	a.Value = &core.Value{Type: t, Name: a.Name, Pos: a.Pos}
	e.graph.Args = append(e.graph.Args, a)
	f.fix(a.Name, cellRef{a.Cell}, a.Pos)
}

// drawn makes an argument of the draw that was made last.
func (e *elab) drawn(a *core.Arg, v *core.Value) {
	a.Draw = e.graph.Draws[len(e.graph.Draws)-1]
	a.Draw.Arg, a.Value = a, v
}

// entryDefault handles a default that is no draw. An argument that is absent by default, or that is wrong, is left out: true.
func (e *elab) entryDefault(a *core.Arg, p *syntax.Param, t ir.Type, f *frame) bool {
	c, constant := 0.0, false
	switch v := e.eval(p.Default, f).(type) {
	case none, poison:
		f.vars[p.Name.Name] = v
		return true
	case number:
		c, constant = v.constant()
	case boolean:
		c, constant = map[boolean]float64{true: 1}[v], t.DType == dtype.Bool
	}
	if !constant || t.DType.IsInt() && c != math.Trunc(c) {
		f.vars[p.Name.Name] = e.fail("graph.default", p.Default.Span(), "the default of an argument of a graph is a number of its type, a distribution or none, not %s", e.source(p.Default.Span()))
		return true
	}
	if len(t.Shape) == 0 {
		a.Default = &c
		return false
	}
	e.drawn(a, e.newDraw(p.Name.Name, certain(c, t.DType), t, p.Range).Value)
	return false
}

// certain is the distribution whose only value is c: a tensor with a number as its default is a draw from it.
func certain(c float64, t dtype.DType) distribution {
	switch {
	case t == dtype.Bool:
		return distribution{dist: ir.Bernoulli, a: c}
	case t.IsInt():
		return distribution{dist: ir.RandInt, a: c, b: c + 1}
	}
	return distribution{dist: ir.Uniform, a: c, b: c}
}

// entryType is the type of an argument of an entry point; capitalised names that are new become symbols.
func (e *elab) entryType(p *syntax.Param, f *frame) (ir.Type, bool) {
	tt, ok := p.Type.(*syntax.TensorType)
	if !ok {
		if named, isNamed := p.Type.(*syntax.NamedType); isNamed && (named.Name == "bool" || named.Name == "float" || named.Name == "int" || isData(p)) {
			t, ok := e.scalarType(named)
			return ir.Type{DType: t}, ok
		}
		e.fail("graph.arg", p.Range, "%s: an argument of a graph is a tensor, a scalar or a dim; hyperparameters belong to the model", p.Name.Name)
		return ir.Type{}, false
	}
	if listElement(tt) != "" {
		e.fail("graph.arg", p.Range, "%s: a list is compile-time, so it belongs to the model's hyperparameters", p.Name.Name)
		return ir.Type{}, false
	}
	for _, d := range tt.Dims {
		if d.Ellipsis {
			e.report(diag.New("graph.rank", d.Range, "a graph says all its axes; ... is for blocks and functions"))
			return ir.Type{}, false
		}
		if !e.settled(d) {
			return ir.Type{}, false
		}
		for name := newDim(d.Expr, f); name != ""; name = newDim(d.Expr, f) {
			f.fix(name, sized(dim.Sym(name)), d.Range)
		}
		e.lowerCaseDim(d, f)
	}
	return e.typeOf(p.Type, f)
}

// lowerCaseDim explains an unknown lower-case name in a shape, which may be meant to introduce a dim.
func (e *elab) lowerCaseDim(d *syntax.Dim, f *frame) {
	p, ok := d.Expr.(*syntax.PathExpr)
	if !ok || p.Name.Word() == "" {
		return
	}
	name := p.Name.Word()
	if _, bound := f.lookup(name); bound || e.global(name, f) != nil {
		return
	}
	msg := name + " is no hyperparameter; only a capitalised name introduces a dim"
	found := withSuggestion(diag.New("dim.unknown", p.Range, msg), name, f.names())
	if found.Hint == "" {
		found.Hint = "write " + strings.ToUpper(name[:1]) + name[1:] + " for a size that the caller chooses"
	}
	e.report(found)
	f.fix(name, poison{}, p.Range)
}

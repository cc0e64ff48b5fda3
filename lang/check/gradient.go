package check

import (
	"fmt"
	"slices"
	"strings"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/lang/check/core"
	"mmc/lang/syntax"
)

// gradCall is grad(y, x, ..): the gradients of a scalar with respect to named values.
func (e *elab) gradCall(c *callSite) value {
	if len(c.args) < 2 {
		return e.fail("call.arity", c.at, "grad takes a scalar and what to differentiate with respect to")
	}
	vs := make([]*core.Value, len(c.args))
	for i, a := range c.args {
		t, ok := a.value.(tensor)
		if !ok || !t.Type.DType.IsFloat() {
			return e.fail("grad.type", a.at, "grad works on float tensors, and this is %s", e.describe(a.value))
		}
		vs[i] = t.Value
	}
	if len(vs[0].Type.Shape) != 0 {
		d := diag.New("grad.scalar", c.args[0].at, "only a scalar has a gradient, and this is "+e.showType(vs[0].Type))
		return e.report(d.WithHint("join its elements with sum(..) or mean(..)"))
	}
	reached := reach(vs[0])
	for i, x := range vs[1:] {
		if !reached.values[x] {
			d := diag.New("grad.independent", c.args[i+1].at, "the first argument of grad does not depend on this value")
			return e.report(d.WithRelated(x.Pos, "it was made here").WithHint("a gradient is with respect to a name: use the name itself inside the first argument"))
		}
	}
	return resultsOf(e.gradient(vs[0], vs[1:], c.site))
}

// gradient emits the gradient of y with respect to xs.
func (e *elab) gradient(y *core.Value, xs []*core.Value, s site) []*core.Value {
	g := &core.Grad{Origin: e.origin(s.at, s.frame), Y: y, Xs: xs}
	for i, x := range xs {
		g.Results = append(g.Results, &core.Value{Type: x.Type, Def: g, Index: i, Pos: s.at})
	}
	e.emit(g)
	return slices.Clone(g.Results) // the caller may clip in place
}

// reached is what a value depends on differentiably.
type reached struct {
	values map[*core.Value]bool
	reads  []*core.Read
}

// reach follows the definitions of a value backwards, where gradients flow.
func reach(v *core.Value) *reached {
	r := &reached{values: map[*core.Value]bool{}}
	todo := []*core.Value{v}
	for len(todo) > 0 {
		v, todo = todo[len(todo)-1], todo[:len(todo)-1]
		if v == nil || r.values[v] || !v.Type.DType.IsFloat() {
			continue
		}
		r.values[v] = true
		todo = append(todo, r.sources(v)...)
	}
	return r
}

// sources lists the values that v is computed from and through which a gradient flows.
func (r *reached) sources(v *core.Value) []*core.Value {
	switch i := v.Def.(type) {
	case *core.Apply:
		if i.Op.Has(ir.NoGradient) {
			return nil
		}
		return i.Args
	case *core.Read:
		r.reads = append(r.reads, i)
	case *core.Custom:
		return i.Xs
	case *core.Grad:
		return i.Uses()
	case *core.Scan:
		return append(i.Uses(), i.Body.Results...)
	case *core.Loop:
		return append(append([]*core.Value{}, i.Init...), i.Body.Results...)
	case *core.Cond:
		return append(append([]*core.Value{}, i.Then.Results...), i.Else.Results...)
	}
	return nil
}

// tapped gives a value a second identity, for gradients with respect to it under another name.
func (e *elab) tapped(t tensor, s site) value {
	v := e.one("tap", nil, s, t.Value)
	if w, ok := v.(tensor); ok {
		w.Name, w.Pos = t.Name, t.Pos
	}
	return v
}

// tapAll gives the float arguments of a body that computes gradients identities of their own.
func (e *elab) tapAll(f *frame, params []*syntax.Param) {
	for _, p := range params {
		if t, ok := f.vars[p.Name.Name].(tensor); ok && t.Type.DType.IsFloat() {
			f.vars[p.Name.Name] = e.tapped(t, site{p.Range, f})
		}
	}
}

// mentionsGrad tells whether a body computes gradients with respect to its own names.
func (e *elab) mentionsGrad(b *syntax.Body) bool {
	is, ok := e.prog.grads[b]
	if !ok {
		is = strings.Contains(e.source(b.Range), "grad(")
		e.prog.grads[b] = is
	}
	return is
}

// declaredGradient expands a fn with a gradient clause: its value, whose gradients are what the clause says.
func (e *elab) declaredGradient(d *syntax.Fn, f *frame, c *callSite) value {
	v := e.expand(&d.Sig, d.Body, f, d.Name.Name, c)
	if isPoison(v) {
		return v
	}
	y, ok := v.(tensor)
	if !ok || len(d.GradArgs) != 1 || !y.Type.DType.IsFloat() {
		return e.fail("gradient.result", d.Range, "a fn with a gradient has one float result, and %s gives %s", d.Name.Name, e.describe(v))
	}
	i := &core.Custom{Origin: e.origin(c.at, c.frame), Y: y.Value}
	arg := &core.Value{Type: y.Type, Name: d.GradArgs[0].Name, Pos: d.GradArgs[0].Range}
	inner := newFrame(f, f.scope, f.inst, f.what)
	inner.pure = d.Name.Name
	inner.vars[arg.Name] = tensor{arg}
	good := false
	i.Body = e.nested([]*core.Value{arg}, func() {
		out := e.run(d.Gradient, inner)
		good = e.gradientResults(d, i, out, f)
	})
	if !good {
		return poison{}
	}
	i.Result = &core.Value{Type: y.Type, Def: i, Pos: c.at}
	e.emit(i)
	return tensor{i.Result}
}

// gradientResults matches the values of a gradient clause with the arguments that are float tensors.
func (e *elab) gradientResults(d *syntax.Fn, i *core.Custom, out outcome, f *frame) bool {
	elems := []value{out.value}
	if t, ok := out.value.(tuple); ok {
		elems = t.elems
	}
	var data []*syntax.Param
	for _, p := range d.Sig.Params {
		if isData(p) {
			data = append(data, p)
		}
	}
	if len(elems) != len(data) {
		e.fail("gradient.count", d.Gradient.Range, "the gradient of %s has %d values for %d tensor arguments", d.Name.Name, len(elems), len(data))
		return false
	}
	for k, p := range data {
		x, ok := f.vars[p.Name.Name].(tensor)
		if !ok || !x.Type.DType.IsFloat() {
			continue
		}
		if elems[k] == nil {
			elems[k] = none{}
		}
		s := site{out.at, f}
		g := e.asTensor(elems[k], x.Type.DType, s)
		if g == nil {
			return false
		}
		if g = e.fit(g, x.Type, s, fmt.Sprintf("the gradient of %s for %s", d.Name.Name, p.Name.Name)); g == nil {
			return false
		}
		i.Xs = append(i.Xs, x.Value)
		e.body.Results = append(e.body.Results, g)
	}
	return true
}

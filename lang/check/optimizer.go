package check

import (
	"fmt"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/lang/check/core"
	"mmc/lang/syntax"
)

// optimizerUse is an optimiser with the slots it has made so far.
type optimizerUse struct {
	core  *core.Optimizer
	slots map[string]*core.Cell // by full name
}

// slotScope is where the states of an optimiser's body go while it runs for one parameter.
type slotScope struct {
	use   *optimizerUse
	param *core.Cell
	hold  *core.Value // a scalar bool: where it holds, nothing is written
}

// optimizerNamed finds or enters the optimiser of a name: a checkpoint key.
func (e *elab) optimizerNamed(name string) *optimizerUse {
	use := e.used[name]
	if use == nil {
		use = &optimizerUse{&core.Optimizer{Name: name}, map[string]*core.Cell{}}
		e.used[name] = use
		e.model.Optimizers = append(e.model.Optimizers, use.core)
	}
	return use
}

// optimizerStmt declares `optimizer o = adam(lr: 1e-3) over D` in a model.
func (e *elab) optimizerStmt(s *syntax.OptimizerStmt, f *frame) {
	o, ok := e.optimizerCall(s.Value, f)
	if !ok {
		return
	}
	o.name, o.over = join(f.inst.path, s.Name.Name), s.Over
	if old, twice := f.inst.optimizers[s.Name.Name]; twice {
		e.report(diag.New("name.twice", s.Name.Range, "the optimizer "+s.Name.Name+" is declared twice").WithRelated(old.call.Range, "the first"))
		return
	}
	f.inst.optimizers[s.Name.Name] = o
}

// optimizerCall evaluates what stands after using: an optimiser applied to its hyperparameters. These are evaluated
// where it is used, since they may depend on the step.
func (e *elab) optimizerCall(x syntax.Expr, f *frame) (optimizer, bool) {
	call, ok := x.(*syntax.Call)
	head := x
	if ok {
		head = call.Fun
	} else {
		call = &syntax.Call{At: syntax.At{Range: x.Span()}, Fun: x}
	}
	v := e.evalTemplateHead(head, f)
	t, ok := v.(template)
	if !ok || t.decl.what != "optimizer" {
		if !isPoison(v) {
			e.fail("optimizer.type", x.Span(), "an optimizer is needed here, and %s is %s", e.source(head.Span()), e.describe(v))
		}
		return optimizer{}, false
	}
	return optimizer{decl: t.decl, call: call, frame: f}, true
}

// usingOf evaluates the using of a parameter group: a declared optimiser, or an anonymous one named after its place.
func (e *elab) usingOf(x syntax.Expr, f *frame, name string) (optimizer, bool) {
	if p, ok := x.(*syntax.PathExpr); ok && f.inst != nil {
		if o, ok := f.inst.optimizers[p.Name.Word()]; ok {
			return o, true
		}
	}
	o, ok := e.optimizerCall(x, f)
	o.name = name
	return o, ok
}

// bindOptimizer evaluates the hyperparameters of an optimiser; a float may be a scalar that depends on the step.
func (e *elab) bindOptimizer(o optimizer) *frame {
	d := o.decl.node.(*syntax.OptimizerDecl)
	args, ok := e.evalArgs(o.call.Args, o.frame)
	if !ok {
		return nil
	}
	slots, good := e.assign(d.Hyper, args, d.Name.Name, o.call.Range)
	if slots == nil {
		return nil
	}
	f := newFrame(o.decl.scope.frame, o.decl.scope, nil, "optimizer "+d.Name.Name)
	for i, p := range d.Hyper {
		if slots[i] != nil && e.bindScalar(f, p, slots[i]) {
			continue
		}
		good = e.bindCompileTime(f, p, slots[i], d.Name.Name) && good
	}
	if !good {
		return nil
	}
	return f
}

// stepParam runs the body of an optimiser for one parameter and its gradient.
func (e *elab) stepParam(o optimizer, hyper *frame, c *core.Cell, g *core.Value, hold *core.Value, at diag.Range) {
	d := o.decl.node.(*syntax.OptimizerDecl)
	if len(d.Args) != 2 {
		e.fail("optimizer.args", d.Range, "an optimizer takes a parameter and its gradient")
		return
	}
	e.call(at, d.Name.Name, func() {
		f := newFrame(hyper, hyper.scope, nil, hyper.what)
		f.slots = &slotScope{e.optimizerNamed(o.name), c, hold}
		f.fix(d.Args[0].Name, cellRef{c}, d.Args[0].Range)
		f.vars[d.Args[1].Name] = tensor{g}
		e.run(d.Body, f)
	})
}

// declareSlot executes `state m: like p init 0` in an optimiser.
func (e *elab) declareSlot(x *syntax.Cell, name string, f *frame) {
	s := f.slots
	if x.Kind != "state" {
		e.fail("optimizer.cell", x.Range, "an optimizer keeps states, not a %s", x.Kind)
		f.fix(name, poison{}, x.Name.Range)
		return
	}
	full := fmt.Sprintf("%s/%s/%s", s.use.core.Name, name, s.param.Name)
	c := s.use.slots[full]
	if c == nil {
		t, ok := e.typeOf(x.Type, f)
		if !ok {
			f.fix(name, poison{}, x.Name.Range)
			return
		}
		c = &core.Cell{Name: full, Kind: ir.SlotCell, Type: t, Pos: x.Range, Call: e.callAt(x.Range), Init: &core.Init{}}
		s.use.add(c, e.model)
		if x.Value != nil {
			c.Init = e.initOf(c, x.Value, f)
		}
	}
	f.fix(name, cellRef{c}, x.Name.Range)
}

package check

import (
	"fmt"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/lang/syntax"
)

// callSite is a call whose arguments have been evaluated.
type callSite struct {
	site
	name string // of what is called, for messages
	args []*argument
}

// evalCall evaluates f(args). What f is decides whether the parentheses hold hyperparameters or data.
func (e *elab) evalCall(x *syntax.Call, f *frame) value {
	callee := e.evalCallee(x.Fun, f)
	if isPoison(callee) {
		e.evalArgs(x.Args, f) // for the mistakes in them
		return callee
	}
	args, ok := e.evalArgs(x.Args, f)
	if !ok {
		return poison{}
	}
	return e.callValue(callee, &callSite{site{x.Range, f}, e.calleeName(x.Fun, f), args})
}

func (e *elab) calleeName(x syntax.Expr, f *frame) string {
	if c, ok := x.(*syntax.Call); ok {
		return e.calleeName(c.Fun, f)
	}
	return e.source(x.Span())
}

// evalCallee evaluates what stands before parentheses: an instance goes before a function of the same name.
func (e *elab) evalCallee(x syntax.Expr, f *frame) value {
	if s, ok := x.(*syntax.Select); ok && s.Name.Pieces[0].Text == "T" && len(s.Name.Pieces) == 1 {
		return e.eval(x, f)
	}
	switch x := x.(type) {
	case *syntax.PathExpr:
		name, ok := e.pathText(x.Name, f)
		if !ok {
			return poison{}
		}
		if p, ok := e.findPlace(f.inst, name); ok && p.rest == "" {
			return p
		}
		if v, ok := f.lookup(name); ok {
			if _, data := v.(tensor); !data {
				return v
			}
			if v := e.global(name, f); v != nil {
				return v
			}
			return v
		}
		if e.demandLabel(f, name) {
			if p, ok := e.findPlace(f.inst, name); ok && p.rest == "" {
				return p
			}
		}
		return e.eval(x, f)
	case *syntax.Select:
		return e.evalBase(x, f)
	}
	return e.eval(x, f)
}

// callValue calls a value with evaluated arguments.
func (e *elab) callValue(callee value, c *callSite) value {
	switch v := callee.(type) {
	case poison:
		return v
	case template:
		return e.callTemplate(v, c)
	case function:
		return e.callFunction(v, c)
	case operator:
		return e.callOperator(v.Op, c)
	case builtin:
		return v.call(e, c)
	case element:
		return e.castTo(v, c)
	case place:
		return e.callPlace(v, c)
	case graphRef:
		return e.callGraph(v, c)
	}
	return e.fail("call.callee", c.at, "%s is %s and cannot be called", c.name, e.describe(callee))
}

// callTemplate reads the first parentheses after a block as hyperparameters and the second as data.
func (e *elab) callTemplate(t template, c *callSite) value {
	if t.decl.what == "optimizer" {
		return e.fail("optimizer.place", c.at, "an optimizer stands after using, or is declared by optimizer o = %s(..)", t.decl.name)
	}
	if !t.ready {
		return template{t.decl, append(append([]*argument{}, t.args...), c.args...), true}
	}
	inst := e.bareInstance(t, c)
	return e.callInstance(inst, c)
}

// evalPipe evaluates `x |> application`: x becomes the first argument of the application.
func (e *elab) evalPipe(x *syntax.Pipe, f *frame) value {
	piped := e.eval(x.X, f)
	s := site{x.Call.Span(), f}
	if x.Label != nil {
		return e.labelledPipe(x, piped, f)
	}
	if _, several := piped.(tuple); several {
		e.report(diag.New("pipe.tuple", x.X.Span(), "several results are never piped").WithHint("take them apart first: a, b = .."))
		return poison{}
	}
	head, groups := applicationOf(x.Call)
	callee := e.evalCallee(head, f)
	if t, ok := callee.(template); ok && len(groups) > 0 {
		args, ok := e.evalArgs(groups[0].Args, f)
		if !ok {
			return poison{}
		}
		callee, groups = e.callTemplate(template{decl: t.decl, args: t.args}, &callSite{site{groups[0].Range, f}, t.decl.name, args}), groups[1:]
	} else if ok {
		callee = template{t.decl, t.args, true}
	}
	args, ok := e.restArgs(groups, piped, x, f)
	if !ok || isPoison(callee) {
		return poison{}
	}
	return e.callValue(callee, &callSite{s, e.calleeName(head, f), args})
}

// applicationOf takes `g(a)(b)` apart into g and its groups of arguments, first first.
func applicationOf(x syntax.Expr) (head syntax.Expr, groups []*syntax.Call) {
	for {
		c, ok := x.(*syntax.Call)
		if !ok {
			return x, groups
		}
		groups = append([]*syntax.Call{c}, groups...)
		x = c.Fun
	}
}

// restArgs are the piped value and what the last parentheses add to it.
func (e *elab) restArgs(groups []*syntax.Call, piped value, x *syntax.Pipe, f *frame) ([]*argument, bool) {
	args := []*argument{{value: piped, at: x.X.Span()}}
	ok := !isPoison(piped)
	if len(groups) > 1 {
		e.fail("call.callee", groups[1].Range, "the result of a call is not called again")
		return nil, false
	}
	for _, g := range groups {
		more, good := e.evalArgs(g.Args, f)
		args, ok = append(args, more...), ok && good
	}
	return args, ok
}

// labelledPipe makes an instance and applies it at once.
func (e *elab) labelledPipe(x *syntax.Pipe, piped value, f *frame) value {
	head, groups := applicationOf(x.Call)
	t, ok := e.evalTemplate(head, groups, f)
	if !ok {
		e.poisonLabel(x.Label, f)
		return poison{}
	}
	if len(groups) > 0 {
		groups = groups[1:]
	}
	args, ok := e.restArgs(groups, piped, x, f)
	inst := e.makeInstance(x.Label, t, x.Like, f)
	if inst == nil || !ok {
		return poison{}
	}
	if _, several := piped.(tuple); several {
		return e.fail("pipe.tuple", x.X.Span(), "several results are never piped")
	}
	return e.callInstance(inst, &callSite{site{x.Call.Span(), f}, t.decl.name, args})
}

// evalTemplate evaluates `Block(hyper)`, of which groups[0] are the hyperparameters.
func (e *elab) evalTemplate(head syntax.Expr, groups []*syntax.Call, f *frame) (template, bool) {
	v := e.evalTemplateHead(head, f)
	t, ok := v.(template)
	if !ok || t.decl.what == "optimizer" {
		if !isPoison(v) {
			d := diag.New("instance.block", head.Span(), fmt.Sprintf("a label names an instance of a block or model, and %s is %s", e.source(head.Span()), e.describe(v)))
			e.report(d.WithHint("functions own nothing and take no label"))
		}
		return template{}, false
	}
	if len(groups) == 0 {
		return template{t.decl, t.args, true}, true
	}
	args, ok := e.evalArgs(groups[0].Args, f)
	return template{t.decl, append(append([]*argument{}, t.args...), args...), true}, ok
}

// evalTemplateHead evaluates the name of a block: a value, never an instance.
func (e *elab) evalTemplateHead(head syntax.Expr, f *frame) value {
	if p, ok := head.(*syntax.PathExpr); ok {
		if name, ok := e.pathText(p.Name, f); ok {
			if v, ok := f.lookup(name); ok {
				return v
			}
			if v := e.global(name, f); v != nil {
				return v
			}
		}
	}
	return e.eval(head, f)
}

// callFunction expands a fn.
func (e *elab) callFunction(fn function, c *callSite) value {
	d := fn.decl
	var out value = poison{}
	e.call(c.at, d.Name.Name, func() {
		f := newFrame(fn.scope.frame, fn.scope, c.frame.inst, "fn "+d.Name.Name)
		f.pure = d.Name.Name
		if !e.bindData(f, d.Sig.Params, c.args, d.Name.Name, c.at) {
			return
		}
		if d.Gradient != nil {
			out = e.declaredGradient(d, f, c)
			return
		}
		out = e.expand(&d.Sig, d.Body, f, d.Name.Name, c)
	})
	return out
}

// expand interprets the body of a callee whose arguments are bound in f, and checks its promises.
func (e *elab) expand(sig *syntax.Signature, b *syntax.Body, f *frame, callee string, c *callSite) value {
	if !e.prove(sig.Where, f, c.at, callee) {
		return poison{}
	}
	if e.mentionsGrad(b) {
		e.tapAll(f, sig.Params)
	}
	out := e.run(b, f)
	return e.checkResults(sig.Results, out, f, callee, b)
}

// callOperator calls an operator record as the user writes it: operands, then attributes, by position or name.
func (e *elab) callOperator(op *ir.Op, c *callSite) value {
	if v, ok := e.foldCall(op, c); ok {
		return v
	}
	operands, rest := e.splitOperands(op, c)
	given, ok := e.opAttrs(op, operands, rest, c)
	if !ok {
		return poison{}
	}
	if op.Kind == ir.Elementwise && len(op.Operands) > 0 {
		return e.elementwise(op, given, operands, c.site)
	}
	t, ok := e.commonOperandType(operands)
	if !ok {
		return poison{}
	}
	vs, ok := e.operandTensors(op, operands, t, c.site)
	if !ok {
		return poison{}
	}
	rs := e.apply(op, given, c.site, vs...)
	if rs == nil {
		return poison{}
	}
	return resultsOf(rs)
}

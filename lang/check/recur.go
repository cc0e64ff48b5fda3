package check

import (
	"fmt"
	"math"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/lang/check/core"
	"mmc/lang/syntax"
)

// This file elaborates the run-time recurrences: scan, loop and cond. Their bodies are scopes; only what stands after
// `with` leaves them.

// yields gathers the yields of a scan or loop body.
type yields struct {
	values []*core.Value
	at     diag.Range
	count  int
}

func (e *elab) yieldStmt(s *syntax.Yield, f *frame) {
	g := f
	for g != nil && g.yields == nil {
		g = g.outer
	}
	if g == nil {
		e.fail("yield.place", s.Range, "yield stands in the body of a scan or loop")
		return
	}
	if g.yields.count++; g.yields.count > 1 {
		e.report(diag.New("yield.twice", s.Range, "a body yields once").WithRelated(g.yields.at, "the first yield"))
		return
	}
	g.yields.at = s.Range
	for _, x := range s.Values {
		if v := e.asTensor(e.eval(x, f), e.float, site{x.Span(), f}); v != nil {
			g.yields.values = append(g.yields.values, v)
		}
	}
}

// nested elaborates a body of its own: what it emits goes into the body that is returned.
func (e *elab) nested(args []*core.Value, run func()) *core.Body {
	b := &core.Body{Args: args}
	outer, open := e.body, e.open
	e.body, e.open = b, append(open[:len(open):len(open)], b)
	run()
	e.body, e.open = outer, open
	return b
}

// carry is a name after `with`.
type carry struct {
	name  string
	at    diag.Range
	start *core.Value
}

// carries evaluates the initial values after `with`. A constant takes its type from the first tensor of the other
// carries only where it must: it is a scalar of the default float, or a bool.
func (e *elab) carries(with []*syntax.Arg, f *frame) ([]carry, bool) {
	var out []carry
	good := true
	for _, a := range with {
		v := e.eval(a.Value, f)
		t := e.asTensor(v, e.float, site{a.Value.Span(), f})
		if t == nil {
			good = false
			continue
		}
		out = append(out, carry{a.Name.Name, a.Range, t})
	}
	return out, good
}

// bindCarries makes the carries names of the body.
func bindCarries(f *frame, cs []carry) []*core.Value {
	var args []*core.Value
	for _, c := range cs {
		v := &core.Value{Type: c.start.Type, Name: c.name, Pos: c.at}
		f.vars[c.name] = tensor{v}
		args = append(args, v)
	}
	return args
}

// closeCarries checks that each carry has the type at the end that it had at entry, and gives the results of the body.
func (e *elab) closeCarries(f *frame, cs []carry) []*core.Value {
	var out []*core.Value
	for _, c := range cs {
		v := e.asTensor(f.vars[c.name], c.start.Type.DType, site{c.at, f})
		if v == nil {
			continue
		}
		if len(v.Type.Shape) == 0 && v.Type.DType == c.start.Type.DType {
			v = e.broadcast(v, c.start.Type.Shape, site{c.at, f})
		}
		if !v.Type.Equal(c.start.Type, e.facts) {
			d := diag.New("scan.carry", c.at, fmt.Sprintf("%s is %s at entry and %s at the end of a step", c.name, e.showType(c.start.Type), e.showType(v.Type)))
			e.report(d.WithRelated(v.Pos, "its value at the end"))
			continue
		}
		out = append(out, v)
	}
	return out
}

// poisonCarries gives the names after `with` no value, after an error.
func poisonCarries(with []*syntax.Arg, f *frame) value {
	for _, a := range with {
		f.vars[a.Name.Name] = poison{}
	}
	return poison{}
}

// leaveRecurrence binds the carries to their final values around the recurrence, and gives its value: the stacked yields.
func leaveRecurrence(f *frame, cs []carry, results []*core.Value) value {
	for i, c := range cs {
		if i < len(results) {
			results[i].Name = c.name
			f.vars[c.name] = tensor{results[i]}
		}
	}
	if len(results) <= len(cs) {
		return none{}
	}
	return resultsOf(results[len(cs):])
}

func (e *elab) evalScan(x *syntax.Scan, f *frame) value {
	cs, good := e.carries(x.With, f)
	seqs, length, ok := e.scanSeqs(x, f)
	if !good || !ok {
		return poisonCarries(x.With, f)
	}
	inner := newFrame(f, f.scope, f.inst, f.what)
	inner.pure, inner.yields = f.pure, &yields{}
	i := &core.Scan{Origin: e.origin(x.Range, f), Reverse: x.Reverse, Seqs: seqs, Checkpoint: e.checkpointOf(x, f)}
	var args []*core.Value
	for k, v := range seqs {
		arg := &core.Value{Type: ir.Type{DType: v.Type.DType, Shape: v.Type.Shape[1:]}, Name: x.Vars[k].Name, Pos: x.Vars[k].Range}
		inner.vars[x.Vars[k].Name] = tensor{arg}
		args = append(args, arg)
	}
	args = append(args, bindCarries(inner, cs)...)
	if x.Length != nil {
		i.Length = e.asTensor(e.eval(x.Length, f), dtype.I32, site{x.Length.Span(), f})
	}
	i.Body = e.nested(args, func() {
		e.run(x.Body, inner)
		i.Body = e.body
		e.body.Results = append(e.closeCarries(inner, cs), inner.yields.values...)
	})
	if len(i.Body.Results) != len(cs)+len(inner.yields.values) {
		return poisonCarries(x.With, f)
	}
	for _, c := range cs {
		i.Init = append(i.Init, c.start)
	}
	i.Results = e.recurrenceResults(i, i.Body.Results, len(cs), length, x.Range)
	e.emit(i)
	return leaveRecurrence(f, cs, i.Results)
}

func (e *elab) checkpointOf(x *syntax.Scan, f *frame) int64 {
	if x.Checkpoint == nil {
		return 0
	}
	n, ok := wholeNumber(e, e.eval(x.Checkpoint, f)).(number)
	if !ok {
		e.fail("scan.checkpoint", x.Checkpoint.Span(), "checkpoint takes an int")
		return 0
	}
	k, _ := n.integer()
	return k
}

// scanSeqs evaluates what a scan runs over: tensors of one leading size.
func (e *elab) scanSeqs(x *syntax.Scan, f *frame) (seqs []*core.Value, length dim.Expr, ok bool) {
	if len(x.Vars) != len(x.Seqs) {
		e.fail("scan.vars", x.Range, "%d names for %d sequences", len(x.Vars), len(x.Seqs))
		return nil, length, false
	}
	for k, s := range x.Seqs {
		v := e.eval(s, f)
		t, isTensor := v.(tensor)
		if !isTensor || len(t.Type.Shape) == 0 {
			if !isPoison(v) {
				e.fail("scan.seq", s.Span(), "scan runs over the first axis of a tensor, and this is %s", e.describe(v))
			}
			return nil, length, false
		}
		if k == 0 {
			length = t.Type.Shape[0]
		} else if !e.requireEqual(length, t.Type.Shape[0], func(why string) diag.Diagnostic {
			return diag.New("scan.length", s.Span(), "sequences in step must have one length: "+why)
		}) {
			return nil, length, false
		}
		seqs = append(seqs, t.Value)
	}
	return seqs, length, true
}

// recurrenceResults are the final carries and the stacked yields.
func (e *elab) recurrenceResults(def core.Instr, body []*core.Value, carries int, length dim.Expr, at diag.Range) []*core.Value {
	out := make([]*core.Value, len(body))
	for k, r := range body {
		t := r.Type
		if k >= carries {
			t.Shape = append([]dim.Expr{length}, t.Shape...)
		}
		out[k] = &core.Value{Type: t, Def: def, Index: k, Pos: at}
	}
	return out
}

func (e *elab) evalLoop(x *syntax.Loop, f *frame) value {
	cs, good := e.carries(x.With, f)
	bound, ok := e.loopBound(x.Seq, f)
	if !good || !ok {
		return poisonCarries(x.With, f)
	}
	index := fmt.Sprintf("%s@%d", x.Var.Name, x.Range.Start.Offset)
	if err := e.facts.Bound(index, 0, math.MaxInt64); err == nil {
		_ = e.facts.AssumeLess(dim.Sym(index), bound)
	}
	inner := newFrame(f, f.scope, f.inst, f.what)
	inner.pure, inner.yields = f.pure, &yields{}
	inner.fix(x.Var.Name, sized(dim.Sym(index)), x.Var.Range)
	i := &core.Loop{Origin: e.origin(x.Range, f), Bound: bound, Index: index, Until: x.Until != nil}
	i.Body = e.nested(bindCarries(inner, cs), func() {
		e.run(x.Body, inner)
		e.body.Results = append(e.closeCarries(inner, cs), inner.yields.values...)
		if x.Until != nil {
			e.loopUntil(x, inner)
		}
	})
	n := len(cs) + len(inner.yields.values)
	if len(i.Body.Results) < n {
		return poisonCarries(x.With, f)
	}
	for _, c := range cs {
		i.Init = append(i.Init, c.start)
	}
	i.Results = e.recurrenceResults(i, i.Body.Results[:n], len(cs), bound, x.Range)
	e.emit(i)
	return leaveRecurrence(f, cs, i.Results)
}

func (e *elab) loopBound(x syntax.Expr, f *frame) (dim.Expr, bool) {
	b, ok := unparen(x).(*syntax.Binary)
	if !ok || b.Op != ".." || !isZeroLiteral(b.X) {
		e.fail("loop.range", x.Span(), "loop counts `i in 0..n`")
		return dim.Expr{}, false
	}
	return e.dimOf(b.Y, f)
}

func (e *elab) loopUntil(x *syntax.Loop, f *frame) {
	v := e.asTensor(e.eval(x.Until, f), dtype.Bool, site{x.Until.Span(), f})
	if v == nil {
		return
	}
	if len(v.Type.Shape) != 0 || v.Type.DType != dtype.Bool {
		d := diag.New("loop.until", x.Until.Span(), "until needs a bool scalar, not "+e.showTyped(v))
		e.report(d.WithHint("join elements with all(..) or any(..)"))
		return
	}
	e.body.Results = append(e.body.Results, v)
}

// evalCond elaborates `cond(c) { a } else { b }`: both arms, with results of one type.
func (e *elab) evalCond(x *syntax.Cond, f *frame) value {
	c := e.asTensor(e.eval(x.Cond, f), dtype.Bool, site{x.Cond.Span(), f})
	if c == nil {
		return poison{}
	}
	if len(c.Type.Shape) != 0 || c.Type.DType != dtype.Bool {
		d := diag.New("cond.type", x.Cond.Span(), "cond needs a bool scalar, not "+e.showTyped(c))
		return e.report(d.WithHint("the choice element by element is select(c, a, b)"))
	}
	i := &core.Cond{Origin: e.origin(x.Range, f), If: c}
	i.Then = e.arm(x.Then, f)
	i.Else = e.arm(x.Else, f)
	if i.Then == nil || i.Else == nil {
		return poison{}
	}
	if len(i.Then.Results) != len(i.Else.Results) {
		return e.fail("cond.arms", x.Range, "the arms have %d and %d results", len(i.Then.Results), len(i.Else.Results))
	}
	for k, a := range i.Then.Results {
		b := i.Else.Results[k]
		if !a.Type.Equal(b.Type, e.facts) {
			d := diag.New("cond.arms", x.Range, fmt.Sprintf("the arms differ: %s and %s", e.showType(a.Type), e.showType(b.Type)))
			return e.report(d.WithRelated(a.Pos, "the first").WithRelated(b.Pos, "the second"))
		}
		i.Results = append(i.Results, &core.Value{Type: a.Type, Def: i, Index: k, Pos: x.Range})
	}
	e.emit(i)
	return resultsOf(i.Results)
}

// arm elaborates one arm of a cond; nil after an error.
func (e *elab) arm(b *syntax.Body, f *frame) *core.Body {
	inner := newFrame(f, f.scope, f.inst, f.what)
	inner.pure = f.pure
	good := true
	body := e.nested(nil, func() {
		out := e.run(b, inner)
		elems := []value{out.value}
		if t, several := out.value.(tuple); several {
			elems = t.elems
		}
		for _, v := range elems {
			if v == nil {
				v = none{}
			}
			r := e.asTensor(v, e.float, site{b.Range, inner})
			good = good && r != nil
			e.body.Results = append(e.body.Results, r)
		}
	})
	if !good {
		return nil
	}
	return body
}

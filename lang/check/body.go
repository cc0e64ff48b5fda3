package check

import (
	"fmt"
	"slices"

	"mmc/internal/diag"
	"mmc/lang/syntax"
)

// outcome is how a list of statements ended.
type outcome struct {
	value    value      // of the last statement, where it has one
	at       diag.Range // of that statement
	returned bool       // by return: nothing more is executed
}

// runBody executes a body and gives its value: that of `return`, or of the last statement.
func (e *elab) runBody(b *syntax.Body, f *frame) value {
	out := e.run(b, f)
	if out.value == nil {
		return none{}
	}
	return out.value
}

// run executes statements in the frame f.
func (e *elab) run(b *syntax.Body, f *frame) outcome {
	var out outcome
	for i, s := range b.Stmts {
		out = e.stmt(s, f)
		if out.returned {
			return out
		}
		if x, ok := s.(*syntax.ExprStmt); ok && i < len(b.Stmts)-1 {
			e.unused(x, out.value)
		}
	}
	return out
}

// unused warns of a value that nothing takes. Recurrences may stand alone, since their carries outlive them.
func (e *elab) unused(x *syntax.ExprStmt, v value) {
	switch x.X.(type) {
	case *syntax.Scan, *syntax.Loop, *syntax.In:
		return
	}
	if _, data := v.(tensor); data {
		d := diag.New("value.unused", x.Range, "this value is not used")
		d.Severity = diag.Warning
		e.report(d)
	}
}

// stmt executes one statement.
func (e *elab) stmt(s syntax.Stmt, f *frame) outcome {
	e.step(s.Span())
	defer e.leave()
	switch s := s.(type) {
	case *syntax.Assign:
		e.assignStmt(s, f)
	case *syntax.ExprStmt:
		return outcome{value: e.eval(s.X, f), at: s.Range}
	case *syntax.Instance:
		e.instanceStmt(s, f)
	case *syntax.Cell:
		e.declareCell(s, f)
	case *syntax.Update:
		e.update(s, f)
	case *syntax.If:
		return e.ifStmt(s, f)
	case *syntax.For:
		return e.forStmt(s, f)
	case *syntax.Return:
		return outcome{value: e.eval(s.X, f), at: s.Range, returned: true}
	case *syntax.Minimize:
		e.minimizeStmt(s, f)
	case *syntax.Report:
		e.reportStmt(s, f)
	case *syntax.Freeze:
		e.freezeStmt(s, f)
	case *syntax.Yield:
		e.yieldStmt(s, f)
	default:
		e.fail("stmt.place", s.Span(), "this declaration stands at the top of a file or of a model, not in %s", f.what)
	}
	return outcome{}
}

// assignStmt executes `a = e` and `a, b = e`.
func (e *elab) assignStmt(s *syntax.Assign, f *frame) {
	v := e.eval(s.Value, f)
	if len(s.Targets) == 1 {
		e.bind(s.Targets[0], e.aliasOf(s.Value, v, site{s.Value.Span(), f}), f)
		return
	}
	var elems []value
	switch v := v.(type) {
	case tuple:
		elems = v.elems
	case list:
		elems = v
	case poison:
	default:
		e.fail("assign.count", s.Value.Span(), "%d names for %s", len(s.Targets), e.describe(v))
	}
	if elems != nil && len(elems) != len(s.Targets) {
		e.fail("assign.count", s.Range, "%d names for %d values", len(s.Targets), len(elems))
		elems = nil
	}
	for i, t := range s.Targets {
		if elems == nil {
			e.bind(t, poison{}, f)
		} else {
			e.bind(t, elems[i], f)
		}
	}
}

// bind binds a target in f. Names that were declared for good keep their meaning.
func (e *elab) bind(target *syntax.Path, v value, f *frame) {
	name, ok := e.pathText(target, f)
	if !ok || name == "_" {
		return
	}
	if at, fixed := f.fixedAt(name); fixed {
		d := diag.New("name.rebind", target.Range, name+" cannot be bound again: it is declared for good")
		d = d.WithRelated(at, "declared here")
		if _, isCell := f.vars[name].(cellRef); isCell {
			d.Hint = "a cell is written by `update " + name + " = ..`"
		}
		e.report(d)
		return
	}
	if t, ok := v.(tensor); ok && t.Name == "" {
		t.Name = name
	}
	if t, several := v.(tuple); several && t.names == nil && len(t.elems) == 0 {
		v = poison{}
	}
	f.vars[name] = v
	delete(f.missing, name)
}

// aliasOf gives a second name of a tensor an identity of its own, so that a gradient with respect to one name is not
// one with respect to the other.
func (e *elab) aliasOf(x syntax.Expr, v value, s site) value {
	t, ok := v.(tensor)
	if !ok {
		return v
	}
	if _, plain := unparen(x).(*syntax.PathExpr); !plain || !t.Type.DType.IsFloat() {
		return v
	}
	return e.tapped(t, s)
}

// ifStmt executes the arm that the condition chooses; it opens no scope.
func (e *elab) ifStmt(s *syntax.If, f *frame) outcome {
	c, ok := e.evalBool(s.Cond, f)
	if !ok {
		e.poisonArm(s.Then, f)
		e.poisonArm(s.Else, f)
		return outcome{value: poison{}}
	}
	taken, other := s.Then, s.Else
	if !c {
		taken, other = other, taken
	}
	e.skipArm(other, f)
	if taken == nil {
		return outcome{}
	}
	return e.run(taken, f)
}

// skipArm remembers what an untaken arm would have bound, for the message about a name that is missing later.
func (e *elab) skipArm(b *syntax.Body, f *frame) {
	eachBound(b, func(p *syntax.Path) {
		if _, bound := f.lookup(p.Word()); !bound && p.Word() != "" {
			if f.missing == nil {
				f.missing = map[string]diag.Range{}
			}
			f.missing[p.Word()] = p.Range
		}
	})
}

// poisonArm gives all names that an arm may bind a poisoned value: whether it runs is not known.
func (e *elab) poisonArm(b *syntax.Body, f *frame) {
	eachBound(b, func(p *syntax.Path) {
		if _, fixed := f.fixedAt(p.Word()); !fixed && p.Word() != "" {
			f.vars[p.Word()] = poison{}
		}
	})
}

// eachBound visits the targets of the assignments in a body and its compile-time parts.
func eachBound(b *syntax.Body, visit func(*syntax.Path)) {
	if b == nil {
		return
	}
	for _, s := range b.Stmts {
		switch s := s.(type) {
		case *syntax.Assign:
			for _, t := range s.Targets {
				visit(t)
			}
		case *syntax.Cell:
			visit(s.Name)
		case *syntax.If:
			eachBound(s.Then, visit)
			eachBound(s.Else, visit)
		case *syntax.For:
			eachBound(s.Body, visit)
		}
	}
}

// forStmt unrolls a compile-time loop; it opens no scope but for its variables.
func (e *elab) forStmt(s *syntax.For, f *frame) outcome {
	seqs, ok := e.forSeqs(s, f)
	if !ok {
		e.poisonArm(s.Body, f)
		return outcome{value: poison{}}
	}
	for i := range seqs[0] {
		e.bindLoopVars(s, seqs, i, f)
		if out := e.run(s.Body, f); out.returned {
			return out
		}
	}
	return outcome{}
}

// forSeqs evaluates the lists that a for runs over.
func (e *elab) forSeqs(s *syntax.For, f *frame) ([]list, bool) {
	var seqs []list
	for _, x := range s.Seqs {
		v := e.eval(x, f)
		l, ok := v.(list)
		if !ok {
			if !isPoison(v) {
				d := diag.New("for.list", x.Span(), "for runs over a compile-time list, not "+e.describe(v))
				if _, data := v.(tensor); data {
					d.Hint = "the run-time recurrence over an axis is `scan x in xs with .. { .. }`"
				}
				e.report(d)
			}
			return nil, false
		}
		seqs = append(seqs, l)
	}
	for _, l := range seqs[1:] {
		if len(l) != len(seqs[0]) {
			e.fail("for.zip", s.Range, "lists in step must have one length, not %d and %d", len(seqs[0]), len(l))
			return nil, false
		}
	}
	n, k := len(s.Vars), len(seqs)
	if n != k && !(k == 1 && n == 2) {
		e.fail("for.vars", s.Range, "%d names for %d lists", n, k)
		return nil, false
	}
	return seqs, true
}

// bindLoopVars binds the variables of one round: element; index and element; or the elements of lists in step.
func (e *elab) bindLoopVars(s *syntax.For, seqs []list, i int, f *frame) {
	set := func(k int, v value) {
		if s.Vars[k].Name != "_" {
			f.vars[s.Vars[k].Name] = v
		}
	}
	if len(seqs) == 1 && len(s.Vars) == 2 {
		set(0, whole(int64(i)))
		set(1, seqs[0][i])
		return
	}
	for k, l := range seqs {
		set(k, l[i])
	}
}

// instanceStmt executes `label: Block(hyper)`.
func (e *elab) instanceStmt(s *syntax.Instance, f *frame) {
	head, groups := applicationOf(s.Call)
	t, ok := e.evalTemplate(head, groups, f)
	if !ok {
		e.poisonLabel(s.Label, f)
		return
	}
	inst := e.makeInstance(s.Label, t, s.Like, f)
	if inst == nil {
		return
	}
	inst.frozen = inst.frozen || s.Freeze
	if len(groups) < 2 {
		return
	}
	args, ok := e.evalArgs(groups[1].Args, f)
	if ok {
		e.callInstance(inst, &callSite{site{s.Call.Span(), f}, t.decl.name, args})
	}
}

// checkResults checks the value of a body against the declared results and gives a tuple the names declared.
func (e *elab) checkResults(results []*syntax.Result, out outcome, f *frame, callee string, b *syntax.Body) value {
	v, at := out.value, out.at
	if v == nil {
		v, at = none{}, b.Range
	}
	if len(results) == 0 || isPoison(v) {
		return v
	}
	t, ok := v.(tuple)
	if len(results) == 1 && !ok {
		return e.checkResult(results[0], v, f, callee, at)
	}
	if !ok || len(t.elems) != len(results) {
		d := diag.New("result.count", at, fmt.Sprintf("%s promises %d results, and its body gives %s", callee, len(results), e.describe(v)))
		return e.report(d.WithRelated(results[0].Range, "promised here"))
	}
	checked := tuple{elems: slices.Clone(t.elems)}
	for i, r := range results {
		checked.names = append(checked.names, r.Name.Name)
		checked.elems[i] = e.checkResult(r, t.elems[i], f, callee, at)
	}
	return checked
}

// checkResult checks one result; a constant is stretched to the promised type.
func (e *elab) checkResult(r *syntax.Result, v value, f *frame, callee string, at diag.Range) value {
	tt, ok := r.Type.(*syntax.TensorType)
	if !ok {
		if named, isNamed := r.Type.(*syntax.NamedType); isNamed && hyperKinds[named.Name] == nil {
			tt = &syntax.TensorType{At: named.At, DType: named.Name}
		} else {
			return v
		}
	}
	what := "the result of " + callee
	if r.Name.Name != "" {
		what = r.Name.Name + ", a result of " + callee + ","
	}
	switch v := v.(type) {
	case poison:
		return v
	case none:
		d := diag.New("result.missing", at, callee+" promises a result, and its body ends without a value")
		return e.report(d.WithRelated(r.Range, "promised here"))
	case number, boolean:
		return e.stretched(f, tt, v, site{at, f})
	case tensor:
		mismatch := func(why string) diag.Diagnostic {
			d := diag.New("result.type", at, fmt.Sprintf("%s must be %s, not %s: %s", what, e.declaredShape(r.Type, f), e.showType(v.Type), why))
			return d.WithRelated(r.Range, "promised here").WithRelated(v.Pos, "made here")
		}
		if !e.bindType(tt, v.Type, f, mismatch) {
			return poison{}
		}
		return v
	}
	return e.fail("result.type", at, "%s must be a tensor, not %s", what, e.describe(v))
}

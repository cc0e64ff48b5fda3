package check

import (
	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dtype"
	"mmc/lang/check/core"
	"mmc/lang/syntax"
)

// group is one parameter group of a minimize statement, ready to be stepped.
type group struct {
	opt   optimizer
	hyper *frame
	cells []*core.Cell
	grads []*core.Value
	at    diag.Range
}

// minimizeStmt executes a minimize statement: all losses are differentiated before any parameter changes.
func (e *elab) minimizeStmt(s *syntax.Minimize, f *frame) {
	if e.graph == nil || !e.graph.Train || len(e.open) != 1 {
		e.fail("minimize.place", s.Range, "minimize stands in the body of a train graph")
		return
	}
	losses := make([]*core.Value, len(s.Losses))
	for i, l := range s.Losses {
		losses[i] = e.lossValue(l, f)
	}
	except := e.exceptCells(s, f)
	var groups []*group
	taken := map[*core.Cell]diag.Range{}
	for i, l := range s.Losses {
		y := losses[i]
		if y == nil {
			continue
		}
		gs := e.groupsOf(l, y, f, taken, except, s.When != nil)
		for _, g := range gs {
			g.grads = e.gradientOf(y, g, site{l.Range, f})
		}
		groups = append(groups, gs...)
	}
	waiting := e.accumulate(s, groups, f)
	e.clipGroups(s, groups, f)
	e.stepGroups(groups, except, e.holdCondition(s, f), waiting)
	for _, g := range groups {
		for _, c := range g.cells {
			e.versionOf(c).wrote, e.versionOf(c).what = s.Range, "minimize"
		}
	}
}

// stepGroups runs the optimisers. A parameter in except stays while hold, and all of them while waiting for more gradients.
func (e *elab) stepGroups(groups []*group, except map[*core.Cell]bool, hold, waiting *core.Value) {
	for _, g := range groups {
		for i, c := range g.cells {
			h := waiting
			if except[c] {
				h = e.either(waiting, hold, site{at: g.at})
			}
			e.stepParam(g.opt, g.hyper, c, g.grads[i], h, g.at)
		}
	}
}

// lossValue evaluates a loss, which must be a float scalar, and names it.
func (e *elab) lossValue(l *syntax.Loss, f *frame) *core.Value {
	v := e.eval(l.Value, f)
	name := l.Name.Name
	if !isPoison(v) {
		if y := e.asTensor(v, e.float, site{l.Value.Span(), f}); y == nil {
			v = poison{}
		} else if len(y.Type.Shape) != 0 || !y.Type.DType.IsFloat() {
			d := diag.New("minimize.scalar", l.Value.Span(), "a loss is a float scalar, and this is "+e.showType(y.Type))
			v = e.report(d.WithHint("join its elements with mean(..) or sum(..)"))
		} else {
			v = tensor{y}
		}
	}
	if name != "" {
		f.vars[name] = v
	}
	y, ok := v.(tensor)
	if !ok {
		return nil
	}
	if y.Name == "" {
		y.Name = name
	}
	e.graph.Results = append(e.graph.Results, &core.Result{Name: name, Role: ir.Loss, Value: y.Value, Pos: l.Range})
	return y.Value
}

// gradientOf emits the gradients of a loss for a group.
func (e *elab) gradientOf(y *core.Value, g *group, s site) []*core.Value {
	if len(g.cells) == 0 {
		return nil
	}
	xs := make([]*core.Value, len(g.cells))
	for i, c := range g.cells {
		xs[i] = e.readCell(c, s.at, s.frame)
	}
	return e.gradient(y, xs, s)
}

// clipGroups passes all gradients of the statement through the fn clip_NAME that `clip NAME(args)` names.
func (e *elab) clipGroups(s *syntax.Minimize, groups []*group, f *frame) {
	if s.Clip == nil {
		return
	}
	call, ok := s.Clip.(*syntax.Call)
	var name *syntax.PathExpr
	if ok {
		name, ok = call.Fun.(*syntax.PathExpr)
	}
	if !ok {
		e.fail("clip.form", s.Clip.Span(), "clip names a way of clipping, such as clip norm(1.0)")
		return
	}
	fn, ok := e.global("clip_"+name.Name.Word(), f).(function)
	if !ok {
		e.report(diag.New("clip.unknown", name.Range, "there is no fn clip_"+name.Name.Word()).WithHint("`clip norm(1.0)` calls `clip_norm(gradients, 1.0)`"))
		return
	}
	args, ok := e.evalArgs(call.Args, f)
	var all list
	for _, g := range groups {
		for _, d := range g.grads {
			all = append(all, tensor{d})
		}
	}
	if !ok || len(all) == 0 {
		return
	}
	args = append([]*argument{{value: all, at: s.Clip.Span()}}, args...)
	clipped, ok := e.callFunction(fn, &callSite{site{s.Clip.Span(), f}, "clip_" + name.Name.Word(), args}).(list)
	if !ok || len(clipped) != len(all) {
		if ok {
			e.fail("clip.count", s.Clip.Span(), "clip_%s gives %d values for %d gradients", name.Name.Word(), len(clipped), len(all))
		}
		return
	}
	for _, g := range groups {
		for i := range g.grads {
			if t, ok := clipped[0].(tensor); ok && t.Type.Equal(g.grads[i].Type, e.facts) {
				g.grads[i] = t.Value
			}
			clipped = clipped[1:]
		}
	}
}

// exceptCells are the parameters that a minimize leaves out.
func (e *elab) exceptCells(s *syntax.Minimize, f *frame) map[*core.Cell]bool {
	out := map[*core.Cell]bool{}
	for _, x := range s.Except {
		for _, c := range e.selected(x, f) {
			out[c] = true
		}
	}
	return out
}

// holdCondition is the run-time condition of `except .. when c`; nil where it never or always holds.
func (e *elab) holdCondition(s *syntax.Minimize, f *frame) *core.Value {
	if s.When == nil {
		return nil
	}
	v := e.asTensor(e.eval(s.When, f), dtype.Bool, site{s.When.Span(), f})
	if v != nil && (len(v.Type.Shape) != 0 || v.Type.DType != dtype.Bool) {
		e.fail("minimize.when", s.When.Span(), "when needs a bool scalar, not %s", e.showTyped(v))
		return nil
	}
	return v
}

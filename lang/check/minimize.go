package check

import (
	"cmp"
	"fmt"
	"slices"

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
	if s.Accumulate != nil {
		e.fail("minimize.accumulate", s.Accumulate.Span(), "accumulate is not compiled yet")
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
	e.clipGroups(s, groups, f)
	hold := e.holdCondition(s, f)
	for _, g := range groups {
		for i, c := range g.cells {
			var h *core.Value
			if except[c] {
				h = hold
			}
			e.stepParam(g.opt, g.hyper, c, g.grads[i], h, g.at)
		}
	}
	for _, g := range groups {
		for _, c := range g.cells {
			e.versionOf(c).wrote, e.versionOf(c).what = s.Range, "minimize"
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

// groupsOf resolves the parameter groups of a loss: explicit ones first, then the one that takes what is left.
func (e *elab) groupsOf(l *syntax.Loss, y *core.Value, f *frame, taken map[*core.Cell]diag.Range, except map[*core.Cell]bool, held bool) []*group {
	r := reach(y)
	current := map[*core.Cell]bool{}
	for _, read := range r.reads {
		if read.Cell.Kind == ir.ParamCell {
			current[read.Cell] = true
		}
	}
	out := make([]*group, len(l.Groups))
	open, failures := -1, e.failures
	for i, sg := range l.Groups {
		name := e.graph.Name + "." + l.Name.Name
		if len(l.Groups) > 1 {
			name = fmt.Sprintf("%s.%d", name, i)
		}
		o, ok := e.usingOf(sg.Using, f, name)
		if !ok {
			return nil
		}
		over := sg.Over
		of := f
		if len(over) == 0 {
			over, of = o.over, o.frame
		}
		g := &group{opt: o, at: sg.Range}
		if g.hyper = e.bindOptimizer(o); g.hyper == nil {
			return nil
		}
		out[i] = g
		if len(over) == 0 {
			open = i
			continue
		}
		g.cells = e.overCells(over, of, current)
		e.take(g, taken)
	}
	if open >= 0 {
		out[open].cells = e.leftCells(current, taken)
		e.take(out[open], taken)
	}
	for _, g := range out {
		g.cells = slices.DeleteFunc(g.cells, func(c *core.Cell) bool { return except[c] && !held })
		if len(g.cells) == 0 && len(l.Groups) == 1 && e.failures == failures {
			d := diag.New("minimize.none", g.at, l.Name.Name+" does not depend on any parameter that is to be trained")
			e.report(d.WithHint("stop_gradient and freeze end a dependence"))
		}
		e.checkVersions(g, r, l)
	}
	return out
}

// take marks the cells of a group: a parameter has one optimiser in a statement.
func (e *elab) take(g *group, taken map[*core.Cell]diag.Range) {
	for _, c := range g.cells {
		if at, twice := taken[c]; twice {
			e.report(diag.New("minimize.twice", g.at, c.Name+" is in two groups of one statement").WithRelated(at, "the first group"))
			return
		}
	}
	for _, c := range g.cells {
		taken[c] = g.at
	}
}

// leftCells are the parameters that the loss reaches, that are not frozen and that no other group takes.
func (e *elab) leftCells(current map[*core.Cell]bool, taken map[*core.Cell]diag.Range) []*core.Cell {
	var out []*core.Cell
	for _, c := range e.model.Cells {
		if _, other := taken[c]; current[c] && !other && !c.Frozen {
			out = append(out, c)
		}
	}
	return out
}

// overCells are the parameters named after over that the loss reaches.
func (e *elab) overCells(over []syntax.Expr, f *frame, current map[*core.Cell]bool) []*core.Cell {
	var out []*core.Cell
	for _, x := range over {
		for _, c := range e.selected(x, f) {
			if current[c] && !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// selected are the parameters that an expression after over, except or freeze names.
func (e *elab) selected(x syntax.Expr, f *frame) []*core.Cell {
	if c, ok := unparen(x).(*syntax.Call); ok {
		if p, ok := c.Fun.(*syntax.PathExpr); ok && p.Name.Word() == "params" {
			return e.filtered(c, f)
		}
	}
	switch v := e.updateTarget(unparen(x), f).(type) {
	case cellRef:
		if v.Kind == ir.ParamCell {
			return []*core.Cell{v.Cell}
		}
		e.fail("over.kind", x.Span(), "%s is a %s; only params are trained", v.Name, v.Kind)
	case place:
		cells := e.placeCells(v)
		if len(cells) == 0 {
			e.fail("over.empty", x.Span(), "%s has no parameters", orModel(v.String()))
		}
		return cells
	case poison:
	default:
		e.fail("over.kind", x.Span(), "an instance or a parameter is needed here, and %s is %s", e.source(x.Span()), e.describe(v))
	}
	return nil
}

// filtered is params(D, rank >= 2): the parameters of an instance, the whole model by default, for which all
// conditions hold. In a condition rank, size, shape and name speak of the parameter.
func (e *elab) filtered(c *syntax.Call, f *frame) []*core.Cell {
	cells := e.root.params(ir.ParamCell)
	if f.inst != nil {
		cells = f.inst.params(ir.ParamCell)
	}
	conditions := []syntax.Expr{}
	for i, a := range c.Args {
		switch unparen(a.Value).(type) {
		case *syntax.PathExpr, *syntax.Select:
			if i == 0 {
				cells = e.selected(a.Value, f)
				continue
			}
		}
		conditions = append(conditions, a.Value)
	}
	return slices.DeleteFunc(slices.Clone(cells), func(cell *core.Cell) bool {
		inner := newFrame(f, f.scope, f.inst, f.what)
		inner.vars["rank"] = whole(int64(cell.Type.Rank()))
		inner.vars["size"] = sized(cell.Type.Size())
		inner.vars["name"] = text(cell.Name)
		for _, x := range conditions {
			if holds, ok := e.evalBool(x, inner); !ok || !holds {
				return true
			}
		}
		return false
	})
}

// checkVersions refuses to differentiate through a value that was computed from an older version of a parameter.
func (e *elab) checkVersions(g *group, r *reached, l *syntax.Loss) {
	stale := map[*core.Cell]*core.Read{}
	for _, read := range r.reads {
		if read.Version != e.versionOf(read.Cell).number {
			stale[read.Cell] = read
		}
	}
	for _, c := range g.cells {
		read := stale[c]
		if read == nil {
			continue
		}
		v := e.versionOf(c)
		d := diag.New("minimize.stale", l.Range, fmt.Sprintf("%s depends on %s as it was before line %d changed it", l.Name.Name, c.Name, v.wrote.Start.Line))
		d = d.WithRelated(e.userPlace(read), "computed here from the older version").WithRelated(v.wrote, "changed here by "+v.what)
		e.report(d.WithHint("compute it again after the change, wrap it in stop_gradient(..), or minimize both losses in one statement"))
		return
	}
}

// userPlace is the user's line that an instruction comes from.
func (e *elab) userPlace(i core.Instr) diag.Range {
	o := core.OriginOf(i)
	for k := len(o.Via) - 1; k >= 0; k-- {
		if !isStd(o.Via[k].File) {
			return o.Via[0]
		}
	}
	return o.Pos
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
	args = append([]*argument{{"", all, s.Clip.Span()}}, args...)
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

// reportStmt executes `report a, b = e`.
func (e *elab) reportStmt(s *syntax.Report, f *frame) {
	if e.graph == nil || len(e.open) != 1 {
		e.fail("report.place", s.Range, "report stands in the body of a train graph")
		return
	}
	for _, a := range s.Entries {
		name := a.Name.Name
		if name == "" {
			p, ok := a.Value.(*syntax.PathExpr)
			if !ok {
				e.report(diag.New("report.name", a.Range, "a reported value needs a name").WithHint("report name = .."))
				continue
			}
			name, _ = e.pathText(p.Name, f)
		}
		v := e.asTensor(e.eval(a.Value, f), e.float, site{a.Value.Span(), f})
		if v == nil {
			continue
		}
		if i := slices.IndexFunc(e.graph.Results, func(r *core.Result) bool { return r.Name == name }); i >= 0 {
			e.report(diag.New("report.twice", a.Range, name+" is reported twice").WithRelated(e.graph.Results[i].Pos, "the first time"))
			continue
		}
		e.graph.Results = append(e.graph.Results, &core.Result{Name: name, Role: ir.Report, Value: v, Pos: a.Range})
	}
}

// freezeStmt executes `freeze a, b`.
func (e *elab) freezeStmt(s *syntax.Freeze, f *frame) {
	for _, x := range s.Targets {
		switch v := e.updateTarget(x, f).(type) {
		case place:
			if v.rest == "" {
				v.inst.freeze()
				continue
			}
			for _, c := range e.placeCells(v) {
				c.Frozen = true
			}
		case cellRef:
			v.Frozen = true
		case poison:
		default:
			e.fail("freeze.kind", x.Span(), "freeze takes instances and params, and %s is %s", e.source(x.Span()), e.describe(v))
		}
	}
}

// freeze makes an instance untrained, with all that is and will be in it.
func (i *instance) freeze() {
	i.frozen = true
	for _, c := range i.cellList {
		c.Frozen = true
	}
	for _, l := range i.order {
		i.children[l].freeze()
	}
}

func sortedUnique(names []string) []string {
	slices.SortFunc(names, cmp.Compare[string])
	return slices.Compact(names)
}

package check

import (
	"fmt"
	"slices"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/lang/check/core"
	"mmc/lang/syntax"
)

// This file finds the parameters that a minimize statement trains.

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
		d = d.WithRelated(core.OriginOf(read).Outer, "computed here from the older version").WithRelated(v.wrote, "changed here by "+v.what)
		e.report(d.WithHint("compute it again after the change, wrap it in stop_gradient(..), or minimize both losses in one statement"))
		return
	}
}

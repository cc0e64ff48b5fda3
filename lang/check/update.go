package check

import (
	"fmt"
	"strings"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/lang/check/core"
	"mmc/lang/syntax"
)

// cellMap is the cell at hand while a whole instance is updated.
type cellMap struct {
	suffix string // the cell's path below the target
	target string
}

// update executes `update x = e` and `update x[i, a : b] = e`.
func (e *elab) update(s *syntax.Update, f *frame) {
	target, index := s.Target, (*syntax.Index)(nil)
	if i, ok := s.Target.(*syntax.Index); ok {
		target, index = i.X, i
	}
	switch t := e.updateTarget(target, f).(type) {
	case cellRef:
		e.updateCell(t.Cell, index, s, f)
	case place:
		if index != nil {
			e.fail("update.target", s.Target.Span(), "%s is an instance and has no subscripts", t)
			return
		}
		e.updateInstance(t, s, f)
	case poison:
	default:
		d := diag.New("update.target", target.Span(), fmt.Sprintf("update writes params, states, caches, inout arguments and instances, and %s is %s", e.source(target.Span()), e.describe(t)))
		e.report(d.WithHint("bind a new value with ="))
	}
}

// updateTarget finds what an update writes, without reading it.
func (e *elab) updateTarget(x syntax.Expr, f *frame) value {
	if p, ok := x.(*syntax.PathExpr); ok {
		name, ok := e.pathText(p.Name, f)
		if !ok {
			return poison{}
		}
		if v, ok := f.lookup(name); ok {
			return v
		}
		if q, ok := e.findPlace(f.inst, name); ok {
			return q
		}
		if e.demandLabel(f, name) {
			if q, ok := e.findPlace(f.inst, name); ok {
				return q
			}
		}
		return e.unknown(name, p.Range, f)
	}
	v := e.evalBase(x, f)
	if p, ok := v.(place); ok {
		if c, ok := e.cellAt(p); ok {
			return c
		}
	}
	return v
}

// active tells whether an update of a cell of that kind does anything in the mode at hand.
func (e *elab) active(c *core.Cell, at diag.Range) bool {
	switch c.Kind {
	case ir.StateCell:
		return e.training
	case ir.ParamCell:
		if !e.training {
			e.report(diag.New("update.param", at, c.Name+" is a parameter: only train graphs write it").WithHint("make it a state, or move the update to a train graph"))
			return false
		}
	}
	return true
}

func (e *elab) updateCell(c *core.Cell, index *syntax.Index, s *syntax.Update, f *frame) {
	if !e.active(c, s.Range) {
		return
	}
	at := site{s.Value.Span(), f}
	v := e.asTensor(e.eval(s.Value, f), c.Type.DType, at)
	if v == nil {
		return
	}
	if index != nil {
		v = e.updatedPiece(c, v, index, f)
	} else {
		v = e.fit(v, c.Type, at, c.Name)
	}
	if v == nil {
		return
	}
	e.writeHeld(c, v, site{s.Range, f}, f)
}

// writeHeld writes a cell; an optimiser that is held back by a condition keeps the old value where it holds.
func (e *elab) writeHeld(c *core.Cell, v *core.Value, s site, f *frame) {
	if f.slots != nil && f.slots.hold != nil {
		old := e.readCell(c, s.at, f)
		hold := e.broadcast(f.slots.hold, c.Type.Shape, s)
		if v = e.must("select", nil, s, hold, old, v); v == nil {
			return
		}
	}
	e.write(c, v, s, "update")
}

// updatedPiece is the cell's value with a piece replaced.
func (e *elab) updatedPiece(c *core.Cell, v *core.Value, index *syntax.Index, f *frame) *core.Value {
	s := site{index.Range, f}
	old := e.readCell(c, index.X.Span(), f)
	subs, ok := e.subscripts(old, index, f)
	if !ok {
		return nil
	}
	if len(subs.newAt) > 0 {
		e.fail("update.new", index.Range, "new has no meaning where something is written")
		return nil
	}
	piece, shape := make([]dim.Expr, len(subs.cuts)), []dim.Expr(nil)
	for i, cut := range subs.cuts {
		if cut.step != 1 {
			e.fail("update.step", index.Range, "an update has no step")
			return nil
		}
		piece[i] = cut.size
		if !cut.drop {
			shape = append(shape, cut.size)
		}
	}
	if v = e.fit(v, ir.Type{DType: c.Type.DType, Shape: shape}, s, "the piece of "+c.Name); v == nil {
		return nil
	}
	whole, ok := e.reshapeTo(v, piece, s).(tensor)
	if !ok {
		return nil
	}
	starts := e.starts(subs.cuts, s)
	if starts == nil {
		return nil
	}
	return e.must("dynamic_update_slice", nil, s, append([]*core.Value{old, whole.Value}, starts...)...)
}

// updateInstance writes each parameter of an instance: the value is evaluated once per parameter, and instances in it
// mean their corresponding parameter.
func (e *elab) updateInstance(p place, s *syntax.Update, f *frame) {
	cells := e.placeCells(p)
	if len(cells) == 0 {
		e.fail("update.empty", s.Target.Span(), "%s has no parameters yet: it has not been called before this line", orModel(p.String()))
		return
	}
	saved := e.mapping
	n := e.diags.count()
	for _, c := range cells {
		e.mapping = &cellMap{strings.TrimPrefix(strings.TrimPrefix(c.Name, p.String()), "."), p.String()}
		e.updateCell(c, nil, s, f)
		if e.diags.count() > n {
			break // the next parameter would say the same
		}
	}
	e.mapping = saved
}

// placeCells lists the parameters that a path names: of an instance, of all labels that begin with it, or one.
func (e *elab) placeCells(p place) []*core.Cell {
	if p.rest == "" {
		if p.inst.like != nil {
			e.mirror(p.inst)
		}
		return p.inst.params(ir.ParamCell)
	}
	if c, ok := p.inst.cells[p.rest]; ok {
		return []*core.Cell{c}
	}
	var out []*core.Cell
	for _, l := range p.inst.order {
		if l == p.rest || strings.HasPrefix(l, p.rest+".") {
			out = append(out, p.inst.children[l].params(ir.ParamCell)...)
		}
	}
	return out
}

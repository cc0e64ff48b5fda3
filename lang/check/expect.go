package check

import (
	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/lang/check/core"
	"mmc/lang/syntax"
)

// expectAll checks the facts that a model states of itself.
func (e *elab) expectAll(expects []*syntax.Expect) {
	for _, x := range expects {
		f := newFrame(e.root.frame, e.root.frame.scope, e.root, "expect")
		f.vars["params"] = builtin{"params", (*elab).countParams}
		b, ok := unparen(x.Cond).(*syntax.Binary)
		if !ok || !isComparison(b.Op) {
			if holds, ok := e.evalBool(x.Cond, f); ok && !holds {
				e.fail("expect.false", x.Range, "expected: %s", e.source(x.Cond.Span()))
			}
			continue
		}
		l, r := e.eval(b.X, f), e.eval(b.Y, f)
		if isPoison(l) || isPoison(r) {
			continue
		}
		if holds, ok := e.compare(b.Op, l, r, site{x.Range, f}).(boolean); ok && !bool(holds) {
			e.fail("expect.false", x.Range, "expected %s, but %s is %s", e.source(x.Cond.Span()), e.source(b.X.Span()), e.show(l))
		}
	}
}

// countParams is params(x) in an expect: the number of elements of the parameters that a graph reads, or of an instance.
func (e *elab) countParams(c *callSite) value {
	if len(c.args) != 1 {
		return e.fail("call.arity", c.at, "params counts the parameters of one graph or instance")
	}
	var cells []*core.Cell
	switch v := c.args[0].value.(type) {
	case graphRef:
		g := e.graphsDone[v.decl.Name.Name]
		if g == nil || v.inst != e.root {
			return poison{}
		}
		cells = cellsRead(g.Body)
	case place:
		cells = e.placeCells(v)
	default:
		return e.report(diag.New("expect.params", c.args[0].at, "params counts the parameters of a graph or an instance, and this is "+e.describe(v)))
	}
	seen := map[*core.Cell]bool{}
	total := dim.Int(0)
	for _, cell := range cells {
		if cell.Kind == ir.ParamCell && !seen[cell] {
			seen[cell] = true
			total = total.Add(cell.Type.Size())
		}
	}
	return sized(total)
}

// cellsRead lists the cells that a body reads, those of the bodies in it included.
func cellsRead(b *core.Body) []*core.Cell {
	var out []*core.Cell
	for _, i := range b.Instrs {
		switch i := i.(type) {
		case *core.Read:
			out = append(out, i.Cell)
		case *core.Custom:
			out = append(out, cellsRead(i.Body)...)
		case *core.Scan:
			out = append(out, cellsRead(i.Body)...)
		case *core.Loop:
			out = append(out, cellsRead(i.Body)...)
		case *core.Cond:
			out = append(append(out, cellsRead(i.Then)...), cellsRead(i.Else)...)
		}
	}
	return out
}

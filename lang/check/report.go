package check

import (
	"slices"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/lang/check/core"
	"mmc/lang/syntax"
)

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

package syntax

import "mmc/internal/diag"

// checkUnused reports values that stand in front of other statements and so do nothing: only the last of a body can be
// its result. Behind most of them is a slip of the pen.
func (p *parser) checkUnused(list []Stmt) {
	for _, s := range list[:max(0, len(list)-1)] {
		if e, ok := s.(*ExprStmt); ok {
			p.unused(e.X)
		}
	}
}

func (p *parser) unused(e Expr) {
	switch e := e.(type) {
	case *Binary:
		if e.Op == "==" {
			d := diag.New("syntax.unused", e.OpAt, "this comparison stands alone and does nothing").WithHint("a name is bound with `=`")
			d.Fixes = []diag.Fix{{Range: e.OpAt, NewText: "=", Message: "write `=`"}}
			p.report(d)
			return
		}
		p.report(diag.New("syntax.unused", e.Range, "this value is not used").WithHint("bind it to a name, or remove it"))
	case *Unary:
		p.report(diag.New("syntax.unused", e.Range, "this value is not used").
			WithHint("if it continues the line before, end that line with the operator"))
	case *PathExpr, *Select, *Index, *Number, *String, *Word, *List:
		p.report(diag.New("syntax.unused", e.Span(), "this value is not used").WithHint("bind it to a name, or remove it"))
	}
}

// checkPlaces reports what cannot stand outside a model or a block.
func (p *parser) checkPlaces(list []Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *Import, *Model, *Block, *Fn, *Graph, *OptimizerDecl, *Cell:
		case *ExprStmt:
			if _, bad := s.X.(*Bad); !bad {
				p.outside(s)
			}
		default:
			p.outside(s)
		}
	}
}

func (p *parser) outside(s Stmt) {
	at := s.Span()
	at.End = diag.Pos{Offset: at.Start.Offset + 1, Line: at.Start.Line, Col: at.Start.Col + 1}
	p.report(diag.New("syntax.place", at, "only declarations may stand outside a model").
		WithHint("declarations are import, model, block, fn, optimizer and const; is a `}` too many above?"))
}

package check

import (
	"fmt"

	"mmc/internal/diag"
	"mmc/ir/dim"
	"mmc/lang/syntax"
)

// undecided is an equality of dims that the facts neither prove nor refute, with the diagnostic it would give.
type undecided struct {
	pairs [][2]dim.Expr
	diag  diag.Diagnostic
	via   []diag.Range
}

// undecided notes equalities whose proof a fact is missing and assumes them, so that elaboration can go on. It returns
// false where one is refuted or cannot be assumed: then the caller reports its error.
func (e *elab) undecided(pairs [][2]dim.Expr, d diag.Diagnostic) bool {
	if len(pairs) == 0 || e.facts == nil {
		return false
	}
	trial := e.facts.Clone()
	for _, p := range pairs {
		if e.facts.Disproves(p[0], p[1]) || !mentionsSymbol(p) {
			return false
		}
		if trial.AssumeEqual(p[0], p[1]) != nil || !trial.Equal(p[0], p[1]) {
			return false
		}
	}
	if _, helps := e.known.Hint(pairs); !helps {
		return false // an equality of unrelated dims: an ordinary mismatch
	}
	e.gaps = append(e.gaps, undecided{pairs, d, e.via})
	*e.facts = *trial
	return true
}

func mentionsSymbol(p [2]dim.Expr) bool { return len(p[0].Syms())+len(p[1].Syms()) > 0 }

// settleGaps reports the undecided equalities of a graph once, with the facts that would decide all of them.
func (e *elab) settleGaps(sig *syntax.Signature) {
	if len(e.gaps) == 0 {
		return
	}
	var pairs [][2]dim.Expr
	for _, u := range e.gaps {
		pairs = append(pairs, u.pairs...)
	}
	first := e.gaps[0]
	d := first.diag
	if fact, ok := e.known.Hint(pairs); ok {
		d.Hint = "add `" + fact + "` to the signature of " + e.graph.Name
		d.Fixes = append(d.Fixes, whereFix(sig, fact))
	}
	for i, u := range e.gaps[1:] {
		if i == 3 {
			break
		}
		d = d.WithRelated(u.diag.Range, "the same fact is missing here: "+u.diag.Message)
	}
	via := e.via
	e.via = first.via
	e.report(d)
	e.via = via
}

// whereFix is the edit that adds facts to a signature.
func whereFix(sig *syntax.Signature, fact string) diag.Fix {
	at := sig.Range
	at.Start = at.End
	text := "\n    " + fact
	if n := len(sig.Where); n > 0 {
		at = sig.Where[n-1].Span()
		at.Start = at.End
		text = ", " + fact[len("where "):]
	}
	return diag.Fix{Range: at, NewText: text, Message: "add " + fact}
}

// relation is a fact of a where clause.
type relation struct {
	op   string
	a, b dim.Expr
	of   dim.Expr // of divisibility: a % of == 0
}

// relationOf evaluates a fact. Facts about compile-time values alone are decided at once: then ok is false and holds
// says how.
func (e *elab) relationOf(x syntax.Expr, f *frame) (r relation, holds, ok bool) {
	b, isBinary := unparen(x).(*syntax.Binary)
	if !isBinary || !isComparison(b.Op) {
		v, good := e.evalBool(x, f)
		return relation{}, v || !good, false
	}
	if m, isMod := unparen(b.X).(*syntax.Binary); isMod && m.Op == "%" && b.Op == "==" && isZeroLiteral(b.Y) {
		a, ok1 := e.dimOf(m.X, f)
		of, ok2 := e.dimOf(m.Y, f)
		return relation{op: "%", a: a, of: of}, true, ok1 && ok2
	}
	l, r2 := e.eval(b.X, f), e.eval(b.Y, f)
	m, ok1 := l.(number)
	n, ok2 := r2.(number)
	if !ok1 || !ok2 {
		if isPoison(l) || isPoison(r2) {
			return relation{}, true, false
		}
		v, _ := e.compare(b.Op, l, r2, site{x.Span(), f}).(boolean)
		return relation{}, bool(v), false
	}
	p, q, exact := crossed(m, n)
	if !exact {
		v, _ := e.compareNumbers(b.Op, m, n, site{x.Span(), f}).(boolean)
		return relation{}, bool(v), false
	}
	return relation{op: b.Op, a: p, b: q}, true, true
}

func isZeroLiteral(x syntax.Expr) bool {
	n, ok := unparen(x).(*syntax.Number)
	return ok && n.Text == "0"
}

func unparen(x syntax.Expr) syntax.Expr {
	for {
		p, ok := x.(*syntax.Paren)
		if !ok {
			return x
		}
		x = p.X
	}
}

// condition is the relation as ir/dim knows it.
func (r relation) condition() dim.Condition {
	one := dim.Int(1)
	switch r.op {
	case "%":
		return dim.Condition{Kind: dim.Divisible, A: r.a, B: r.of}
	case "==":
		return dim.Condition{Kind: dim.Equal, A: r.a, B: r.b}
	case "<=":
		return dim.Condition{Kind: dim.AtMost, A: r.a, B: r.b}
	case ">=":
		return dim.Condition{Kind: dim.AtMost, A: r.b, B: r.a}
	case "<":
		return dim.Condition{Kind: dim.AtMost, A: r.a.Add(one), B: r.b}
	case ">":
		return dim.Condition{Kind: dim.AtMost, A: r.b.Add(one), B: r.a}
	}
	return dim.Condition{Kind: dim.NonZero, A: r.a.Sub(r.b)}
}

// assume takes the where clause of an entry point for granted: it is tested at run time, at the door.
func (e *elab) assume(where []syntax.Expr, f *frame) {
	for _, x := range where {
		r, holds, ok := e.relationOf(x, f)
		if !ok {
			if !holds {
				e.fail("where.false", x.Span(), "%s never holds", e.source(x.Span()))
			}
			continue
		}
		err := assumeRelation(e.facts, r)
		if n, isConst := r.a.Const(); err == nil && r.op == "%" && isConst && n > 0 {
			err = e.facts.AssumeAtMost(r.of, r.a) // a divisor of 64 is at most 64
		}
		if err != nil {
			e.fail("where.false", x.Span(), "%s: %s", e.source(x.Span()), err)
		}
	}
	e.known = e.facts.Clone()
}

func assumeRelation(f *dim.Facts, r relation) error {
	one := dim.Int(1)
	switch r.op {
	case "%":
		return f.AssumeMultiple(r.a, r.of)
	case "==":
		return f.AssumeEqual(r.a, r.b)
	case "<=":
		return f.AssumeAtMost(r.a, r.b)
	case ">=":
		return f.AssumeAtMost(r.b, r.a)
	case "<":
		return f.AssumeAtMost(r.a.Add(one), r.b)
	case ">":
		return f.AssumeAtMost(r.b.Add(one), r.a)
	}
	return f.AssumeNonZero(r.a.Sub(r.b))
}

// prove demands the where clause of a callee from what the caller knows.
func (e *elab) prove(where []syntax.Expr, f *frame, at diag.Range, callee string) bool {
	good := true
	for _, x := range where {
		r, holds, ok := e.relationOf(x, f)
		if ok {
			holds = e.facts.Implies(r.condition())
		}
		if holds {
			continue
		}
		how := "is not known here"
		if len(r.a.Syms())+len(r.b.Syms())+len(r.of.Syms()) == 0 {
			how = "does not hold"
		}
		d := diag.New("where.unknown", at, fmt.Sprintf("%s needs %s, which %s", callee, e.showRelation(r, x, ok), how))
		d = d.WithRelated(x.Span(), "needed here")
		if ok && r.op == "%" && e.undecided([][2]dim.Expr{{r.a.FloorDiv(r.of).Mul(r.of), r.a}}, d) {
			continue
		}
		if ok && len(r.a.Syms())+len(r.b.Syms()) > 0 {
			d.Hint = "add `where " + e.showRelation(r, x, ok) + "` to the signature of " + e.graphName()
		}
		e.report(d)
		good = false
	}
	return good
}

func (e *elab) graphName() string {
	if e.graph == nil {
		return "the caller"
	}
	return e.graph.Name
}

// showRelation prints a fact in the caller's dims.
func (e *elab) showRelation(r relation, x syntax.Expr, ok bool) string {
	switch {
	case !ok:
		return e.source(x.Span())
	case r.op == "%":
		return e.facts.Show(r.a) + " % " + e.facts.Show(r.of) + " == 0"
	}
	return e.facts.Show(r.a) + " " + r.op + " " + e.facts.Show(r.b)
}

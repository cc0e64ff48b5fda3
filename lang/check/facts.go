package check

import (
	"errors"
	"fmt"

	"mmc/internal/diag"
	"mmc/ir"
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

// factOf evaluates a fact of a where clause. Facts about compile-time values alone are decided at once: then ok is false
// and holds says how.
func (e *elab) factOf(x syntax.Expr, f *frame) (c dim.Condition, holds, ok bool) {
	b, isBinary := unparen(x).(*syntax.Binary)
	if !isBinary || !isComparison(b.Op) {
		v, good := e.evalBool(x, f)
		return c, v || !good, false
	}
	if m, isMod := unparen(b.X).(*syntax.Binary); isMod && m.Op == "%" && b.Op == "==" && isZeroLiteral(b.Y) {
		a, ok1 := e.dimOf(m.X, f)
		of, ok2 := e.dimOf(m.Y, f)
		return dim.Condition{Kind: dim.Divisible, A: a, B: of}, true, ok1 && ok2
	}
	l, r := e.eval(b.X, f), e.eval(b.Y, f)
	m, ok1 := l.(number)
	n, ok2 := r.(number)
	if !ok1 || !ok2 {
		if isPoison(l) || isPoison(r) {
			return c, true, false
		}
		v, _ := e.compare(b.Op, l, r, site{x.Span(), f}).(boolean)
		return c, bool(v), false
	}
	p, q, exact := crossed(m, n)
	if !exact {
		v, _ := e.compareNumbers(b.Op, m, n, site{x.Span(), f}).(boolean)
		return c, bool(v), false
	}
	return conditionOf(b.Op, p, q), true, true
}

// conditionOf is a comparison as ir/dim knows it.
func conditionOf(op string, a, b dim.Expr) dim.Condition {
	switch op {
	case "==":
		return dim.Condition{Kind: dim.Equal, A: a, B: b}
	case "<=":
		return dim.Condition{Kind: dim.AtMost, A: a, B: b}
	case ">=":
		return dim.Condition{Kind: dim.AtMost, A: b, B: a}
	case "<":
		return dim.Condition{Kind: dim.Less, A: a, B: b}
	case ">":
		return dim.Condition{Kind: dim.Less, A: b, B: a}
	}
	return dim.Condition{Kind: dim.NonZero, A: a.Sub(b)}
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

// assume takes the where clause of an entry point for granted: it is tested at run time, at the door.
func (e *elab) assume(where []syntax.Expr, f *frame) {
	for _, x := range where {
		c, holds, ok := e.factOf(x, f)
		if !ok {
			if !holds {
				e.fail("where.false", x.Span(), "%s never holds", e.source(x.Span()))
			}
			continue
		}
		err := assumeCondition(e.facts, c)
		if n, isConst := c.A.Const(); err == nil && c.Kind == dim.Divisible && isConst && n > 0 {
			err = e.facts.AssumeAtMost(c.B, c.A) // a divisor of 64 is at most 64
		}
		if err != nil {
			e.fail("where.false", x.Span(), "%s: %s", e.source(x.Span()), err)
		}
	}
	e.known = e.facts.Clone()
}

// exists takes for granted that no size of a value is below zero, as the run tests at the door: what is made of the value may
// rely on it. Sizes of the operands are known to be sizes. It reports a size that is below zero whatever the dims are.
func (e *elab) exists(t ir.Type, at diag.Range, of ...ir.Type) bool {
	for _, d := range t.Shape {
		if _, isConst := d.Const(); isConst || e.facts == nil || isSizeOf(d, of) || e.facts.NonNegative(d) {
			continue
		}
		d = e.facts.Original(d)
		least, err := d.Eval(func(string) (int64, bool) { return 0, true }) // H - 4 >= 0 is better said as 4 <= H
		if least = -least; err != nil || least < 0 {
			least = 0
		}
		if err := e.facts.AssumeAtMost(dim.Int(least), d.Add(dim.Int(least))); errors.Is(err, dim.ErrContradiction) {
			e.fail("shape.range", at, "the size %s is always below zero", e.facts.Show(d))
			return false
		}
	}
	return true
}

// isSizeOf tells whether d is a size of some of the types, or a dim by itself.
func isSizeOf(d dim.Expr, of []ir.Type) bool {
	if syms := d.Syms(); len(syms) == 1 && d.Equal(dim.Sym(syms[0])) {
		return true
	}
	for _, t := range of {
		for _, o := range t.Shape {
			if d.Equal(o) {
				return true
			}
		}
	}
	return false
}

func assumeCondition(f *dim.Facts, c dim.Condition) error {
	switch c.Kind {
	case dim.Divisible:
		return f.AssumeMultiple(c.A, c.B)
	case dim.Equal:
		return f.AssumeEqual(c.A, c.B)
	case dim.AtMost:
		return f.AssumeAtMost(c.A, c.B)
	case dim.Less:
		return f.AssumeLess(c.A, c.B)
	}
	return f.AssumeNonZero(c.A)
}

// prove demands the where clause of a callee from what the caller knows.
func (e *elab) prove(where []syntax.Expr, f *frame, at diag.Range, callee string) bool {
	good := true
	for _, x := range where {
		c, holds, ok := e.factOf(x, f)
		if ok {
			holds = e.facts.Implies(c)
		}
		if !holds && !e.missing(c, ok, x, at, callee) {
			good = false
		}
	}
	return good
}

// missing reports a fact that a callee needs and the caller does not know; true where it goes on as if it were known.
func (e *elab) missing(c dim.Condition, symbolic bool, x syntax.Expr, at diag.Range, callee string) bool {
	text, how := e.source(x.Span()), "does not hold"
	if symbolic {
		text = e.showCondition(c)
	}
	if len(c.A.Syms())+len(c.B.Syms()) > 0 {
		how = "is not known here"
	}
	d := diag.New("where.unknown", at, fmt.Sprintf("%s needs %s, which %s", callee, text, how)).WithRelated(x.Span(), "needed here")
	if symbolic && c.Kind == dim.Divisible && e.undecided([][2]dim.Expr{{c.A.FloorDiv(c.B).Mul(c.B), c.A}}, d) {
		return true
	}
	if len(c.A.Syms())+len(c.B.Syms()) > 0 {
		d.Hint = "add `where " + text + "` to the signature of " + e.graph.Name
	}
	e.report(d)
	return false
}

// showCondition prints a fact in the caller's dims.
func (e *elab) showCondition(c dim.Condition) string {
	a, b := e.facts.Show(c.A), e.facts.Show(c.B)
	switch c.Kind {
	case dim.Divisible:
		return a + " % " + b + " == 0"
	case dim.Equal:
		return a + " == " + b
	case dim.AtMost:
		return a + " <= " + b
	case dim.Less:
		return a + " < " + b
	}
	return a + " != 0"
}

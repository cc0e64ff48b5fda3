package syntax

import (
	"github.com/alecthomas/participle/v2/lexer"

	"mmc/internal/diag"
)

// ident consumes a word.
func (x *exprs) ident() Ident {
	t := *x.next()
	return Ident{At: At{rangeOf(&t)}, Name: t.Value}
}

// name consumes a word that is no keyword, or fails.
func (x *exprs) name(what string) Ident {
	t := x.peek()
	if t.Type == tIdent {
		return x.ident()
	}
	if x.err == nil {
		x.fail(expected(what, t))
	}
	return Ident{}
}

// path reads a dotted name with interpolations: layer{s + 1}.{b}, lm.h.3.
func (x *exprs) path() *Path {
	p := &Path{}
	start := rangeOf(x.peek())
	for ok := true; ok && x.err == nil; ok = x.accept(".") {
		p.Parts = append(p.Parts, x.part())
	}
	p.At = x.from(start)
	return p
}

// part reads one part of a path: pieces of text and interpolations that are glued together.
func (x *exprs) part() PathPart {
	start := *x.peek()
	part := PathPart{}
	for x.err == nil {
		t := x.peek()
		if len(part.Pieces) > 0 && !glued(&x.last, t) {
			break
		}
		if t.Type == tInterp {
			part.Pieces = append(part.Pieces, Piece{Expr: x.interpolation()})
			continue
		}
		if !isWord(t) && t.Type != tInt || len(part.Pieces) > 0 && part.Pieces[len(part.Pieces)-1].Expr == nil {
			break
		}
		part.Pieces = append(part.Pieces, Piece{Text: x.next().Value})
	}
	if len(part.Pieces) == 0 && x.err == nil {
		x.fail(expected("a name", x.peek()))
	}
	part.At = x.from(rangeOf(&start))
	return part
}

// interpolation reads `{e}` glued into a name.
func (x *exprs) interpolation() Expr {
	open := *x.next()
	if !x.at("}") {
		e := x.expr(lowest)
		if x.accept("}") || x.err != nil {
			return e
		}
	}
	return x.fail(diag.New("syntax.interpolation", rangeOf(&open), "a `{` glued to a name is an interpolation, and this one holds no single expression").
		WithHint("put a space before the `{` of a body"))
}

// atLabel reports whether the next tokens are a path and a colon.
func (x *exprs) atLabel() bool {
	if x.err != nil {
		return false
	}
	here := x.lex.MakeCheckpoint()
	defer x.lex.LoadCheckpoint(here)
	if !isWord(x.lex.Peek()) {
		return false
	}
	for named := false; ; { // named: a piece of text has just been read, so no other may follow
		switch t := x.lex.Next(); {
		case isOp(t, ":"):
			return true
		case isOp(t, "."):
			named = false
		case t.Type == tInterp:
			skipInterpolation(x.lex)
			named = false
		case !named && (isWord(t) || t.Type == tInt):
			named = true
		default:
			return false
		}
	}
}

// skipInterpolation moves behind the } of the interpolation that has just been opened.
func skipInterpolation(lex *lexer.PeekingLexer) {
	for depth := 1; depth > 0; {
		switch t := lex.Next(); {
		case t.EOF():
			return
		case t.Type == tInterp:
			depth++
		case isOp(t, "}"):
			depth--
		}
	}
}

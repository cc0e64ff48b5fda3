package syntax

import (
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"mmc/internal/diag"
)

// The kinds of token. participle wants negative numbers below those of its own.
const (
	tIdent   lexer.TokenType = -10 - iota
	tKeyword                 // a reserved word
	tInt
	tFloat
	tString // with its quotes
	tOp
	tBrace   // a { that opens a body
	tInterp  // a { glued to a name or to a dot: it opens an interpolation
	tNewline // the end of a statement: a line's end or ;
)

// keywords are reserved: they cannot name a value. They may still be argument names (before a colon inside a call)
// and parts of a dotted path, since parameter names are dictated by published checkpoints.
var keywords = wordSet(`import model block fn graph train optimizer
	param state cache const random update minimize report freeze expect alias return yield
	if else for in scan loop cond and or not
	where with over using init until inout
	true false none training decoding self`)

// values are the keywords that stand for a value.
var values = wordSet(`true false none training decoding self`)

// wordOperators are spelled like names.
var wordOperators = wordSet(`and or not`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// operators holds the operators of two and more bytes, longest first.
var operators = []string{"...", "**", "|>", "->", "..", "==", "!=", "<=", ">=", ":="}

// binaryOperators need a right operand, so a line that ends in one goes on.
var binaryOperators = map[string]bool{
	"**": true, "*": true, "/": true, "%": true, "@": true, "+": true, "-": true, "..": true, "|>": true,
	"==": true, "!=": true, "<": true, "<=": true, ">": true, ">=": true, "and": true, "or": true,
}

// symbols maps the names that the grammar uses to kinds.
var symbols = map[string]lexer.TokenType{
	"EOF": lexer.EOF, "Ident": tIdent, "Keyword": tKeyword, "Int": tInt, "Float": tFloat, "String": tString,
	"Op": tOp, "Brace": tBrace, "Interp": tInterp, "Newline": tNewline,
}

// isWord reports whether t is a name or a keyword.
func isWord(t *lexer.Token) bool { return t.Type == tIdent || t.Type == tKeyword }

// isOp reports whether t is the operator or punctuation op, and not a string of the same spelling.
func isOp(t *lexer.Token, op string) bool { return t.Type == tOp && t.Value == op }

// isOpener and isCloser tell brackets of all kinds.
func isOpener(t *lexer.Token) bool {
	return t.Type == tBrace || t.Type == tInterp || isOp(t, "(") || isOp(t, "[")
}

func isCloser(t *lexer.Token) bool { return isOp(t, ")") || isOp(t, "]") || isOp(t, "}") }

// closerOf is the bracket that closes opener t.
func closerOf(t *lexer.Token) string {
	switch t.Value {
	case "(":
		return ")"
	case "[":
		return "]"
	}
	return "}"
}

func position(p lexer.Position) diag.Pos {
	return diag.Pos{Offset: p.Offset, Line: p.Line, Col: p.Column}
}

// endOf is the place behind t. No token spans lines.
func endOf(t *lexer.Token) diag.Pos {
	return diag.Pos{
		Offset: t.Pos.Offset + len(t.Value),
		Line:   t.Pos.Line,
		Col:    t.Pos.Column + utf8.RuneCountInString(t.Value),
	}
}

// rangeOf is the place of t.
func rangeOf(t *lexer.Token) diag.Range {
	if t.Type == lexer.EOF { // the end of a statement: one column behind its last token
		at := position(t.Pos)
		return diag.Range{File: t.Pos.Filename, Start: at, End: diag.Pos{Offset: at.Offset, Line: at.Line, Col: at.Col + 1}}
	}
	return diag.Range{File: t.Pos.Filename, Start: position(t.Pos), End: endOf(t)}
}

// glued reports whether b follows a without a space.
func glued(a, b *lexer.Token) bool { return a.Pos.Offset+len(a.Value) == b.Pos.Offset }

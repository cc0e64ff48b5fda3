package syntax

import (
	"errors"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"mmc/internal/diag"
)

// failure carries a diagnostic through participle as an error.
type failure struct{ d diag.Diagnostic }

func (f *failure) Error() string   { return f.d.Error() }
func (f *failure) Message() string { return f.d.Message }
func (f *failure) Position() lexer.Position {
	s := f.d.Range.Start
	return lexer.Position{Filename: f.d.Range.File, Offset: s.Offset, Line: s.Line, Column: s.Col}
}

// found describes a token in a message.
func found(t *lexer.Token) string {
	switch t.Type {
	case lexer.EOF:
		return "the end of the statement"
	case tNewline:
		return "`;`"
	case tString:
		return "the string " + t.Value
	case tKeyword:
		return "the keyword `" + t.Value + "`"
	}
	return "`" + t.Value + "`"
}

// expected is the common form of a syntax error.
func expected(what string, t *lexer.Token) diag.Diagnostic {
	return diag.New("syntax.expected", rangeOf(t), "expected "+what+", found "+found(t))
}

func expectedExpr(t *lexer.Token) diag.Diagnostic              { return expected("an expression", t) }
func expectedType(t *lexer.Token) diag.Diagnostic              { return expected("a type", t) }
func expectedName(what string, t *lexer.Token) diag.Diagnostic { return expected(what, t) }
func expectedBody(owner string, t *lexer.Token) diag.Diagnostic {
	return expected("`{`", t)
}

// unexpected says that t cannot stand where it stands.
func (p *parser) unexpected(t *lexer.Token, kind string) diag.Diagnostic {
	return diag.New("syntax.unexpected", rangeOf(t), "unexpected "+found(t))
}

// explain turns an error of participle, or of a leaf, into a diagnostic in a user's words.
func (p *parser) explain(err error, kind string, from int) diag.Diagnostic {
	var f *failure
	if errors.As(err, &f) {
		return f.d
	}
	var u *participle.UnexpectedTokenError
	if errors.As(err, &u) {
		_, want, _ := strings.Cut(u.Message(), "(expected ")
		d := p.unexpected(&u.Unexpected, kind)
		d.Message += want
		return d
	}
	return diag.New("syntax.internal", rangeOf(&p.tokens[from]), err.Error())
}

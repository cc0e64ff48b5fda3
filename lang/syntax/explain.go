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
	switch {
	case t.Type == tNewline && t.Value == "" || t.Type == lexer.EOF:
		return "the end of the line"
	case t.Type == tString:
		return "the string " + t.Value
	case t.Type == tKeyword:
		return "the keyword `" + t.Value + "`"
	}
	return "`" + t.Value + "`"
}

// expected is the common form of a syntax error: what should have stood in the place of t.
func expected(what string, t *lexer.Token) diag.Diagnostic {
	return diag.New("syntax.expected", placeOf(t), "expected "+what+", found "+found(t))
}

// placeOf is where a message about t points: at t, and for the end of a line one column behind its last token.
func placeOf(t *lexer.Token) diag.Range {
	r := rangeOf(t)
	if r.Start == r.End {
		r.End.Col++
	}
	return r
}

// site is a place where reading stopped: what a slip is recognised by.
type site struct {
	kind   string      // the production being read, "" for an expression
	first  lexer.Token // of the statement
	before lexer.Token // the token in front of the place, in the same statement; else empty
	at     lexer.Token // the token that does not fit
	after  lexer.Token
	wanted string // what was expected instead
}

// siteOf describes the place of token t in the statement that begins at token from.
func (p *parser) siteOf(t *lexer.Token, kind string, from int) site {
	i := p.index(t)
	s := site{kind: kind, first: p.tokens[from], at: p.tokens[i]}
	if i > from {
		s.before = p.tokens[i-1]
	}
	if i+1 < len(p.tokens) {
		s.after = p.tokens[i+1]
	}
	return s
}

// explain turns an error of participle, or of a leaf, into a diagnostic in a user's words. Errors of leaves that say
// more than what was expected are final.
func (p *parser) explain(err error, kind string, from int) diag.Diagnostic {
	var d diag.Diagnostic
	var f *failure
	var u *participle.UnexpectedTokenError
	switch {
	case errors.As(err, &f):
		d = f.d
	case errors.As(err, &u):
		d = expected(p.wanted(u, kind), &u.Unexpected)
	default:
		return diag.New("syntax.internal", rangeOf(&p.tokens[from]), "internal error: "+err.Error())
	}
	if d.Code != "syntax.expected" {
		return d
	}
	s := p.siteOf(p.tokenAt(d.Range, from), kind, from)
	s.wanted, _, _ = strings.Cut(strings.TrimPrefix(d.Message, "expected "), ", found ")
	for _, slip := range slips {
		if slip.when(s) {
			return slip.tell(s, d)
		}
	}
	inValue := f != nil && kind == "binding" // the binding's own form is not in question
	if form := p.engine.rules[kind].form; form != "" && d.Hint == "" && !inValue {
		d.Hint = p.engine.rules[kind].name + " is written `" + form + "`"
	}
	return d
}

// tokenAt finds the token that a diagnostic in the statement from the token from on points at.
func (p *parser) tokenAt(at diag.Range, from int) *lexer.Token {
	i := from
	for i < len(p.tokens)-1 && (p.tokens[i].Pos.Offset < at.Start.Offset || p.tokens[i].Type != tNewline && p.tokens[i].Value == "") {
		i++
	}
	return &p.tokens[i]
}

// terms translates the names that participle's messages use for what they expect.
var terms = map[string]string{
	"<ident>": "a name", "<string>": "a text in double quotes", "ParamsRule": "`(`", "ParamRule": "a parameter's name",
	`")"`: "`)` or `,`", "ResultRule": "a result's name", "LossRule": "a loss, `over` or `using`", "SigRule": "`(`",
}

// wanted says in words what participle expected. Its message ends in the rest of the rule, of which the first term
// counts.
func (p *parser) wanted(u *participle.UnexpectedTokenError, kind string) string {
	_, rest, ok := strings.Cut(u.Message(), "(expected ")
	if !ok {
		return "the end of the statement"
	}
	rest = strings.TrimLeft(strings.TrimSuffix(rest, ")"), "( ")
	term, _, _ := strings.Cut(rest, " ")
	term = strings.TrimRight(term, "?*+!)")
	if words, ok := terms[term]; ok {
		return words
	}
	if strings.HasPrefix(term, `"`) {
		return "`" + strings.Trim(term, `"`) + "`"
	}
	return "something else in " + p.engine.rules[kind].name
}

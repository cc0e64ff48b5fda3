package dim

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Parse reads a size expression in .mm notation: + - * / % ** floor ceil max min, where / must divide out unless floor or ceil
// stands around it. It inverts [Expr.String].
func Parse(s string) (Expr, error) {
	p := &parser{src: s}
	p.next()
	r := p.sum()
	if p.err == nil && p.tok != "" {
		p.fail("unexpected %q", p.tok)
	}
	if p.err != nil {
		return Expr{}, p.err
	}
	e := p.integer(r)
	return e, p.err
}

// parser is a recursive-descent parser over one line; after the first error it reads the end of the text for ever.
type parser struct {
	src   string
	pos   int    // behind tok
	tok   string // current token; "" at the end
	depth int
	err   error
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("size expression, column %d: %w", p.pos-len(p.tok)+1, fmt.Errorf(format, args...))
	}
	p.pos, p.tok = len(p.src), ""
}

// next reads a token.
func (p *parser) next() {
	p.pos += len(p.src[p.pos:]) - len(strings.TrimLeft(p.src[p.pos:], " \t"))
	rest := p.src[p.pos:]
	n, err := tokenLen(rest)
	if err != nil {
		p.tok = ""
		p.fail("%w", err)
		return
	}
	p.tok = rest[:n]
	p.pos += n
}

// tokenLen is the length of the token at the start of s.
func tokenLen(s string) (int, error) {
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case s == "":
		return 0, nil
	case unicode.IsDigit(r):
		return prefixLen(s, unicode.IsDigit), nil
	case isNameStart(r):
		return prefixLen(s, isNamePart), nil
	case strings.HasPrefix(s, "**"):
		return 2, nil
	case r == '"':
		quoted, err := strconv.QuotedPrefix(s)
		return len(quoted), err
	case strings.ContainsRune("+-*/%(),", r):
		return size, nil
	}
	return 0, fmt.Errorf("unexpected %q", r)
}

func prefixLen(s string, in func(rune) bool) int {
	if n := strings.IndexFunc(s, func(r rune) bool { return !in(r) }); n >= 0 {
		return n
	}
	return len(s)
}

// accept skips the token if it is t.
func (p *parser) accept(t string) bool {
	if p.tok != t {
		return false
	}
	p.next()
	return true
}

func (p *parser) expect(t string) {
	if !p.accept(t) {
		p.fail("expected %q", t)
	}
}

func (p *parser) sum() Ratio {
	r := p.product()
	for p.err == nil {
		switch {
		case p.accept("+"):
			r = r.Add(p.product())
		case p.accept("-"):
			r = r.Sub(p.product())
		default:
			return r
		}
	}
	return r
}

func (p *parser) product() Ratio {
	r := p.unary()
	for p.err == nil {
		switch {
		case p.accept("*"):
			r = r.Mul(p.unary())
		case p.accept("/"):
			r = r.Div(p.unary())
		case p.accept("%"):
			r = whole(p.integer(r).Mod(p.integer(p.unary())))
		default:
			return r
		}
	}
	return r
}

// unary binds looser than **: -H**2 is -(H**2).
func (p *parser) unary() Ratio {
	if p.depth++; p.depth > maxDepth {
		p.fail("nested deeper than %d", maxDepth)
	}
	defer func() { p.depth-- }()
	if p.accept("-") {
		return p.unary().Neg()
	}
	base := p.primary()
	if !p.accept("**") {
		return base
	}
	n, ok := p.integer(p.unary()).Const()
	if !ok || n < 0 || n > maxDegree {
		p.fail("an exponent is a number from 0 to %d", maxDegree)
		return base
	}
	return base.Pow(int(n))
}

func (p *parser) primary() Ratio {
	tok := p.tok
	first, _ := utf8.DecodeRuneInString(tok)
	switch {
	case unicode.IsDigit(first):
		n, err := strconv.ParseInt(tok, 10, 64)
		if err != nil {
			p.fail("%q is not a 64-bit number", tok)
		}
		p.next()
		return whole(Int(n))
	case first == '"':
		return p.quoted()
	case isNameStart(first) && tok != "":
		p.next()
		if p.accept("(") {
			return p.call(tok)
		}
		return whole(Sym(tok))
	case p.accept("("):
		r := p.sum()
		p.expect(")")
		return r
	case tok == "":
		p.fail("expected a size")
	default:
		p.fail("unexpected %q", tok)
	}
	return whole(Int(0))
}

func (p *parser) quoted() Ratio {
	name, err := strconv.Unquote(p.tok)
	if err != nil || name == "" {
		p.fail("bad name %s", p.tok)
		return whole(Int(0))
	}
	p.next()
	return whole(Sym(name))
}

// calls are the functions of one or more arguments.
var calls = map[string]func(p *parser, args []Ratio) Expr{
	"floor": func(p *parser, args []Ratio) Expr { return p.rounded("floor", args, Ratio.Floor) },
	"ceil":  func(p *parser, args []Ratio) Expr { return p.rounded("ceil", args, Ratio.Ceil) },
	"max":   func(p *parser, args []Ratio) Expr { return extremum(opMax, 1, p.integers(args)...) },
	"min":   func(p *parser, args []Ratio) Expr { return extremum(opMin, -1, p.integers(args)...) },
}

// call reads the arguments and the closing parenthesis.
func (p *parser) call(name string) Ratio {
	f, ok := calls[name]
	if !ok {
		p.fail("no function %s on sizes: there are floor, ceil, max and min", name)
		return whole(Int(0))
	}
	args := []Ratio{p.sum()}
	for p.accept(",") {
		args = append(args, p.sum())
	}
	p.expect(")")
	if p.err != nil {
		return whole(Int(0))
	}
	return whole(f(p, args))
}

func (p *parser) rounded(name string, args []Ratio, round func(Ratio) Expr) Expr {
	if len(args) != 1 {
		p.fail("%s takes one argument", name)
		return Int(0)
	}
	return round(args[0])
}

func (p *parser) integers(args []Ratio) []Expr {
	es := make([]Expr, len(args))
	for i, r := range args {
		es[i] = p.integer(r)
	}
	return es
}

// integer is r, where a rest or an invalid expression is an error.
func (p *parser) integer(r Ratio) Expr {
	e, ok := r.Exact()
	if !ok {
		p.fail("%s is not an integer for all sizes: write floor(%s) or ceil(%s)", r, r, r)
		return Int(0)
	}
	if err := e.Err(); err != nil {
		p.fail("%w", err)
		return Int(0)
	}
	return e
}

// whole is e as a ratio.
func whole(e Expr) Ratio { return Ratio{e, Int(1)} }

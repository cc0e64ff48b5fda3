package syntax

import (
	"fmt"
	"slices"

	"github.com/alecthomas/participle/v2/lexer"

	"mmc/internal/diag"
)

// parser holds what one file's reading needs.
type parser struct {
	engine *engine
	tokens []lexer.Token
	match  []int       // for each opener the index of its closer
	bodies map[int]int // the index of each body's { by its offset
	depth  int
	diags  diag.List
}

// Parse reads one file. It always returns a tree: where the text is wrong, diagnostics say so and the tree has a Bad
// node or lacks a part. Every broken statement is reported, not only the first.
func Parse(name, src string) (file *File, found diag.List) {
	file = &File{Name: name, Source: src}
	s := scan(name, src)
	file.Comments = s.comments
	l, ok := layOut(s.tokens)
	p := &parser{tokens: l.out, match: l.match, diags: append(s.diags, l.diags...)}
	if !ok {
		return file, p.diags.Sort()
	}
	p.indexBodies()
	e := engines.Get().(*engine)
	e.p, p.engine = p, e
	defer func() {
		if r := recover(); r != nil { // a defect of ours, but no reason to take the user's process down
			at := diag.Range{File: name, Start: diag.Pos{Line: 1, Col: 1}, End: diag.Pos{Line: 1, Col: 1}}
			found = append(p.diags, diag.New("syntax.internal", at, fmt.Sprintf("internal error while reading this file: %v", r))).Sort()
			return // the engine is dropped: its state is unknown
		}
		e.p = nil
		engines.Put(e)
	}()
	file.Decls = p.statements(0, len(p.tokens))
	attachDocs(file)
	return file, p.diags.Sort()
}

func (p *parser) report(d diag.Diagnostic) { p.diags = append(p.diags, d) }

func (p *parser) indexBodies() {
	p.bodies = map[int]int{}
	for i := range p.tokens {
		if p.tokens[i].Type == tBrace {
			p.bodies[p.tokens[i].Pos.Offset] = i
		}
	}
}

// closer is the } of the body that t opens.
func (p *parser) closer(t *lexer.Token) lexer.Token {
	return p.tokens[p.match[p.bodies[t.Pos.Offset]]]
}

// body reads the statements of the body that t opens.
func (p *parser) body(t *lexer.Token) *Body {
	open := p.bodies[t.Pos.Offset]
	end := p.match[open]
	return &Body{At: At{span(t, &p.tokens[end])}, Stmts: p.statements(open+1, end)}
}

// statements cuts tokens[from:to] at the newlines outside brackets and reads each piece by itself.
func (p *parser) statements(from, to int) []Stmt {
	var list []Stmt
	for i := from; i < to; i++ {
		begin := i
		for i < to && p.tokens[i].Type != tNewline {
			if p.match[i] > i {
				i = p.match[i]
			}
			i++
		}
		if i > begin {
			list = append(list, p.statement(begin, i))
		}
	}
	p.strayComparisons(list)
	return list
}

// statement reads tokens[from:to]. The grammar sees of each body its { alone.
func (p *parser) statement(from, to int) Stmt {
	own := make([]lexer.Token, 0, to-from)
	for i := from; i < to; i++ {
		own = append(own, p.tokens[i])
		if p.tokens[i].Type == tBrace {
			i = p.match[i]
		}
	}
	last := &p.tokens[to-1]
	eof := lexer.Token{Type: lexer.EOF, Pos: lexer.Position{
		Filename: last.Pos.Filename, Offset: endOf(last).Offset, Line: last.Pos.Line, Column: endOf(last).Col,
	}}
	lex, err := lexer.Upgrade(&tokenList{tokens: own, eof: eof})
	if err != nil { // tokenList has no errors
		panic(err)
	}
	kind := p.kindOf(own, lex)
	if kind == "" {
		return p.expression(own, lex)
	}
	rule := p.engine.rules[kind]
	r, err := rule.parse(lex)
	if err == nil {
		return r.stmt(p)
	}
	p.report(p.explain(err, kind, own))
	return p.salvage(kind, own)
}

// kindOf names the production for a statement, or "" for an expression.
func (p *parser) kindOf(own []lexer.Token, lex *lexer.PeekingLexer) string {
	x := exprs{p: p, lex: lex}
	if x.atLabel() {
		return "instance"
	}
	first := &own[0]
	if x.keywordAsName() {
		return ""
	}
	if first.Type == tKeyword && first.Value == "freeze" {
		here := lex.MakeCheckpoint()
		defer lex.LoadCheckpoint(here)
		if lex.Next(); x.atLabel() {
			return "frozen"
		}
	}
	if _, ok := p.engine.rules[first.Value]; ok && first.Type == tKeyword {
		return first.Value
	}
	if first.Type != tKeyword && binds(own) {
		return "binding"
	}
	return ""
}

// binds reports whether an = stands outside brackets.
func binds(own []lexer.Token) bool {
	depth := 0
	for i := range own {
		switch t := &own[i]; {
		case t.Type == tBrace: // holds its own statements
		case isOpener(t):
			depth++
		case isCloser(t):
			depth--
		case depth == 0 && isOp(t, "="):
			return true
		}
	}
	return false
}

// expression reads a statement that is one expression.
func (p *parser) expression(own []lexer.Token, lex *lexer.PeekingLexer) Stmt {
	x := &exprs{p: p, lex: lex}
	e := x.expr(lowest)
	if t := x.peek(); x.err == nil && !t.EOF() {
		x.fail(p.unexpected(t, "", own))
	}
	if x.err != nil {
		p.report(p.explain(x.err, "", own))
		return p.salvage("", own)
	}
	return &ExprStmt{At: At{e.Span()}, X: e}
}

// salvage makes what can be made of a broken statement: a declaration keeps its name and its body, whose own errors
// are worth knowing in the same run.
func (p *parser) salvage(kind string, own []lexer.Token) Stmt {
	last := own[len(own)-1]
	if last.Type == tBrace {
		last = p.closer(&last)
	}
	at := At{span(&own[0], &last)}
	var body *Body
	if i := slices.IndexFunc(own, func(t lexer.Token) bool { return t.Type == tBrace }); i >= 0 {
		body = p.body(&own[i])
	}
	make, ok := partial[kind]
	if !ok || body == nil || len(own) < 2 || own[1].Type != tIdent {
		return &ExprStmt{At: at, X: &Bad{At: at}}
	}
	return make(at, identOf(own[1]), body)
}

// partial builds the declarations that salvage keeps.
var partial = map[string]func(At, Ident, *Body) Stmt{
	"model": func(at At, name Ident, b *Body) Stmt { return &Model{At: at, Name: name, Body: b} },
	"block": func(at At, name Ident, b *Body) Stmt { return &Block{At: at, Name: name, Body: b} },
	"graph": func(at At, name Ident, b *Body) Stmt { return &Graph{At: at, Name: name, Body: b} },
	"train": func(at At, name Ident, b *Body) Stmt { return &Graph{At: at, Train: true, Name: name, Body: b} },
	"fn":    func(at At, name Ident, b *Body) Stmt { return &Fn{At: at, Name: name, Body: b} },
}

// strayComparisons reports statements such as `x == 3` that do nothing: only the last of a body can be its result.
func (p *parser) strayComparisons(list []Stmt) {
	for i, s := range list {
		e, ok := s.(*ExprStmt)
		if !ok || i == len(list)-1 {
			continue
		}
		if b, ok := e.X.(*Binary); ok && b.Op == "==" {
			d := diag.New("syntax.binding", b.OpAt, "this comparison stands alone and does nothing").WithHint("a name is bound with `=`")
			d.Fixes = []diag.Fix{{Range: b.OpAt, NewText: "=", Message: "write `=`"}}
			p.report(d)
		}
	}
}

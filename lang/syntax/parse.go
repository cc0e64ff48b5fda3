package syntax

import (
	"fmt"
	"iter"
	"sort"

	"github.com/alecthomas/participle/v2/lexer"

	"mmc/internal/diag"
)

// parser holds what one file's reading needs. All statements of a declaration are read from one token stream; marks
// lead back into it, so that a body is read when its owner meets it and skipped by the owner.
type parser struct {
	engine *engine
	tokens []lexer.Token
	match  []int // for each bracket the index of its partner, else -1
	stream *lexer.PeekingLexer
	first  int                // the index of the stream's first token
	marks  []lexer.Checkpoint // where the tokens from first on stand in the stream
	depth  int
	diags  diag.List

	lexical map[int]bool // the lines on which the scanner or the layout found an error
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
	p.lexical = map[int]bool{}
	for _, d := range p.diags {
		p.lexical[d.Range.Start.Line] = true
	}
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
	file.Decls = p.declarations()
	attachDocs(file)
	return file, p.diags.Sort()
}

func (p *parser) report(d diag.Diagnostic) { p.diags = append(p.diags, d) }

// load makes the stream of tokens[from:to].
func (p *parser) load(from, to int) {
	p.stream, _ = lexer.Upgrade(&tokenList{tokens: p.tokens[from:to], eof: lexer.EOFToken(p.tokens[to-1].Pos)}) // tokenList has no errors
	p.first, p.marks = from, p.marks[:0]
	walk := *p.stream
	for range to - from {
		p.marks = append(p.marks, walk.MakeCheckpoint())
		walk.Next()
	}
}

// seek moves lex to token i.
func (p *parser) seek(lex *lexer.PeekingLexer, i int) { lex.LoadCheckpoint(p.marks[i-p.first]) }

// index finds the token t of the stream.
func (p *parser) index(t *lexer.Token) int {
	i := sort.Search(len(p.tokens), func(i int) bool { return p.tokens[i].Pos.Offset >= t.Pos.Offset })
	for i < len(p.tokens)-1 && p.tokens[i].Value != t.Value { // tokens without text share the offset of the next one
		i++
	}
	return i
}

// body reads the statements of the body whose { is at index open.
func (p *parser) body(open int) *Body {
	end := p.match[open]
	return &Body{At: At{span(&p.tokens[open], &p.tokens[end])}, Stmts: p.statements(open+1, end)}
}

// pieces cuts tokens[from:to] at the newlines outside brackets.
func (p *parser) pieces(from, to int) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for i := from; i < to; i++ {
			begin := i
			for p.tokens[i].Type != tNewline {
				i = p.beyond(i)
			}
			if i > begin && !yield(begin, i) {
				return
			}
		}
	}
}

// declarations reads the whole file.
func (p *parser) declarations() []Stmt {
	var list []Stmt
	for from, to := range p.pieces(0, len(p.tokens)) {
		p.load(from, to+1)
		list = append(list, p.statement(from, to))
	}
	p.checkUnused(list)
	p.checkPlaces(list)
	return list
}

// statements reads tokens[from:to], each statement by itself: one that is broken does not harm its neighbours.
func (p *parser) statements(from, to int) []Stmt {
	var list []Stmt
	for from, to := range p.pieces(from, to) {
		list = append(list, p.statement(from, to))
	}
	p.checkUnused(list)
	return list
}

// beyond is the index behind token i, or behind the bracket that it opens.
func (p *parser) beyond(i int) int { return max(i, p.match[i]) + 1 }

// statement reads tokens[from:to], which a newline follows.
func (p *parser) statement(from, to int) Stmt {
	lex := *p.stream
	p.seek(&lex, from)
	kind := p.kindOf(from, to, lex)
	if kind == "" {
		return p.expression(from, to, &lex)
	}
	r, err := p.engine.rules[kind].parse(&lex)
	if t := lex.Peek(); err == nil && t.Type != tNewline {
		err = &failure{expected("the end of the statement", t)}
	}
	if err == nil {
		return r.stmt(p)
	}
	return p.broken(err, kind, from, to)
}

// kindOf names the production for a statement, or "" for an expression.
func (p *parser) kindOf(from, to int, lex lexer.PeekingLexer) string {
	x := exprs{p: p, lex: &lex}
	first := lex.Peek()
	switch {
	case x.atLabel():
		return "instance"
	case x.keywordAsName():
		return ""
	case first.Type == tKeyword && first.Value == "freeze":
		if lex.Next(); x.atLabel() {
			return "frozen"
		}
		return "freeze"
	case first.Type == tKeyword && p.engine.rules[first.Value].parse != nil:
		return first.Value
	case first.Type != tKeyword && p.binds(from, to):
		return "binding"
	}
	return ""
}

// binds reports whether an = stands outside brackets.
func (p *parser) binds(from, to int) bool {
	for i := from; i < to; i = p.beyond(i) {
		if isOp(&p.tokens[i], "=") {
			return true
		}
	}
	return false
}

// expression reads a statement that is one expression.
func (p *parser) expression(from, to int, lex *lexer.PeekingLexer) Stmt {
	x := &exprs{p: p, lex: lex}
	e := x.expr(lowest)
	if t := x.peek(); x.err == nil && t.Type != tNewline {
		x.fail(expected("the end of the statement", t))
	}
	if x.err != nil {
		return p.broken(x.err, "", from, to)
	}
	return &ExprStmt{At: At{e.Span()}, X: e}
}

// broken reports what is wrong with a statement and keeps what can be kept. Where the scanner or the layout has found
// fault with the same line, the parser's complaint would only be its echo.
func (p *parser) broken(err error, kind string, from, to int) Stmt {
	d := p.explain(err, kind, from)
	if !p.lexical[d.Range.Start.Line] {
		p.report(d)
	}
	return p.salvage(kind, from, to)
}

// salvage makes what can be made of a broken statement: a declaration keeps its name and its body, and the errors
// inside a body are worth knowing in the same run whatever it belongs to.
func (p *parser) salvage(kind string, from, to int) Stmt {
	at := At{span(&p.tokens[from], &p.tokens[to-1])}
	var body *Body
	for i := from; i < to; i++ {
		if p.tokens[i].Type == tBrace {
			body = p.body(i)
			i = p.match[i]
		}
	}
	build, ok := partial[kind]
	if !ok || body == nil || p.tokens[from+1].Type != tIdent {
		return &ExprStmt{At: at, X: &Bad{At: at}}
	}
	return build(at, identOf(p.tokens[from+1]), body)
}

// partial builds the declarations that salvage keeps.
var partial = map[string]func(At, Ident, *Body) Stmt{
	"model": func(at At, name Ident, b *Body) Stmt { return &Model{At: at, Name: name, Body: b} },
	"block": func(at At, name Ident, b *Body) Stmt { return &Block{At: at, Name: name, Body: b} },
	"graph": func(at At, name Ident, b *Body) Stmt { return &Graph{At: at, Name: name, Body: b} },
	"train": func(at At, name Ident, b *Body) Stmt { return &Graph{At: at, Train: true, Name: name, Body: b} },
	"fn":    func(at At, name Ident, b *Body) Stmt { return &Fn{At: at, Name: name, Body: b} },
}

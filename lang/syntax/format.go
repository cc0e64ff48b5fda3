package syntax

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"mmc/internal/diag"
)

// The formatter re-spaces the tokens of a file; it never looks at the tree. So the tree cannot change, and a comment
// keeps its place between the tokens around it. As gofmt does, it keeps the line breaks that a user chose inside a
// statement, and bodies that stand on one line. All else is normalised: spaces, indentation, blank lines, where braces
// and comments stand.

// FormatSource formats a file's text. A file with syntax errors is left alone: the diagnostics say why.
func FormatSource(name, src string) ([]byte, diag.List) {
	f, found := Parse(name, src)
	if found.HasErrors() {
		return nil, found
	}
	return Format(f), found
}

// Format returns the canonical text of a file that was parsed without errors, and the text as it is of one that holds
// characters or brackets which the tokens leave out.
func Format(f *File) []byte {
	s := scan(f.Name, f.Source)
	l, ok := layOut(s.tokens)
	if !ok || s.diags.HasErrors() || l.diags.HasErrors() {
		return []byte(f.Source)
	}
	p := &printer{tokens: l.out, match: l.match, comments: s.comments, prev: -1, ended: true}
	p.run()
	return []byte(p.out.String())
}

const indentStep = "  "

// printer writes tokens and comments in the order of the source.
type printer struct {
	tokens   []lexer.Token
	match    []int
	comments []Comment // those that are not written yet
	out      strings.Builder

	open   []bracket
	prev   int  // index of the token written last, -1 at the start
	line   int  // source line of what was written last
	indent int  // of the line being written
	first  int  // index of the first token of the statement being written
	broken bool // this statement has been broken before its body
	ended  bool // a statement has ended, or none has begun
	joined bool // and it ended at a ;
	tail   bool // a comment stands last on the line, so the line must end
}

// bracket is an open bracket: the indentation of its line, and what closing it brings back.
type bracket struct {
	opener  int
	indent  int
	oneLine bool // a body on one line
	first   int
}

func (p *printer) run() {
	for i := range p.tokens {
		t := &p.tokens[i]
		p.commentsBefore(i, t.Pos.Offset)
		if t.Type == tNewline {
			p.ended, p.joined = true, t.Value == ";"
			continue
		}
		p.breakBefore(i)
		p.out.WriteString(t.Value)
		p.prev, p.line, p.ended, p.tail = i, t.Pos.Line, false, false
		p.nest(i)
	}
	p.commentsBefore(len(p.tokens), len(p.tokens)+1<<62)
	if p.out.Len() > 0 {
		p.out.WriteByte('\n')
	}
}

// nest keeps the stack of brackets after token i has been written.
func (p *printer) nest(i int) {
	t := &p.tokens[i]
	switch {
	case isOpener(t):
		p.open = append(p.open, bracket{opener: i, indent: p.indent, oneLine: t.Pos.Line == p.tokens[p.match[i]].Pos.Line, first: p.first})
		p.ended, p.joined = t.Type == tBrace, false
	case isCloser(t):
		b := p.open[len(p.open)-1]
		p.open = p.open[:len(p.open)-1]
		if p.tokens[b.opener].Type == tBrace {
			p.first, p.broken = b.first, false
		}
	}
}

// top is the innermost open bracket, or nil.
func (p *printer) top() *bracket {
	if len(p.open) == 0 {
		return nil
	}
	return &p.open[len(p.open)-1]
}

func (p *printer) topIs(kind lexer.TokenType) bool {
	return p.top() != nil && p.tokens[p.top().opener].Type == kind
}

// closes reports whether token i closes the innermost bracket.
func (p *printer) closes(i int) bool { return p.top() != nil && p.match[p.top().opener] == i }

// breakBefore writes what stands between the last token and token i: nothing, a space, a ; or a new line.
func (p *printer) breakBefore(i int) {
	t := &p.tokens[i]
	begins := p.ended && !p.closes(i)
	if begins {
		p.first, p.broken = i, false
	}
	switch {
	case p.out.Len() == 0:
	case p.topIs(tBrace) && p.closes(i):
		p.closeBody()
	case begins:
		p.beginStatement(t)
	case p.tail || t.Pos.Line > p.line && p.keepsBreak(i) || t.Type == tBrace && p.broken && p.declares():
		p.newline(p.indentOf(i), false)
		p.broken = true
	case p.spaced(i):
		p.out.WriteByte(' ')
	}
}

func (p *printer) closeBody() {
	b := p.top()
	switch {
	case !b.oneLine && (p.prev != b.opener || p.tail):
		p.newline(b.indent, false)
	case p.prev != b.opener:
		p.out.WriteByte(' ')
	}
}

// beginStatement separates a statement from what stands before it.
func (p *printer) beginStatement(t *lexer.Token) {
	opens := p.topIs(tBrace) && p.prev == p.top().opener && !p.tail
	oneLine := p.topIs(tBrace) && p.top().oneLine
	switch {
	case oneLine && opens:
		p.out.WriteByte(' ')
	case oneLine || p.joined && t.Pos.Line == p.line && !p.tail:
		p.out.WriteString("; ")
	default:
		p.newline(p.base(), p.blankBefore(t.Pos.Line))
	}
}

// blankBefore reports whether an empty line belongs before something on the source line: where the source has one,
// but never at a body's start.
func (p *printer) blankBefore(line int) bool {
	atStart := p.topIs(tBrace) && p.prev == p.top().opener && !p.tail
	return p.ended && !atStart && line > p.line+1
}

// keepsBreak reports whether a line break that the source has before token i, inside a statement, is kept.
func (p *printer) keepsBreak(i int) bool {
	t := &p.tokens[i]
	if t.Type == tBrace || p.topIs(tInterp) {
		return false
	}
	return !isOp(&p.tokens[p.prev], "}") || t.Value != "else" && t.Value != "until" && t.Value != "gradient"
}

// declares reports whether the statement being written is a declaration with a body: where its header takes several
// lines, the { stands alone.
func (p *printer) declares() bool {
	t := &p.tokens[p.first]
	return t.Type == tKeyword && (declares[t.Value] || t.Value == "optimizer")
}

// base is the indentation of a statement, or of an element between brackets, at this place.
func (p *printer) base() int {
	if p.top() == nil {
		return 0
	}
	return p.top().indent + 1
}

// indentOf is the indentation of a line that begins with token i inside a statement.
func (p *printer) indentOf(i int) int {
	switch {
	case p.closes(i):
		return p.top().indent
	case i < len(p.tokens) && p.tokens[i].Type == tBrace:
		return p.base()
	case p.top() != nil && !p.topIs(tBrace) && (p.prev == p.top().opener || isOp(&p.tokens[p.prev], ",")):
		return p.base()
	}
	return p.base() + 1
}

func (p *printer) newline(indent int, blank bool) {
	if blank {
		p.out.WriteByte('\n')
	}
	p.out.WriteByte('\n')
	p.indent = indent
	for range indent {
		p.out.WriteString(indentStep)
	}
}

// commentsBefore writes the comments in front of the offset, where token i begins.
func (p *printer) commentsBefore(i, offset int) {
	for len(p.comments) > 0 && p.comments[0].Range.Start.Offset < offset {
		c := p.comments[0]
		p.comments = p.comments[1:]
		line := c.Range.Start.Line
		switch {
		case c.Tail:
			p.out.WriteString("  ")
		case p.ended && p.out.Len() > 0:
			p.newline(p.base(), p.blankBefore(line))
		case p.out.Len() > 0:
			p.newline(p.indentOf(i), false)
			p.broken = true
		}
		p.out.WriteString(strings.TrimRight("// "+c.Text, " "))
		p.line, p.tail = line, true
	}
}

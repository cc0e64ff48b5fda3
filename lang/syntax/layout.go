package syntax

import (
	"github.com/alecthomas/participle/v2/lexer"

	"mmc/internal/diag"
)

// maxNesting bounds brackets within brackets and everything else that the parser does by recursion.
const maxNesting = 200

// layout turns scanned tokens into balanced lines: it pairs the brackets, closes those that the user left open where
// indentation and keywords say that they should have ended, drops those that close nothing, and adds a newline token
// wherever a line's end is the end of a statement. What comes behind it never sees an unbalanced bracket.
type layout struct {
	in    []lexer.Token
	out   []lexer.Token
	match []int // for every bracket in out, the index of its partner; -1 for other tokens
	diags diag.List

	first  []int        // the column of the first token on the line of token i
	pairs  []int        // for openers in `in`: index of the closer, or -1
	endAt  map[int]int  // for openers that nothing closes: the token before which they end
	stray  map[int]bool // closers that close nothing
	stack  []int        // openers that are open, as indices into in
	opened []int        // the same as indices into out
	begins []int        // for each open body, and the file, the index in out where the current statement begins

	behind lexer.Position // where the last token of the text ends
}

// layOut runs the layout. ok is false where brackets nest too deep to go on.
func layOut(tokens []lexer.Token) (l *layout, ok bool) {
	room := len(tokens) + len(tokens)/4 + 1 // a newline for every few tokens
	l = &layout{in: tokens, out: make([]lexer.Token, 0, room), match: make([]int, 0, room)}
	l.measure()
	if !l.pair(false) {
		return l, false
	}
	if l.missingBrace() {
		l.diags = nil
		l.pair(true)
	}
	l.closeEarly()
	l.emitAll()
	return l, true
}

func (l *layout) measure() {
	l.first = make([]int, len(l.in))
	for i := range l.in {
		if l.startsLine(i) {
			l.first[i] = l.in[i].Pos.Column
		} else {
			l.first[i] = l.first[i-1]
		}
	}
}

func (l *layout) startsLine(i int) bool { return i == 0 || l.in[i-1].Pos.Line != l.in[i].Pos.Line }

// pair matches brackets. With indent it trusts the indentation to find the { that lacks its }; that is the second
// try, for files where plain matching has shown that one is missing.
func (l *layout) pair(indent bool) bool {
	l.pairs, l.endAt, l.stray, l.stack = make([]int, len(l.in)), map[int]int{}, map[int]bool{}, l.stack[:0]
	for i := range l.in {
		t := &l.in[i]
		l.pairs[i] = -1
		if l.startsLine(i) {
			l.leave(i, indent)
		}
		switch {
		case isOpener(t):
			if len(l.stack) == maxNesting {
				l.diags = append(l.diags, diag.New("syntax.nesting", rangeOf(t), "brackets nest too deep").
					WithHint("at most 200 brackets may be open at once"))
				return false
			}
			l.stack = append(l.stack, i)
		case isCloser(t):
			l.closeWith(i)
		}
	}
	l.abandon(0, len(l.in))
	return true
}

// leave gives up brackets that the line starting at token i shows to be over: parentheses before a statement that
// cannot stand inside them, and with indent also bodies that this line is too far left to belong to.
func (l *layout) leave(i int, indent bool) {
	n := len(l.stack)
	if l.startsStatement(i) {
		for n > 0 && l.in[l.stack[n-1]].Type != tBrace {
			n--
		}
	}
	column := l.in[i].Pos.Column
	for indent && n > 0 && l.in[l.stack[n-1]].Type == tBrace {
		at := l.first[l.stack[n-1]]
		tooFar := isOp(&l.in[i], "}") && at > column && l.bodyAt(n-1, column) || declares[l.in[i].Value] && l.startsStatement(i) && at >= column
		if !tooFar {
			break
		}
		n--
	}
	l.abandon(n, i)
}

// bodyAt reports whether one of the first n open brackets is a body whose line begins at the column.
func (l *layout) bodyAt(n, column int) bool {
	for _, i := range l.stack[:n] {
		if l.in[i].Type == tBrace && l.first[i] == column {
			return true
		}
	}
	return false
}

// declares holds the words that begin a declaration, which has its own body.
var declares = wordSet(`import model block fn graph train`)

// statementWords begin statements and nothing else; an expression never begins with one.
var statementWords = wordSet(`import model block fn graph train optimizer param state cache const random
	update minimize report freeze expect alias return yield for`)

// startsStatement reports whether token i begins a line with a statement's keyword that is not an argument's name.
func (l *layout) startsStatement(i int) bool {
	if l.in[i].Type != tKeyword || !statementWords[l.in[i].Value] || !l.startsLine(i) || i+1 == len(l.in) {
		return false
	}
	next := &l.in[i+1]
	return isWord(next) || next.Type == tString || next.Type == tInt || next.Type == tFloat || isOp(next, "(") || isOp(next, "-")
}

// closeWith pairs closer i with the nearest opener of its kind. A } reaches over parentheses; the others stay inside
// their body.
func (l *layout) closeWith(i int) {
	t := &l.in[i]
	for n := len(l.stack) - 1; n >= 0; n-- {
		opener := &l.in[l.stack[n]]
		if closerOf(opener) == t.Value {
			l.abandon(n+1, i)
			l.pairs[l.stack[n]] = i
			l.stack = l.stack[:n]
			return
		}
		if opener.Type == tBrace {
			break
		}
	}
	l.stray[i] = true
	l.diags = append(l.diags, diag.New("syntax.unopened", rangeOf(t), "this `"+t.Value+"` closes nothing").
		WithHint("remove it, or open it before"))
}

// abandon gives up the open brackets from n on: they end before token i.
func (l *layout) abandon(n, i int) {
	for _, o := range l.stack[n:] {
		l.endAt[o] = i
		t := &l.in[o]
		d := diag.New("syntax.unclosed", rangeOf(t), "this `"+t.Value+"` is never closed").WithHint("add the missing `" + closerOf(t) + "`")
		if i < len(l.in) {
			d = d.WithRelated(rangeOf(&l.in[i]), "it should be closed before this")
		}
		l.diags = append(l.diags, d)
	}
	l.stack = l.stack[:n]
}

func (l *layout) missingBrace() bool {
	for o := range l.endAt {
		if l.in[o].Type == tBrace {
			return true
		}
	}
	return false
}

// closeEarly moves the end of each abandoned parenthesis up to the first line that is no further right than its own:
// the statements after it were swallowed only because the parenthesis was open.
func (l *layout) closeEarly() {
	if len(l.endAt) == 0 {
		return
	}
	var open []int // abandoned openers around the current one, outermost first
	for o := range l.in {
		limit, abandoned := l.endAt[o]
		if !abandoned {
			continue
		}
		for len(open) > 0 && l.endAt[open[len(open)-1]] <= o {
			open = open[:len(open)-1]
		}
		if len(open) > 0 {
			limit = min(limit, l.endAt[open[len(open)-1]])
		}
		l.endAt[o] = limit
		if l.in[o].Type != tBrace {
			l.endAt[o] = l.dedent(o, limit)
		}
		open = append(open, o)
	}
}

// dedent is the first token behind opener o, up to limit, that starts a line no further right than o's line.
func (l *layout) dedent(o, limit int) int {
	for i := o + 1; i < limit; i++ {
		if l.startsLine(i) && (l.in[i].Pos.Column <= l.first[o] || l.startsStatement(i)) {
			return i
		}
		i = max(i, l.pairs[i]) // what is paired stays whole
	}
	return limit
}

// emitAll writes the balanced tokens with their newlines.
func (l *layout) emitAll() {
	l.stack, l.begins = l.stack[:0], append(l.begins, 0)
	for i := range l.in {
		l.closeAbandoned(i)
		if l.stray[i] {
			continue
		}
		t := &l.in[i]
		if n := len(l.stack); n > 0 && l.pairs[l.stack[n-1]] == i && l.atStatements() {
			l.newline(len(l.in))
		}
		if t.Type == tNewline || i > 0 && l.startsLine(i) && l.ends(i) {
			l.newline(i)
		}
		if t.Type == tNewline {
			continue
		}
		l.put(*t)
		switch {
		case isOpener(t):
			l.push(i)
		case isCloser(t):
			l.pop()
		}
	}
	l.closeAbandoned(len(l.in))
	l.newline(len(l.in))
}

// put writes a token of the text.
func (l *layout) put(t lexer.Token) {
	end := endOf(&t)
	l.behind = lexer.Position{Filename: t.Pos.Filename, Offset: end.Offset, Line: t.Pos.Line, Column: end.Col}
	l.add(t)
}

// add writes any token; those that the text lacks have no width in it.
func (l *layout) add(t lexer.Token) {
	l.out = append(l.out, t)
	l.match = append(l.match, -1)
}

func (l *layout) push(i int) {
	l.stack = append(l.stack, i)
	l.opened = append(l.opened, len(l.out)-1)
	if l.in[i].Type == tBrace {
		l.begins = append(l.begins, len(l.out))
	}
}

func (l *layout) pop() {
	n := len(l.stack) - 1
	if l.in[l.stack[n]].Type == tBrace {
		l.begins = l.begins[:len(l.begins)-1]
	}
	closer := len(l.out) - 1
	l.match[l.opened[n]], l.match[closer] = closer, l.opened[n]
	l.stack, l.opened = l.stack[:n], l.opened[:n]
}

// closeAbandoned puts the closers that the user forgot before token i.
func (l *layout) closeAbandoned(i int) {
	for n := len(l.stack); n > 0; n = len(l.stack) {
		o := l.stack[n-1]
		if end, abandoned := l.endAt[o]; !abandoned || end != i {
			return
		}
		if l.atStatements() {
			l.newline(len(l.in))
		}
		l.add(lexer.Token{Type: tOp, Value: closerOf(&l.in[o]), Pos: l.behind})
		l.pop()
	}
}

// newline ends the statement, if there is one, before token i. Inside parentheses a ; has no business, so it is put for the parser to
// complain about.
func (l *layout) newline(i int) {
	begin := len(l.begins) - 1
	if len(l.out) == l.begins[begin] {
		return // no statement here: a blank line or a second ;
	}
	pos, value := l.behind, ""
	if i < len(l.in) && l.in[i].Type == tNewline {
		pos, value = l.in[i].Pos, l.in[i].Value
	}
	l.add(lexer.Token{Type: tNewline, Value: value, Pos: pos})
	if l.atStatements() {
		l.begins[begin] = len(l.out)
	}
}

// atStatements reports whether the innermost bracket, if any, is a body.
func (l *layout) atStatements() bool {
	return len(l.stack) == 0 || l.in[l.stack[len(l.stack)-1]].Type == tBrace
}

// ends reports whether the statement so far ends at the line's end before token i. Where the line wants to go on but
// the next one can only be a statement of its own, it does end: the mistake is then found where it was made.
func (l *layout) ends(i int) bool {
	begin := l.begins[len(l.begins)-1]
	if !l.atStatements() || len(l.out) == begin {
		return false
	}
	next := &lexer.Token{}
	if i+1 < len(l.in) {
		next = &l.in[i+1]
	}
	last := &l.out[len(l.out)-1]
	if continuesAfter(last) {
		return !isOp(last, ",") && !introduces[last.Value] && (l.startsStatement(i) || l.in[i].Type == tIdent && isOp(next, "="))
	}
	return !continuesBefore(l.out[begin:], &l.in[i], next)
}

// continuesAfter reports whether a line that ends in t goes on.
func continuesAfter(t *lexer.Token) bool {
	switch t.Type {
	case tOp:
		return binaryOperators[t.Value] || t.Value == "," || t.Value == "=" || t.Value == "->"
	case tKeyword:
		return wordOperators[t.Value] || introduces[t.Value]
	}
	return false
}

// introduces holds the words that want something behind them in the same statement.
var introduces = wordSet(`where with over using init until else`)

// continuations tells for each word that may begin a continuation line which statements it continues.
var continuations = map[string]map[string]bool{
	"where":      wordSet(`block graph train fn`),
	"init":       wordSet(`param state cache`),
	"with":       wordSet(`scan loop`),
	"length":     wordSet(`scan`),
	"checkpoint": wordSet(`scan`),
	"over":       wordSet(`minimize optimizer`),
	"using":      wordSet(`minimize`),
	"clip":       wordSet(`minimize`),
	"accumulate": wordSet(`minimize`),
	"except":     wordSet(`minimize`),
	"when":       wordSet(`minimize`),
	"until":      wordSet(`loop`),
	"gradient":   wordSet(`fn`),
	"else":       wordSet(`if cond`),
}

// continuesBefore reports whether a line that begins with t and next goes on with the statement that has been read so
// far.
func continuesBefore(statement []lexer.Token, t, next *lexer.Token) bool {
	if t.Type == tBrace || isOp(t, "|>") || isOp(t, "->") {
		return true
	}
	first, last := &statement[0], &statement[len(statement)-1]
	if isOp(t, "(") { // the data parameters of a block, below its hyperparameters
		return isOp(last, ")") && first.Type == tKeyword && (first.Value == "block" || first.Value == "optimizer" && len(statement) > 2 && isOp(&statement[2], "("))
	}
	owners := continuations[t.Value]
	if owners == nil || isOp(next, "=") || isOp(next, ":") || isOp(next, ".") { // such a word may also be a name
		return false
	}
	for i := range statement {
		if statement[i].Type == tKeyword && owners[statement[i].Value] {
			return true
		}
	}
	return false
}

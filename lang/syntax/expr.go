package syntax

import (
	"github.com/alecthomas/participle/v2/lexer"

	"mmc/internal/diag"
)

// exprs reads expressions by operator precedence (Pratt 1973) from the tokens of one statement. Its first error sticks:
// from then on every peek answers with the end of input, so that each loop ends and no caller has to look.
type exprs struct {
	p    *parser
	lex  *lexer.PeekingLexer
	last lexer.Token // the token consumed last; of a body, its }
	size int         // operators and suffixes so far
	err  *failure
}

// maxDepth bounds recursion that brackets do not bound: chains of unary operators, powers and else-ifs.
const maxDepth = 2 * maxNesting

// maxOperators bounds a single expression, whose tree may be as deep as it is long.
const maxOperators = 1000

// Binding powers, weakest first.
const (
	lowest = iota
	pipeLevel
	orLevel
	andLevel
	comparisonLevel
	rangeLevel
	sumLevel
	productLevel
	unaryLevel
	powerLevel
)

var levels = map[string]int{
	"|>": pipeLevel, "or": orLevel, "and": andLevel,
	"==": comparisonLevel, "!=": comparisonLevel, "<": comparisonLevel, "<=": comparisonLevel, ">": comparisonLevel, ">=": comparisonLevel,
	"..": rangeLevel, "+": sumLevel, "-": sumLevel,
	"*": productLevel, "/": productLevel, "%": productLevel, "@": productLevel, "**": powerLevel,
}

var endOfInput = lexer.Token{Type: lexer.EOF}

func (x *exprs) peek() *lexer.Token {
	if x.err != nil {
		return &endOfInput
	}
	return x.lex.Peek()
}

// peek2 is the token behind the next one.
func (x *exprs) peek2() lexer.Token {
	if x.err != nil {
		return endOfInput
	}
	here := x.lex.MakeCheckpoint()
	x.lex.Next()
	t := *x.lex.Peek()
	x.lex.LoadCheckpoint(here)
	return t
}

func (x *exprs) next() *lexer.Token {
	if x.err == nil {
		x.last = *x.lex.Next()
	}
	return &x.last
}

func (x *exprs) at(op string) bool        { return isOp(x.peek(), op) }
func (x *exprs) atWord(w string) bool     { t := x.peek(); return isWord(t) && t.Value == w }
func (x *exprs) accept(op string) bool    { return x.at(op) && x.next() != nil }
func (x *exprs) acceptWord(w string) bool { return x.atWord(w) && x.next() != nil }

// fail records d unless something has failed before, and stops the reading.
func (x *exprs) fail(d diag.Diagnostic) *Bad {
	if x.err == nil {
		x.err = &failure{d}
	}
	return &Bad{At{d.Range}}
}

// want consumes op or fails, saying what op is for.
func (x *exprs) want(op, purpose string) {
	if !x.accept(op) && x.err == nil {
		x.fail(expected("`"+op+"`"+purpose, x.peek()))
	}
}

func (x *exprs) wantWord(word, purpose string) {
	if !x.acceptWord(word) && x.err == nil {
		x.fail(expected("`"+word+"`"+purpose, x.peek()))
	}
}

// expectedAfter names the token in front, which tells more than the one that does not fit.
func (x *exprs) expectedAfter(what string, t *lexer.Token) diag.Diagnostic {
	if i := x.p.index(t); i > 0 && x.p.tokens[i-1].Type != tNewline {
		what += " after `" + x.p.tokens[i-1].Value + "`"
	}
	return expected(what, t)
}

// from is the range from start to the token consumed last.
func (x *exprs) from(start diag.Range) At { return At{start.To(rangeOf(&x.last))} }

// deeper counts a level of recursion; the caller defers shallower where it answers true.
func (x *exprs) deeper() bool {
	if x.p.depth >= maxDepth {
		x.fail(diag.New("syntax.nesting", rangeOf(x.peek()), "this nests too deep").WithHint("name the inner parts"))
		return false
	}
	x.p.depth++
	return true
}

func (x *exprs) shallower() { x.p.depth-- }

// grow counts an operator or suffix.
func (x *exprs) grow() bool {
	if x.size++; x.size > maxOperators {
		x.fail(diag.New("syntax.nesting", rangeOf(x.peek()), "this expression is too long").WithHint("name its parts"))
	}
	return x.err == nil
}

// expr reads an expression whose operators bind at least as tight as level.
func (x *exprs) expr(level int) Expr {
	if !x.deeper() {
		return &Bad{}
	}
	defer x.shallower()
	left := x.prefix()
	for {
		op := *x.peek()
		power, ok := levels[op.Value]
		if !ok || op.Type != tOp && op.Type != tKeyword || power < level || !x.grow() {
			return left
		}
		if op.Value == "|>" {
			left = x.pipe(left)
			continue
		}
		x.next()
		left = x.binary(left, op, power)
		if power == comparisonLevel || power == rangeLevel {
			x.notChained(op, power)
		}
	}
}

func (x *exprs) prefix() Expr {
	op := *x.peek()
	if !isOp(&op, "-") && !(op.Type == tKeyword && op.Value == "not") {
		return x.postfix()
	}
	x.next()
	operand := x.expr(unaryLevel)
	return &Unary{At: x.from(rangeOf(&op)), Op: op.Value, X: operand}
}

func (x *exprs) binary(left Expr, op lexer.Token, power int) Expr {
	right := power + 1
	if op.Value == "**" { // to the right, and 2**-1 needs no parentheses
		right = unaryLevel
	}
	y := x.expr(right)
	return &Binary{At: x.from(left.Span()), Op: op.Value, OpAt: rangeOf(&op), X: left, Y: y}
}

// notChained refuses a second operator of the same kind: a < b < c and a..b..c have no meaning.
func (x *exprs) notChained(op lexer.Token, power int) {
	t := x.peek()
	if t.Type != tOp || levels[t.Value] != power {
		return
	}
	hint := "write `a < b and b < c`"
	if power == rangeLevel {
		hint = "a range has two ends"
	}
	x.fail(diag.New("syntax.chain", rangeOf(t), "`"+t.Value+"` cannot follow `"+op.Value+"` without parentheses").WithHint(hint))
}

// pipe reads `|> [label:] application [like path]`.
func (x *exprs) pipe(left Expr) Expr {
	x.next()
	n := &Pipe{X: left}
	if x.atLabel() {
		n.Label = x.path()
		x.want(":", " after the label")
	}
	if t := x.peek(); !isWord(t) && !isOp(t, "(") && x.err == nil {
		return x.fail(expected("a function, a block or a label after `|>`", t))
	}
	n.Call = x.postfix()
	if n.Label != nil && x.acceptWord("like") {
		n.Like = x.path()
	}
	n.At = x.from(left.Span())
	if t := x.peek(); levels[t.Value] > pipeLevel && (t.Type == tOp || wordOperators[t.Value]) {
		x.fail(diag.New("syntax.pipe", rangeOf(t), "the operator `"+t.Value+"` after a pipe needs parentheses").
			WithHint("write `(… |> …) " + t.Value + " …`, or bind the piped value to a name first"))
	}
	return n
}

// postfix reads a primary and the calls, subscripts and selections behind it.
func (x *exprs) postfix() Expr {
	e := x.primary()
	for x.err == nil {
		t := *x.peek()
		switch {
		case isLiteral(e):
			return e
		case isOp(&t, "("):
			x.next()
			args := x.args()
			e = &Call{At: x.from(e.Span()), Fun: e, Args: args}
		case isOp(&t, "["):
			x.next()
			subs := x.subs()
			e = &Index{At: x.from(e.Span()), X: e, Subs: subs}
		case isOp(&t, "."):
			x.next()
			part := x.part()
			e = &Select{At: x.from(e.Span()), X: e, Name: part}
		default:
			return e
		}
		if !x.grow() {
			break
		}
	}
	return e
}

// isLiteral reports whether e is a number or a string, which has no parts and cannot be called.
func isLiteral(e Expr) bool {
	switch e.(type) {
	case *Number, *String:
		return true
	}
	return false
}

// args reads the arguments behind a (.
func (x *exprs) args() []*Arg {
	args := []*Arg{}
	for x.err == nil && !x.at(")") {
		args = append(args, x.arg())
		if !x.accept(",") {
			break
		}
	}
	x.want(")", " or `,` in the arguments")
	return args
}

// arg reads `value` or `name: value`. Any word may be an argument's name.
func (x *exprs) arg() *Arg {
	start := rangeOf(x.peek())
	a := &Arg{}
	if second := x.peek2(); isWord(x.peek()) && isOp(&second, ":") {
		a.Name = x.ident()
		x.next()
	} else if x.peek().Type == tIdent && isOp(&second, "=") {
		d := diag.New("syntax.argument", rangeOf(&second), "a named argument is written with `:`, not with `=`").
			WithHint("write `" + x.peek().Value + ": …`")
		d.Fixes = []diag.Fix{{Range: rangeOf(&second), NewText: ":", Message: "write `:`"}}
		x.fail(d)
		return a
	}
	a.Value = x.expr(lowest)
	a.At = x.from(start)
	return a
}

// subs reads the subscripts behind a [.
func (x *exprs) subs() []*Sub {
	subs := []*Sub{x.sub()}
	for x.accept(",") && !x.at("]") {
		subs = append(subs, x.sub())
	}
	x.want("]", " or `,` in the subscript")
	return subs
}

// sub reads `i`, `lo : hi : step` with any part missing, `new` or `...`.
func (x *exprs) sub() *Sub {
	s, t := &Sub{}, *x.peek()
	second := x.peek2()
	switch {
	case x.accept("..."):
		s.Ellipsis = true
	case x.atWord("new") && (isOp(&second, ",") || isOp(&second, "]")):
		x.next()
		s.New = true
	default:
		s.Lo = x.bound()
		if !x.accept(":") {
			s.Index, s.Lo = s.Lo, nil
			break
		}
		s.Slice = true
		s.Hi = x.bound()
		if x.accept(":") {
			s.Step = x.bound()
		}
	}
	if x.err == nil && s.Index == nil && !s.Slice && !s.New && !s.Ellipsis {
		x.fail(expected("a subscript", x.peek()))
	}
	s.At = x.from(rangeOf(&t))
	return s
}

// bound reads one end of a slice, which may be missing.
func (x *exprs) bound() Expr {
	if x.at(":") || x.at(",") || x.at("]") {
		return nil
	}
	return x.expr(lowest)
}

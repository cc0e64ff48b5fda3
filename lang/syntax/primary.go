package syntax

import (
	"strconv"

	"github.com/alecthomas/participle/v2/lexer"

	"mmc/internal/diag"
)

// primary reads what stands between operators and before suffixes.
func (x *exprs) primary() Expr {
	t := *x.peek()
	if form := primaries[t.Value]; form != nil && t.Type != tString && !x.keywordAsName() {
		return form(x)
	}
	switch {
	case t.Type == tInt || t.Type == tFloat:
		x.next()
		return &Number{At: x.from(rangeOf(&t)), Text: t.Value, Int: t.Type == tInt}
	case t.Type == tString:
		x.next()
		return &String{At: x.from(rangeOf(&t)), Value: x.unquote(&t)}
	case t.Type == tKeyword && values[t.Value]:
		x.next()
		return &Word{At: x.from(rangeOf(&t)), Name: t.Value}
	case t.Type == tIdent || x.keywordAsName():
		return x.pathExpr()
	}
	return x.fail(x.expectedAfter("an expression", &t))
}

// pathExpr reads a name, which may hold interpolations.
func (x *exprs) pathExpr() Expr {
	t := *x.peek()
	if second := x.peek2(); second.Type != tInterp {
		x.next()
		return plainName(At{rangeOf(&t)}, t.Value)
	}
	part := x.part()
	return &PathExpr{At: part.At, Name: &Path{At: part.At, Parts: []PathPart{part}}}
}

// plainName makes the expression of a name. Names are most of a tree, so their nodes share one allocation.
func plainName(at At, text string) *PathExpr {
	n := &struct {
		expr  PathExpr
		path  Path
		part  [1]PathPart
		piece [1]Piece
	}{}
	n.piece[0].Text = text
	n.part[0] = PathPart{At: at, Pieces: n.piece[:]}
	n.path = Path{At: at, Parts: n.part[:]}
	n.expr = PathExpr{At: at, Name: &n.path}
	return &n.expr
}

// primaries are the forms that a keyword or a bracket begins; filled by init because they recurse.
var primaries map[string]func(*exprs) Expr

func init() {
	primaries = map[string]func(*exprs) Expr{
		"(": (*exprs).paren, "[": (*exprs).list, "if": (*exprs).ifExpr, "in": (*exprs).in,
		"scan": (*exprs).scan, "loop": (*exprs).loop, "cond": (*exprs).cond,
	}
}

// keywordAsName reports whether a keyword is the head of a dotted path (`block.{i}(x)`), where published names rule.
func (x *exprs) keywordAsName() bool {
	t, second := *x.peek(), x.peek2()
	return t.Type == tKeyword && !values[t.Value] && isOp(&second, ".") && glued(&t, &second)
}

func (x *exprs) unquote(t *lexer.Token) string {
	s, err := strconv.Unquote(t.Value)
	if err != nil && len(t.Value) > 1 && t.Value[len(t.Value)-1] == '"' { // else the scanner has reported it
		x.fail(diag.New("syntax.string", rangeOf(t), "this string has an unknown escape").
			WithHint("known are \\n, \\t, \\\", \\\\ and the other escapes of Go"))
	}
	return s
}

// paren reads `(e)` or a tuple.
func (x *exprs) paren() Expr {
	open := rangeOf(x.next())
	elems, comma := x.elems(")")
	x.want(")", "")
	switch {
	case x.err != nil:
		return &Bad{At{open}}
	case len(elems) == 0:
		return x.fail(diag.New("syntax.expected", x.from(open).Range, "empty parentheses have no value").WithHint("an empty list is written `[]`"))
	case len(elems) == 1 && !comma:
		return &Paren{At: x.from(open), X: elems[0]}
	}
	return &Tuple{At: x.from(open), Elems: elems}
}

func (x *exprs) list() Expr {
	open := rangeOf(x.next())
	elems, _ := x.elems("]")
	x.want("]", " or `,` in the list")
	return &List{At: x.from(open), Elems: elems}
}

// elems reads expressions separated by commas up to the closer, and says whether a comma stood last.
func (x *exprs) elems(closer string) (elems []Expr, comma bool) {
	for x.err == nil && !x.at(closer) {
		elems = append(elems, x.expr(lowest))
		if comma = x.accept(","); !comma {
			break
		}
	}
	return elems, comma
}

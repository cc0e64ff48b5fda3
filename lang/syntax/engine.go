package syntax

import (
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// engine is a participle parser whose leaves know which file they are reading. Participle gives a leaf nothing but the
// token stream, so an engine serves one file at a time; a pool keeps the built ones, because building takes longer
// than reading a small file.
type engine struct {
	p     *parser // the file being read
	rules map[string]production
}

// production reads the statement that begins with one word. form shows how it is written, for messages.
type production struct {
	name  string
	form  string
	parse func(*lexer.PeekingLexer) (rule, error)
}

var engines = sync.Pool{New: func() any { return newEngine() }}

// buildGrammar builds the grammar with the leaves of e. Choices look at one token only (a lookahead of nought beyond
// it), so an error never makes participle try another branch, and the place it names is the place where reading stopped.
func buildGrammar(e *engine) *participle.Parser[statementRule] {
	return participle.MustBuild[statementRule](
		participle.Lexer(definition{}), participle.UseLookahead(0),
		participle.ParseTypeWith(leaf(e, func(x *exprs) Expr { return x.expr(lowest) })),
		participle.ParseTypeWith(leaf(e, (*exprs).typ)),
		participle.ParseTypeWith(leaf(e, func(x *exprs) pathLeaf { return x.path() })),
		participle.ParseTypeWith(leaf(e, func(x *exprs) bodyLeaf { return x.body("") })),
		participle.ParseTypeWith(leaf(e, func(x *exprs) target { return x.postfix() })),
		participle.ParseTypeWith(leaf(e, func(x *exprs) applied { return x.postfix() })),
	)
}

func newEngine() *engine {
	e := &engine{}
	g := buildGrammar(e)
	e.rules = map[string]production{
		"import":    member[importRule](g, "an import", `import "std/vision"`),
		"model":     member[modelRule](g, "a model", "model Name(width: int = 64) { … }"),
		"block":     member[blockRule](g, "a block", "block Name(width: int)(x: [N, D]) -> [N, width] { … }"),
		"graph":     member[graphRule](g, "a graph", "graph name(x: [N, D]) -> [N, K] { … }"),
		"train":     member[graphRule](g, "a train graph", "train name(x: [N, D], y: [N, K]) { … }"),
		"fn":        member[fnRule](g, "a function", "fn name(x: [...]) -> [...] { … }"),
		"optimizer": member[optimizerRule](g, "an optimizer", "optimizer name = adam(lr: 1e-3) over path"),
		"param":     member[cellRule](g, "a parameter", "param name: [out, D] init 0"),
		"state":     member[cellRule](g, "a state", "state name: [D] init 0"),
		"cache":     member[cellRule](g, "a cache", "cache name: [B, T, D]"),
		"random":    member[cellRule](g, "a draw", "random name: [N, D] = normal()"),
		"const":     member[constRule](g, "a constant", "const name = e"),
		"update":    member[updateRule](g, "an update", "update name = e"),
		"if":        member[ifRule](g, "an if", "if c { … } else { … }"),
		"for":       member[forRule](g, "a for", "for i in 0..n { … }"),
		"return":    member[returnRule](g, "a return", "return e"),
		"minimize":  member[minimizeRule](g, "a minimize", "minimize loss = e using adam(lr: 1e-3)"),
		"report":    member[reportRule](g, "a report", "report a, b = e"),
		"freeze":    member[freezeRule](g, "a freeze", "freeze a, b"),
		"frozen":    member[frozenRule](g, "a frozen instance", "freeze label: Block()"),
		"expect":    member[expectRule](g, "an expect", "expect params(graph) == 25_557_032"),
		"alias":     member[aliasRule](g, "an alias", "alias a.weight = b.weight"),
		"yield":     member[yieldRule](g, "a yield", "yield a, b"),
		"instance":  member[instanceRule](g, "an instance", "label: Block(width)"),
		"binding":   member[assignRule](g, "a binding", "a, b = e"),
	}
	return e
}

// leaf makes participle call read for a type of the tree.
func leaf[T any](e *engine, read func(*exprs) T) func(*lexer.PeekingLexer) (T, error) {
	return func(lex *lexer.PeekingLexer) (T, error) {
		x := &exprs{p: e.p, lex: lex}
		v := read(x)
		if x.err != nil {
			return v, x.err
		}
		return v, nil
	}
}

// member is one production of the grammar as a parser of its own.
func member[R any, PR interface {
	*R
	rule
}](g *participle.Parser[statementRule], name, form string) production {
	m, err := participle.ParserForProduction[R](g)
	if err != nil {
		panic(err) // a rule that statementRule does not list
	}
	return production{name: name, form: form, parse: func(lex *lexer.PeekingLexer) (rule, error) {
		r, err := m.ParseFromLexer(lex, participle.AllowTrailing(true))
		return PR(r), err
	}}
}

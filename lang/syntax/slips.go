package syntax

import (
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"mmc/internal/diag"
)

// A slip is a common mistake, recognised by the tokens around the place where reading stopped. Its words replace or
// complete the plain "expected …, found …". The first one that fits is told, so the special ones stand first.
type slip struct {
	name string
	when func(site) bool
	tell func(site, diag.Diagnostic) diag.Diagnostic
}

// hint completes the plain message.
func hint(text string) func(site, diag.Diagnostic) diag.Diagnostic {
	return func(_ site, d diag.Diagnostic) diag.Diagnostic { return d.WithHint(text) }
}

// say replaces message and code.
func say(code, message, hint string) func(site, diag.Diagnostic) diag.Diagnostic {
	return func(_ site, d diag.Diagnostic) diag.Diagnostic {
		return diag.New(code, d.Range, message).WithHint(hint)
	}
}

// foreign are words of other languages that users begin statements with.
var foreign = map[string]string{
	"elif": "else if", "elseif": "else if", "elsif": "else if", "def": "fn", "func": "fn", "function": "fn", "class": "block",
	"module": "model", "while": "loop", "foreach": "for", "include": "import", "from": "import", "parameter": "param", "var": "param",
	"minimise": "minimize", "loss": "minimize", "print": "report", "let": "name = …", "val": "name = …",
}

// headed are the statements that own a body.
var headed = []string{"if", "for", "graph", "train", "block", "model", "fn"}

// comparing are the statements in which an = can only be meant as a comparison.
var comparing = []string{"if", "expect", "graph", "train", "block", "fn"}

var slips = []slip{
	{"foreign keyword", func(s site) bool { return meant(s) != "" }, func(s site, d diag.Diagnostic) diag.Diagnostic {
		return diag.New("syntax.keyword", rangeOf(&s.first), "`"+s.first.Value+"` begins no statement").WithHint("did you mean `" + meant(s) + "`?")
	}},
	{"keyword as a name", isKeywordName, func(s site, d diag.Diagnostic) diag.Diagnostic {
		t := s.at
		if isOp(&s.at, "=") || isOp(&s.at, ",") {
			t = s.before
		}
		return diag.New("syntax.keyword", rangeOf(&t), "`"+t.Value+"` is a keyword and cannot name a value").WithHint("choose another name")
	}},
	{"else alone", func(s site) bool { return s.first == s.at && s.at.Value == "else" },
		say("syntax.else", "this `else` belongs to no `if`", "`else` stands behind the `}` of its `if`")},
	{"misplaced keyword", func(s site) bool { return s.first == s.at && s.at.Type == tKeyword },
		func(s site, d diag.Diagnostic) diag.Diagnostic {
			return diag.New("syntax.keyword", d.Range, "the keyword `"+s.at.Value+"` begins no statement").WithHint(belongs[s.at.Value])
		}},
	{"operator first", func(s site) bool { return s.first == s.at && binaryOperators[s.at.Value] },
		func(s site, d diag.Diagnostic) diag.Diagnostic {
			return diag.New("syntax.line", d.Range, "a line cannot begin with `"+s.at.Value+"`").WithHint("end the line before with the operator")
		}},
	{"colon instead of a body", func(s site) bool { return isOp(&s.at, ":") && slices.Contains(headed[:2], s.kind) },
		hint("a body stands in braces: `{ … }`")},
	{"colon instead of an arrow", func(s site) bool { return isOp(&s.at, ":") && isOp(&s.before, ")") && slices.Contains(headed, s.kind) },
		hint("a result's type is written `-> [N, K]`")},
	{"conditional operator", func(s site) bool { return isOp(&s.at, "?") },
		say("syntax.expected", "there is no operator `?`", "write `if c { a } else { b }` for a compile-time choice, `select(c, a, b)` for one on data")},
	{"label", isMisplacedLabel, say("syntax.label", "a label may stand only at statement start or directly after `|>`",
		"write `x |> label: Block()`, or declare the instance on a line of its own")},
	{"colon for a named value", func(s site) bool { return s.kind == "instance" && isOp(&s.at, "=") },
		say("syntax.binding", "a binding has no type", "write `"+"name = …`; the type follows from the value")},
	{"comparison with =", func(s site) bool {
		return isOp(&s.at, "=") && slices.Contains(comparing, s.kind)
	},
		say("syntax.binding", "`=` does not compare", "equality is written `==`")},
	{"operator and =", func(s site) bool { return s.kind == "binding" && binaryOperators[s.at.Value] && isOp(&s.after, "=") },
		func(s site, d diag.Diagnostic) diag.Diagnostic {
			return diag.New("syntax.binding", d.Range, "there is no operator `"+s.at.Value+"=`").WithHint("write `x = x " + s.at.Value + " …`")
		}},
	{"tuple target", func(s site) bool { return s.kind == "binding" && s.first == s.at && isOp(&s.at, "(") },
		say("syntax.binding", "the targets of a binding stand without parentheses", "write `a, b = …`")},
	{"indexed target", func(s site) bool { return s.kind == "binding" && isOp(&s.at, "[") },
		say("syntax.binding", "only a plain name can be bound", "a part of a cell is written with `update x[i] = …`")},
	{"second binding", func(s site) bool { return s.kind == "binding" && isOp(&s.at, "=") },
		say("syntax.binding", "a statement binds once", "write one statement for each name; equality is `==`")},
	{"semicolon inside brackets", func(s site) bool { return s.at.Type == tNewline && s.at.Value == ";" },
		hint("inside parentheses and brackets, entries are separated by commas")},
	{"keyword as a value", func(s site) bool { return s.at.Type == tKeyword && !values[s.at.Value] && continuesExpr(s) },
		func(s site, d diag.Diagnostic) diag.Diagnostic {
			return d.WithHint("`" + s.at.Value + "` is a keyword and cannot name a value")
		}},
	{"unary plus", func(s site) bool { return isOp(&s.at, "+") && continuesExpr(s) }, hint("there is no sign `+`")},
	{"glued brace", func(s site) bool { return s.at.Type == tInterp }, say("syntax.interpolation", "a `{` glued to a name opens an interpolation, not a body", "put a space before it")},
	{"clause out of order", func(s site) bool { return s.kind == "minimize" && slices.Contains(clauses, s.at.Value) },
		hint("the clauses of a minimize stand in this order: " + strings.Join(clauses, ", "))},
	{"misspelt clause", func(s site) bool { return s.wanted == "the end of the statement" && clause(s.at) != "" },
		func(s site, d diag.Diagnostic) diag.Diagnostic {
			return d.WithHint("did you mean `" + clause(s.at) + "`?")
		}},
	{"argument without a colon", func(s site) bool {
		return isWord(&s.before) && isOperand(&s.at) && strings.HasSuffix(s.wanted, "in the arguments")
	},
		hint("a named argument is written `name: value`; two arguments need a comma between them")},
	{"two values", func(s site) bool {
		return s.wanted == "the end of the statement" && isOperand(&s.at) && endsValue(&s.before)
	},
		hint("two values need an operator or a comma between them; two statements a new line or `;`")},
	{"missing comma", func(s site) bool {
		return strings.Contains(s.wanted, " or `,`") && (isOperand(&s.at) || isOpener(&s.at))
	},
		hint("entries are separated by commas")},
}

// clauses are what a minimize may say behind its loss.
var clauses = []string{"over", "using", "clip", "accumulate", "except"}

// clause is the word that a name was meant to be which stands where a statement could go on with a clause, or "".
func clause(t lexer.Token) string {
	if t.Type != tIdent || len(t.Value) < 3 {
		return ""
	}
	return diag.Suggest(t.Value, append([]string{"else", "init", "until", "when", "where", "with"}, clauses...))
}

// belongs says where the keywords belong that begin no statement.
var belongs = map[string]string{
	"until": "`until` stands behind the body of a `loop`",
	"where": "`where` stands between a signature and its `{`",
	"with":  "`with` stands in the head of a `scan` or `loop`",
	"over":  "`over` belongs to `minimize` or `optimizer`",
	"using": "`using` belongs to `minimize`",
	"init":  "`init` belongs to `param`, `state` or `cache`",
	"inout": "`inout` stands before the type of an argument",
	"and":   "end the line before with the operator",
	"or":    "end the line before with the operator",
}

// statementNames are the words that did-you-mean knows, sorted.
var statementNames = func() []string {
	names := []string{"if", "scan", "loop", "cond", "in"}
	for w := range statementWords {
		names = append(names, w)
	}
	slices.Sort(names)
	return names
}()

// meant is the keyword that a statement's first word was meant to be, or "". Only a name with another word, a string
// or a body behind it is a misspelt keyword.
func meant(s site) string {
	stopped := s.before == s.first && (isWord(&s.at) || s.at.Type == tString || s.at.Type == tBrace)
	if s.first.Type != tIdent || !stopped {
		return ""
	}
	if w := foreign[s.first.Value]; w != "" {
		return w
	}
	return diag.Suggest(s.first.Value, statementNames)
}

// isKeywordName recognises `state = 3`, `(block: int)` and `state, x = f()`.
func isKeywordName(s site) bool {
	reserved := func(t *lexer.Token) bool { return t.Type == tKeyword && !values[t.Value] }
	if reserved(&s.at) && (isOp(&s.after, ":") || isOp(&s.after, "=")) && s.at != s.first {
		return true
	}
	return s.before == s.first && reserved(&s.first) && (isOp(&s.at, "=") || isOp(&s.at, ",")) && s.kind != "model"
}

// isMisplacedLabel recognises `y = conv: Conv2d()` and `f(a + conv: Conv2d())`.
func isMisplacedLabel(s site) bool {
	return isOp(&s.at, ":") && (s.before.Type == tIdent || s.before.Type == tInt || isOp(&s.before, "}")) && isWord(&s.after)
}

// continuesExpr reports whether an operand was expected at the place.
func continuesExpr(s site) bool {
	t := &s.before
	return t.Type == tOp && (binaryOperators[t.Value] || t.Value == "=" || t.Value == "(" || t.Value == "[" || t.Value == "," || t.Value == ":")
}

func isOperand(t *lexer.Token) bool {
	return t.Type == tIdent || t.Type == tInt || t.Type == tFloat || t.Type == tString || t.Type == tKeyword && values[t.Value]
}

func endsValue(t *lexer.Token) bool { return isOperand(t) || isCloser(t) }

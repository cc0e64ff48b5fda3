package dim

import (
	"strconv"
	"strings"
	"unicode"
)

// String prints e as one writes it in .mm: "2 * H + 1", "floor((H + 3) / 4)". [Parse] reads it back.
func (e Expr) String() string {
	if err := e.Err(); err != nil {
		return "invalid(" + strconv.Quote(err.Error()) + ")"
	}
	return mmStyle.sum(e.summands())
}

// summand is a term in print: a coefficient and the text of what it multiplies, "" for a constant.
type summand struct {
	coef    int64
	product string
}

func (e Expr) summands() []summand {
	list := make([]summand, 0, len(e.terms())+1)
	for _, t := range e.terms() {
		list = append(list, summand{t.coef, t.m.String()})
	}
	if e.c != 0 {
		list = append(list, summand{e.c, ""})
	}
	return list
}

// style is how sums are spelled.
type style struct{ times, plus, minus string }

var (
	mmStyle = style{" * ", " + ", " - "}
	goStyle = style{"*", " + ", " - "}
)

// sum joins summands. A positive one comes first if there is any: "3 - H" reads better than "-H + 3".
func (s style) sum(list []summand) string {
	if len(list) == 0 {
		return "0"
	}
	first := 0
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].coef > 0 {
			first = i
		}
	}
	var b strings.Builder
	if list[first].coef < 0 {
		b.WriteByte('-')
	}
	b.WriteString(s.term(list[first]))
	for i, t := range list {
		switch {
		case i == first:
			continue
		case t.coef < 0:
			b.WriteString(s.minus)
		default:
			b.WriteString(s.plus)
		}
		b.WriteString(s.term(t))
	}
	return b.String()
}

// term is the summand without its sign.
func (s style) term(t summand) string {
	n := strconv.FormatUint(magnitude(t.coef), 10)
	switch {
	case t.product == "":
		return n
	case n == "1":
		return t.product
	}
	return n + s.times + t.product
}

// String prints a product of atoms, with ** for powers.
func (m *mono) String() string {
	var b strings.Builder
	for i := 0; i < len(m.atoms); {
		n := 1
		for i+n < len(m.atoms) && compareAtom(m.atoms[i], m.atoms[i+n]) == 0 {
			n++
		}
		if i > 0 {
			b.WriteString(" * ")
		}
		b.WriteString(m.atoms[i].String())
		if n > 1 {
			b.WriteString("**" + strconv.Itoa(n))
		}
		i += n
	}
	return b.String()
}

// String prints a symbol or an operator with its arguments.
func (a *atom) String() string {
	if a.op == opSymbol {
		return symbolText(a.name)
	}
	texts := make([]string, len(a.args))
	for i, x := range a.args {
		texts[i] = x.String()
	}
	if a.op == opFloor {
		return "floor(" + a.args[0].over(a.args[1]) + ")"
	}
	return a.op.name + "(" + strings.Join(texts, ", ") + ")"
}

// over prints e / f.
func (e Expr) over(f Expr) string { return e.asNumerator(e.String()) + " / " + f.asFactor(f.String()) }

// asNumerator puts the text of e into parentheses if e is a sum.
func (e Expr) asNumerator(text string) string {
	if len(e.terms()) > 1 || e.c != 0 && e.p != nil {
		return "(" + text + ")"
	}
	return text
}

// asFactor puts the text of e into parentheses unless e is a number or an atom.
func (e Expr) asFactor(text string) string {
	if _, ok := e.loneAtom(); ok || e.p == nil && e.c >= 0 {
		return text
	}
	return "(" + text + ")"
}

// symbolText is the name, quoted if it would not be read back as one name.
func symbolText(name string) string {
	if isName(name) {
		return name
	}
	return strconv.Quote(name)
}

// isName tells whether s is an identifier; primes and dots may follow the first letter.
func isName(s string) bool {
	for i, r := range s {
		if !isNameStart(r) && (i == 0 || !isNamePart(r)) {
			return false
		}
	}
	return s != ""
}

func isNameStart(r rune) bool { return r == '_' || unicode.IsLetter(r) }

func isNamePart(r rune) bool { return isNameStart(r) || unicode.IsDigit(r) || r == '\'' || r == '.' }

package dim

import "fmt"

// Condition is a relation between sizes that must be tested at run time because the compiler relies on it.
type Condition struct {
	Kind Kind
	A, B Expr // Divisible: A % B == 0; NonZero: A != 0
}

// Kind is a kind of Condition.
type Kind int

// The kinds.
const (
	Divisible Kind = iota
	Equal
	AtMost
	Less
	NonZero
)

// kindRules is what is to know about a kind.
type kindRules struct {
	format  string // in .mm and in Go, over A and B
	holds   func(a, b int64) bool
	implied func(f *Facts, a, b Expr) bool
}

var kinds = []kindRules{
	Divisible: {"%s %% %s == 0", func(a, b int64) bool { return b != 0 && a%b == 0 }, (*Facts).isMultiple},
	Equal:     {"%s == %s", func(a, b int64) bool { return a == b }, (*Facts).Equal},
	AtMost:    {"%s <= %s", func(a, b int64) bool { return a <= b }, (*Facts).AtMost},
	Less:      {"%s < %s", func(a, b int64) bool { return a < b }, (*Facts).Less},
	NonZero:   {"%s != %s", func(a, b int64) bool { return a != b }, (*Facts).Disproves},
}

func (k Kind) rules() kindRules { return kinds[k] }

func (f *Facts) dividesExactly(a, b Expr) bool {
	_, ok := f.DivExact(a, b)
	return ok
}

// isMultiple tells that b is a divisor of a, and no zero.
func (f *Facts) isMultiple(a, b Expr) bool { return f.dividesExactly(a, b) && f.NonZero(b) }

// String is the condition in .mm: "H % 16 == 0".
func (c Condition) String() string { return c.text(Expr.String) }

// GoExpr is the condition as a Go expression of type bool; see [Expr.GoExpr].
func (c Condition) GoExpr(name func(sym string) string) string {
	return c.text(func(e Expr) string { return e.GoExpr(name) })
}

func (c Condition) text(show func(Expr) string) string {
	a, b := show(c.A), show(c.B)
	if c.Kind == Divisible {
		a, b = c.A.asFactor(a), c.B.asFactor(b)
	}
	return fmt.Sprintf(c.Kind.rules().format, a, b)
}

// Holds evaluates the condition.
func (c Condition) Holds(env func(sym string) (int64, bool)) (bool, error) {
	a, err := c.A.Eval(env)
	if err != nil {
		return false, err
	}
	b, err := c.B.Eval(env)
	if err != nil {
		return false, err
	}
	return c.Kind.rules().holds(a, b), nil
}

// Conditions lists what was assumed and does not follow from what was assumed before it, in that order.
func (f *Facts) Conditions() []Condition { return append([]Condition(nil), f.conds...) }

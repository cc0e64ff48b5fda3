package check

import (
	"fmt"
	"math"
	"slices"

	"mmc/internal/diag"
	"mmc/ir/dim"
	"mmc/lang/syntax"
)

// notation maps the operators of the language to operator records.
var notation = map[string]string{
	"+": "add", "-": "sub", "*": "mul", "/": "div", "%": "mod", "**": "pow",
	"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "and": "and", "or": "or",
}

// symbolOf is how the user writes an operator.
func symbolOf(name string) string {
	for symbol, n := range notation {
		if n == name {
			return symbol
		}
	}
	return name
}

func (e *elab) evalUnary(x *syntax.Unary, f *frame) value {
	v := e.eval(x.X, f)
	s := site{x.Range, f}
	switch v := v.(type) {
	case poison:
		return v
	case number:
		if x.Op == "-" {
			if v.exact {
				return ratio(v.ratio.Neg())
			}
			return real64(-v.float)
		}
	case boolean:
		if x.Op == "not" {
			return !v
		}
	case tensor:
		if x.Op == "-" {
			return e.one("neg", nil, s, v.Value)
		}
		return e.one("not", nil, s, v.Value)
	}
	return e.fail("operator.type", x.Range, "%s does not apply to %s", x.Op, e.describe(v))
}

func (e *elab) evalBinary(x *syntax.Binary, f *frame) value {
	if x.Op == "and" || x.Op == "or" {
		return e.evalLogic(x, f)
	}
	a, b := e.eval(x.X, f), e.eval(x.Y, f)
	if isPoison(a) || isPoison(b) {
		return poison{}
	}
	return e.binary(x.Op, a, b, site{x.Range, f}, x.OpAt)
}

// evalLogic evaluates and, or: of compile-time bools only as far as needed.
func (e *elab) evalLogic(x *syntax.Binary, f *frame) value {
	a := e.eval(x.X, f)
	if c, ok := a.(boolean); ok && bool(c) == (x.Op == "or") {
		return c
	}
	b := e.eval(x.Y, f)
	if isPoison(a) || isPoison(b) {
		return poison{}
	}
	if _, ok := a.(boolean); ok {
		if c, ok := b.(boolean); ok {
			return c
		}
	}
	return e.binary(x.Op, a, b, site{x.Range, f}, x.OpAt)
}

// binary applies a binary operator to two values.
func (e *elab) binary(op string, a, b value, s site, opAt diag.Range) value {
	_, aData := a.(tensor)
	_, bData := b.(tensor)
	switch {
	case op == "@":
		return e.matmul(a, b, s)
	case aData || bData:
		return e.elementwise(e.op(notation[op]), nil, []value{a, b}, s)
	case isComparison(op):
		return e.compare(op, a, b, s)
	}
	switch x := a.(type) {
	case number:
		if y, ok := b.(number); ok {
			return e.arith(op, x, y, s)
		}
	case list:
		if y, ok := b.(list); ok && op == "+" {
			return e.concatLists(x, y, s)
		}
		if n, ok := b.(number); ok && op == "*" {
			return e.repeatList(x, n, s)
		}
	case text:
		if y, ok := b.(text); ok && op == "+" {
			if len(x)+len(y) > maxText {
				return e.fail("limit.list", s.at, "a string of more than %d bytes", maxText)
			}
			return x + y
		}
	}
	d := diag.New("operator.type", s.at, fmt.Sprintf("%s does not apply to %s and %s", op, e.describe(a), e.describe(b)))
	if _, ok := a.(list); ok && op == "+" {
		d.Hint = "append one element with xs + [x]"
	}
	return e.report(d)
}

// arith computes with compile-time numbers, or at run time what depends on a dim and is no exact ratio.
func (e *elab) arith(op string, a, b number, s site) value {
	if op == ".." {
		return e.rangeOf(a, b, s)
	}
	if c, ok := b.constant(); ok && c == 0 && (op == "/" || op == "%") {
		return e.fail("number.zero", s.at, "division by zero")
	}
	r, ok := combine(arithmetics[op], a, b)
	if !ok {
		return e.elementwise(e.op(notation[op]), nil, e.scalars(s, a, b), s)
	}
	if err := r.err(); err != nil {
		return e.fail("number.range", s.at, "%s %s %s: %s", a.show(e), op, b.show(e), err)
	}
	return r
}

// scalars makes numbers tensor scalars of the default float type.
func (e *elab) scalars(s site, ns ...number) []value {
	out := make([]value, len(ns))
	for i, n := range ns {
		out[i] = poison{}
		if v := e.scalar(n, e.float, s); v != nil {
			out[i] = tensor{v}
		}
	}
	return out
}

func (e *elab) concatLists(a, b list, s site) value {
	if len(a)+len(b) > maxLength {
		return e.fail("limit.list", s.at, "a list of more than %d elements", maxLength)
	}
	return slices.Concat(a, b)
}

func (e *elab) repeatList(l list, by number, s site) value {
	n, ok := by.integer()
	if !ok || n < 0 || n*int64(max(1, len(l))) > maxLength || n > maxLength {
		return e.fail("limit.list", s.at, "a list cannot be repeated %s times", by.show(e))
	}
	return slices.Repeat(l, int(n))
}

// rangeOf is lo .. hi: the ints from lo to hi - 1.
func (e *elab) rangeOf(lo, hi number, s site) value {
	a, ok := lo.integer()
	b, ok2 := hi.integer()
	if !ok || !ok2 {
		which := lo
		if ok {
			which = hi
		}
		if which.symbolic() {
			d := diag.New("for.dim", s.at, "a compile-time range needs ints; "+which.show(e)+" is known only when the graph runs")
			return e.report(d.WithHint("run-time recurrences are scan and loop"))
		}
		return e.fail("for.range", s.at, "a range needs ints, not %s", which.show(e))
	}
	if b-a > maxLength {
		return e.fail("limit.list", s.at, "a range of more than %d steps", maxLength)
	}
	out := make(list, 0, max(0, b-a))
	for i := a; i < b; i++ {
		out = append(out, whole(i))
	}
	return out
}

func isComparison(op string) bool {
	return slices.Contains([]string{"==", "!=", "<", "<=", ">", ">="}, op)
}

// compare compares compile-time values.
func (e *elab) compare(op string, a, b value, s site) value {
	x, ok := a.(number)
	y, ok2 := b.(number)
	if ok && ok2 {
		return e.compareNumbers(op, x, y, s)
	}
	if op != "==" && op != "!=" {
		return e.fail("operator.type", s.at, "%s does not apply to %s and %s", op, e.describe(a), e.describe(b))
	}
	same, comparable := sameValue(a, b)
	if !comparable {
		return e.fail("operator.type", s.at, "%s and %s cannot be compared", e.describe(a), e.describe(b))
	}
	return boolean(same == (op == "=="))
}

// sameValue compares values that are not numbers. Anything may be compared with none.
func sameValue(a, b value) (same, comparable bool) {
	_, aNone := a.(none)
	_, bNone := b.(none)
	if aNone || bNone {
		return aNone && bNone, true
	}
	switch x := a.(type) {
	case boolean, text, element:
		return a == b, a.kind() == b.kind()
	case list:
		y, ok := b.(list)
		if !ok {
			return false, false
		}
		return slices.EqualFunc(x, y, func(a, b value) bool { return equalNumbers(a, b) }), true
	case template:
		y, ok := b.(template)
		return ok && x.decl == y.decl, ok
	case function:
		y, ok := b.(function)
		return ok && x.decl == y.decl, ok || isOperator(b)
	case operator:
		y, ok := b.(operator)
		_, isFn := b.(function)
		return ok && x.Op == y.Op, ok || isFn
	}
	return false, false
}

func isOperator(v value) bool { _, ok := v.(operator); return ok }

func equalNumbers(a, b value) bool {
	x, ok := a.(number)
	y, ok2 := b.(number)
	if !ok || !ok2 {
		same, _ := sameValue(a, b)
		return same
	}
	m, ok := x.integer()
	n, ok2 := y.integer()
	return ok && ok2 && m == n
}

// compareNumbers decides a comparison of numbers, by the facts where dims occur; an undecided one is an error, since
// what depends on it would differ from call to call.
func (e *elab) compareNumbers(op string, a, b number, s site) value {
	x, ok := a.constant()
	y, ok2 := b.constant()
	if ok && ok2 {
		return boolean(compareFloats(op, x, y))
	}
	l, r, ok := crossed(a, b)
	if !ok {
		return e.elementwise(e.op(notation[op]), nil, e.scalars(s, a, b), s)
	}
	if result, known := e.decide(op, l, r); known {
		return boolean(result)
	}
	d := diag.New("if.dim", s.at, fmt.Sprintf("whether %s %s %s is known only when the graph runs", a.show(e), op, b.show(e)))
	return e.report(d.WithHint("choose data with select(c, a, b) or cond(c) { .. } else { .. }, or decide it with a where clause"))
}

// crossed brings a comparison of ratios to one of integer expressions.
func crossed(a, b number) (l, r dim.Expr, ok bool) {
	if !a.exact || !b.exact {
		return l, r, false
	}
	an, ad := a.ratio.Parts()
	bn, bd := b.ratio.Parts()
	_, aConst := ad.Const()
	_, bConst := bd.Const()
	return an.Mul(bd), bn.Mul(ad), aConst && bConst // denominators are positive
}

func (e *elab) decide(op string, a, b dim.Expr) (result, known bool) {
	f := e.facts
	switch op {
	case "==", "!=":
		if f.Equal(a, b) {
			return op == "==", true
		}
		return op == "!=", f.Disproves(a, b)
	case "<":
		return decideBy(f.Less(a, b), f.AtMost(b, a))
	case "<=":
		return decideBy(f.AtMost(a, b), f.Less(b, a))
	case ">":
		return decideBy(f.Less(b, a), f.AtMost(a, b))
	}
	return decideBy(f.AtMost(b, a), f.Less(a, b))
}

func decideBy(yes, no bool) (result, known bool) { return yes, yes || no }

func compareFloats(op string, x, y float64) bool {
	switch op {
	case "==":
		return x == y
	case "!=":
		return x != y
	case "<":
		return x < y
	case "<=":
		return x <= y
	case ">":
		return x > y
	}
	return x >= y
}

// transpose is x.T: the last two axes exchanged.
func (e *elab) transpose(v value, at diag.Range, f *frame) value {
	s := site{at, f}
	x := e.asTensor(v, e.float, s)
	if x == nil {
		return poison{}
	}
	n := x.Type.Rank()
	if n < 2 {
		return e.fail("shape.rank", at, ".T needs at least two axes, and %s is %s", e.named(x), e.showType(x.Type))
	}
	perm := make([]int64, n)
	for i := range perm {
		perm[i] = int64(i)
	}
	perm[n-1], perm[n-2] = perm[n-2], perm[n-1]
	return e.one("transpose", attrs{"perm": perm}, s, x)
}

// constants are the named numbers.
var constants = map[string]value{"inf": real64(math.Inf(1)), "pi": real64(math.Pi)}

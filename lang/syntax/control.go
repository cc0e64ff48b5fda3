package syntax

import "mmc/internal/diag"

// body reads a `{ … }`, whose statements are read apart from the one that it belongs to.
func (x *exprs) body(owner string) *Body {
	t := *x.peek()
	if t.Type != tBrace {
		if x.err == nil {
			x.fail(expected("`{`"+owner, &t))
		}
		return &Body{}
	}
	open := x.p.index(&t)
	end := x.p.match[open]
	b := x.p.body(open)
	x.p.seek(x.lex, end+1)
	x.last = x.p.tokens[end]
	return b
}

// ifExpr reads `if c { a } else { b }` as a value.
func (x *exprs) ifExpr() Expr {
	start := rangeOf(x.next())
	n := &IfExpr{}
	n.Cond = x.expr(lowest)
	n.Then = x.body(" of the `if`")
	if x.err == nil && !x.atWord("else") {
		return x.fail(diag.New("syntax.else", start, "an `if` that is used as a value needs an `else`").WithHint("add `else { … }`"))
	}
	x.wantWord("else", "")
	n.Else = x.otherwise()
	n.At = x.from(start)
	return n
}

// otherwise reads what stands behind `else`: a body, or a further `if` as the only thing in one.
func (x *exprs) otherwise() *Body {
	if !x.atWord("if") {
		return x.body(" behind `else`")
	}
	if !x.deeper() {
		return &Body{}
	}
	defer x.shallower()
	e := x.ifExpr()
	return &Body{At: At{e.Span()}, Stmts: []Stmt{&ExprStmt{At: At{e.Span()}, X: e}}}
}

// in reads `in mode { … }`.
func (x *exprs) in() Expr {
	start := rangeOf(x.next())
	if !isWord(x.peek()) {
		return x.fail(expected("a mode after `in`", x.peek()).WithHint("the modes are eval, train, decoding and the element types, e.g. `in bf16 { … }`"))
	}
	n := &In{Mode: x.ident()}
	n.Body = x.body(" behind `in " + n.Mode.Name + "`")
	n.At = x.from(start)
	return n
}

// scan reads `scan [reverse] x, y in xs, ys with h = h0 length n checkpoint k { … }`.
func (x *exprs) scan() Expr {
	start := rangeOf(x.next())
	n := &Scan{}
	if second := x.peek2(); x.atWord("reverse") && second.Type == tIdent {
		x.next()
		n.Reverse = true
	}
	n.Vars = x.names("the element's name after `scan`")
	x.wantWord("in", " after the names of `scan`")
	n.Seqs = x.exprList()
	x.clauses(map[string]func(){
		"with":       func() { n.With = x.carries() },
		"length":     func() { n.Length = x.expr(lowest) },
		"checkpoint": func() { n.Checkpoint = x.expr(lowest) },
	})
	n.Body = x.body(" of the `scan`")
	n.At = x.from(start)
	return n
}

// loop reads `loop i in 0..n with a = e { … } until done`.
func (x *exprs) loop() Expr {
	start := rangeOf(x.next())
	n := &Loop{Var: x.name("the counter's name after `loop`")}
	x.wantWord("in", " after the name of `loop`")
	n.Seq = x.expr(lowest)
	x.clauses(map[string]func(){"with": func() { n.With = x.carries() }})
	n.Body = x.body(" of the `loop`")
	if x.acceptWord("until") {
		n.Until = x.expr(lowest)
	}
	n.At = x.from(start)
	return n
}

// cond reads `cond(c) { … } else { … }`.
func (x *exprs) cond() Expr {
	start := rangeOf(x.next())
	n := &Cond{}
	x.want("(", " after `cond`")
	n.Cond = x.expr(lowest)
	x.want(")", " after the condition")
	n.Then = x.body(" of the `cond`")
	x.wantWord("else", " after the body of `cond`")
	n.Else = x.body(" behind `else`")
	n.At = x.from(start)
	return n
}

// clauses reads the words that may stand before a body, each at most once and in any order.
func (x *exprs) clauses(read map[string]func()) {
	for x.err == nil {
		t := *x.peek()
		clause := read[t.Value]
		if clause == nil || !isWord(&t) {
			return
		}
		x.next()
		clause()
		read[t.Value] = func() {
			x.fail(diag.New("syntax.twice", rangeOf(&t), "`"+t.Value+"` stands here a second time"))
		}
	}
}

// carries reads `h = h0, c = c0` behind `with`.
func (x *exprs) carries() []*Arg {
	var carries []*Arg
	for ok := true; ok && x.err == nil; ok = x.accept(",") {
		start := rangeOf(x.peek())
		a := &Arg{Name: x.name("the carried name after `with`")}
		x.want("=", " and the first value of the carried name")
		a.Value = x.expr(lowest)
		a.At = x.from(start)
		carries = append(carries, a)
	}
	return carries
}

func (x *exprs) names(what string) []Ident {
	names := []Ident{x.name(what)}
	for x.accept(",") {
		names = append(names, x.name(what))
	}
	return names
}

func (x *exprs) exprList() []Expr {
	list := []Expr{x.expr(lowest)}
	for x.accept(",") {
		list = append(list, x.expr(lowest))
	}
	return list
}

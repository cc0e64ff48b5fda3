package ir

import (
	"fmt"
	"strconv"
	"strings"

	"mmc/internal/diag"
	"mmc/ir/dim"
	"mmc/ir/dtype"
)

// Lookup finds an operator's record by name, as op.Lookup does.
type Lookup func(name string) *Op

// ParseModule reads the text form of a module.
func ParseModule(text string, ops Lookup) (*Module, error) {
	p := newParser(text, ops)
	p.expect("module")
	m := &Module{Name: p.quoted()}
	p.expect("{")
	for p.err == nil && !p.accept("}") {
		switch {
		case p.accept("hyper"):
			m.Hyper = append(m.Hyper, Hyper{p.quoted(), p.quoted()})
		case p.accept("cell"):
			m.Cells = append(m.Cells, p.cell())
		case p.accept("optimizer"):
			m.Optimizers = append(m.Optimizers, p.optimizer())
		default:
			m.Graphs = append(m.Graphs, p.graph())
		}
	}
	return m, p.finish()
}

// ParseGraph reads the text form of a graph. Its cells come into being with it.
func ParseGraph(text string, ops Lookup) (*Graph, error) {
	p := newParser(text, ops)
	g := p.graph()
	return g, p.finish()
}

// parser reads modules and graphs.
type parser struct {
	cursor
	ops    Lookup
	cells  map[string]*Cell
	values map[string]*Value // of the graph at hand
	facts  *dim.Facts
}

func newParser(text string, ops Lookup) *parser {
	return &parser{cursor: cursor{text: text}, ops: ops, cells: map[string]*Cell{}}
}

func (p *parser) finish() error {
	if p.rest() != "" {
		p.fail("unexpected %.20q", p.rest())
	}
	return p.err
}

func (p *parser) cell() *Cell {
	c := p.cellNamed(p.cellKind(), p.quoted())
	for p.accept("alias") {
		c.Aliases = append(c.Aliases, p.quoted())
	}
	c.Type = p.typ()
	if !p.accept("=") {
		return c
	}
	c.Init = &Init{}
	switch rest := p.rest(); {
	case strings.HasPrefix(rest, "graph"):
		c.Init.Graph = p.graph()
	case rest != "" && isDist(rest):
		c.Init.Random = p.random()
	default:
		c.Init.Const = p.float()
	}
	return c
}

func (p *parser) cellKind() CellKind {
	name := p.word()
	for k := ParamCell; k <= InOutCell; k++ {
		if k.String() == name {
			return k
		}
	}
	p.fail("unknown kind of cell %s", name)
	return 0
}

// cellNamed is the one cell of a name.
func (p *parser) cellNamed(kind CellKind, name string) *Cell {
	c := p.cells[name]
	if c == nil {
		c = &Cell{Name: name, Kind: kind}
		p.cells[name] = c
	}
	return c
}

func (p *parser) optimizer() *Optimizer {
	o := &Optimizer{Name: p.quoted()}
	p.expect("[")
	p.list("]", func() { o.Slots = append(o.Slots, p.cellNamed(SlotCell, p.quoted())) })
	return o
}

func isDist(text string) bool {
	for d := Uniform; d <= Permutation; d++ {
		if strings.HasPrefix(text, d.String()+"(") {
			return true
		}
	}
	return false
}

func (p *parser) random() *Random {
	r, name := &Random{}, p.word()
	for d := Uniform; d <= Permutation; d++ {
		if d.String() == name {
			r.Dist = d
		}
	}
	p.expect("(")
	r.A = p.float()
	p.expect(",")
	r.B = p.float()
	p.expect(")")
	r.Address = p.quoted()
	return r
}

// typ reads f32[N, 3].
func (p *parser) typ() Type {
	name := p.word()
	d, ok := dtype.Parse(name)
	if !ok {
		p.fail("unknown element type %q", name)
	}
	p.expect("[")
	t := Type{DType: d}
	p.list("]", func() { t.Shape = append(t.Shape, p.dim(p.until(",]"))) })
	return t
}

func (p *parser) dim(text string) dim.Expr {
	d, err := dim.Parse(text)
	if err != nil {
		p.fail("%v", err)
	}
	return d
}

func (p *parser) graph() *Graph {
	outer, outerFacts := p.values, p.facts
	p.expect("graph")
	g := &Graph{Name: p.quoted(), Train: p.accept("train"), Facts: new(dim.Facts)}
	p.values, p.facts = map[string]*Value{}, g.Facts
	p.expect("{")
	for p.accept("where") {
		p.where(p.line())
	}
	for p.err == nil && !p.accept("}") {
		p.statement(g)
	}
	g.Renumber()
	p.values, p.facts = outer, outerFacts
	return g
}

// where reads a fact as dim.Condition prints it.
func (p *parser) where(text string) {
	for _, form := range []struct {
		sign   string
		assume func(a, b dim.Expr) error
	}{
		{" == ", p.facts.AssumeEqual}, {" <= ", p.facts.AssumeAtMost}, {" < ", p.facts.AssumeLess},
		{" != ", func(a, b dim.Expr) error { return p.facts.AssumeNonZero(a.Sub(b)) }},
	} {
		left, right, ok := strings.Cut(text, form.sign)
		if !ok {
			continue
		}
		assume := form.assume
		if a, m, divides := cutLast(left, " % "); divides && right == "0" {
			left, right, assume = a, m, p.facts.AssumeMultiple
		}
		a, b := p.dim(left), p.dim(right)
		if p.err != nil {
			return
		}
		if err := assume(a, b); err != nil {
			p.fail("where %s: %v", text, err)
		}
		return
	}
	p.fail("where %s is no fact", text)
}

func cutLast(s, sep string) (before, after string, ok bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// statement reads an argument, a node or a result.
func (p *parser) statement(g *Graph) {
	if !strings.HasPrefix(p.rest(), "%") {
		g.Results = append(g.Results, p.result())
		return
	}
	vs := p.definitions()
	p.expect("=")
	word := p.word()
	for role, keyword := range argKeywords {
		if word == keyword && strings.IndexByte("(", firstByte(p.rest())) < 0 {
			g.Args = append(g.Args, p.arg(role, vs))
			return
		}
	}
	if n := p.node(word, vs); n != nil {
		g.Nodes = append(g.Nodes, n)
	}
}

func firstByte(s string) byte {
	if s == "" {
		return 0
	}
	return s[0]
}

func (p *parser) result() *Result {
	word := p.word()
	for role, keyword := range resultKeywords {
		if word != keyword {
			continue
		}
		r := &Result{Role: role, Name: p.quoted()}
		if role == CellOf {
			r.Cell = p.cells[r.Name]
		}
		r.Value = p.use()
		return r
	}
	p.fail("unknown statement %s", word)
	return &Result{}
}

// definitions reads %0, %1 "name", .. on the left of =.
func (p *parser) definitions() []*Value {
	var out []*Value
	for {
		out = append(out, p.definition(len(out)))
		if !p.accept(",") || p.err != nil {
			return out
		}
	}
}

func (p *parser) definition(index int) *Value {
	p.expect("%")
	id := p.word()
	if p.values[id] != nil {
		p.fail("%%%s is defined twice", id)
	}
	v := &Value{Index: index, Name: p.optionalQuoted()}
	p.values[id] = v
	return v
}

func (p *parser) use() *Value {
	p.expect("%")
	id := p.word()
	v := p.values[id]
	if v == nil {
		p.fail("%%%s is not defined", id)
	}
	return v
}

func (p *parser) arg(role Role, vs []*Value) *Arg {
	if len(vs) != 1 {
		p.fail("an argument is one value")
	}
	a := &Arg{Role: role, Value: vs[0]}
	if role == CellOf {
		kind := p.cellKind()
		a.Cell = p.cellNamed(kind, p.quoted())
	}
	a.Name = p.quoted()
	a.Value.Type = p.typ()
	switch {
	case role == CellOf && a.Cell.Type.DType == dtype.Invalid:
		a.Cell.Type = a.Value.Type
	case role == Draw:
		p.expect("=")
		a.Random = p.random()
	case p.accept("="):
		x := p.float()
		a.Default = &x
	}
	a.Optional = p.accept("optional")
	return a
}

// node reads what follows the operator's name.
func (p *parser) node(name string, results []*Value) *Node {
	o := p.ops(name)
	if o == nil {
		p.fail("unknown operator %q", name)
		return nil
	}
	n := &Node{Op: o, Results: results}
	p.expect("(")
	p.list(")", func() { n.Args = append(n.Args, p.use()) })
	p.expect("{")
	p.attrs(n)
	for i, r := range results {
		if i > 0 {
			p.expect(",")
		}
		r.Type, r.Node = p.typ(), n
	}
	if p.accept("@") {
		n.Path = p.quoted()
	}
	if p.accept("//") {
		pos, inner, called := strings.Cut(p.line(), within)
		if n.Pos = p.position(pos); called {
			n.Inner = p.position(inner)
		}
	}
	for range o.Regions {
		n.Regions = append(n.Regions, p.region())
	}
	return n
}

func (p *parser) attrs(n *Node) {
	given := Attrs{}
	p.list("}", func() {
		name := p.word()
		p.expect(":")
		for _, spec := range n.Op.Params {
			if spec.Name == name {
				given[name] = p.attr(spec.Kind, p.until(",}"))
				return
			}
		}
		p.fail("%s has no attribute %s", n.Op.Name, name)
	})
	list, err := n.Op.Fill(given)
	if err != nil {
		p.fail("%v", err)
	}
	n.Attrs = list
}

// attr reads an attribute of a kind.
func (p *parser) attr(kind ParamKind, text string) any {
	x, err := attrParsers[kind](text)
	if err != nil {
		p.fail("%v", err)
	}
	return x
}

var attrParsers = map[ParamKind]func(string) (any, error){
	PInt:    one(func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }),
	PFloat:  one(parseFloat),
	PBool:   one(strconv.ParseBool),
	PText:   one(strconv.Unquote),
	PDim:    one(dim.Parse),
	PDType:  one(parseDType),
	PInts:   many(func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }),
	PDims:   many(dim.Parse),
	PFloats: many(parseFloat),
}

func parseFloat(s string) (float64, error) { return strconv.ParseFloat(s, 64) }

func parseDType(s string) (dtype.DType, error) {
	d, ok := dtype.Parse(s)
	if !ok {
		return d, fmt.Errorf("unknown element type %q", s)
	}
	return d, nil
}

func one[T any](parse func(string) (T, error)) func(string) (any, error) {
	return func(s string) (any, error) { return parse(s) }
}

func many[T any](parse func(string) (T, error)) func(string) (any, error) {
	return func(s string) (any, error) {
		c := &cursor{text: s}
		var out []T
		c.expect("[")
		c.list("]", func() {
			x, err := parse(c.until(",]"))
			if err != nil {
				c.fail("%v", err)
			}
			out = append(out, x)
		})
		return out, c.err
	}
}

// position reads file:line:col.
func (p *parser) position(text string) diag.Range {
	rest, col, ok1 := cutLast(text, ":")
	file, line, ok2 := cutLast(rest, ":")
	r := diag.Range{File: file}
	var err1, err2 error
	r.Start.Line, err1 = strconv.Atoi(line)
	r.Start.Col, err2 = strconv.Atoi(col)
	if !ok1 || !ok2 || err1 != nil || err2 != nil {
		p.fail("%q is no position", text)
	}
	return r
}

func (p *parser) region() *Region {
	r := &Region{}
	p.expect("region")
	p.expect("(")
	p.list(")", func() {
		v := p.definition(len(r.Args))
		v.Type = p.typ()
		r.Args = append(r.Args, v)
	})
	p.expect("{")
	for p.err == nil && !p.accept("yield") {
		vs := p.definitions()
		p.expect("=")
		if n := p.node(p.word(), vs); n != nil {
			r.Nodes = append(r.Nodes, n)
		}
	}
	for p.err == nil && !p.accept("}") {
		r.Results = append(r.Results, p.use())
		p.accept(",")
	}
	return r
}

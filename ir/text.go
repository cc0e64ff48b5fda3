package ir

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"mmc/ir/dim"
	"mmc/ir/dtype"
)

// The text form of a module, which Parse reads back:
//
//	module "LeNet" {
//	  cell param "fc.weight" f32[10, 84] = uniform(-0.1, 0.1) "fc.weight"
//	  graph "classify" {
//	    where H % 4 == 0
//	    %0 = input "image" f32[N, 1, H, 28]
//	    %1 = cell "fc.weight" f32[10, 84]
//	    %2 = dot(%0, %1) {spec: "a k, b k -> a b"} f32[N, 10] @ "fc" // lenet.mm:7:3
//	    output "logits" %2
//	  }
//	}
//
// A node's instance path follows @, its place in the source stands in the comment. Documentation and the calls that led to a
// node are left out.

// Print writes a module.
func (m *Module) Print(w io.Writer) error {
	p := &printer{}
	p.line("module %q {", m.Name)
	p.depth++
	for _, h := range m.Hyper {
		p.line("hyper %q %q", h.Name, h.Value)
	}
	for _, c := range m.Cells {
		p.cell(c)
	}
	for _, o := range m.Optimizers {
		names := make([]string, len(o.Slots))
		for i, c := range o.Slots {
			names[i] = strconv.Quote(c.Name)
		}
		p.line("optimizer %q [%s]", o.Name, strings.Join(names, ", "))
	}
	for _, g := range m.Graphs {
		p.graph(g)
	}
	p.depth--
	p.line("}")
	_, err := io.WriteString(w, p.String())
	return err
}

// Print writes a graph. Values are numbered anew.
func (g *Graph) Print(w io.Writer) error {
	_, err := io.WriteString(w, g.String())
	return err
}

// String is the graph's text form.
func (g *Graph) String() string {
	p := &printer{}
	p.graph(g)
	return p.String()
}

// printer writes indented lines.
type printer struct {
	strings.Builder
	depth int
	ids   map[*Value]int // of the graph at hand; printing must not change the graph
}

func (p *printer) line(format string, args ...any) {
	p.WriteString(strings.Repeat("  ", p.depth))
	fmt.Fprintf(p, format, args...)
	p.WriteByte('\n')
}

func (p *printer) cell(c *Cell) {
	aliases := ""
	for _, a := range c.Aliases {
		aliases += " alias " + strconv.Quote(a)
	}
	head := fmt.Sprintf("cell %s %q%s %s", c.Kind, c.Name, aliases, c.Type)
	switch {
	case c.Init == nil:
		p.line("%s", head)
	case c.Init.Random != nil:
		p.line("%s = %s", head, c.Init.Random.text())
	case c.Init.Graph != nil:
		p.line("%s =", head)
		p.graph(c.Init.Graph)
	default:
		p.line("%s = %s", head, number(c.Init.Const))
	}
}

func (r *Random) text() string {
	return fmt.Sprintf("%s(%s, %s) %q", r.Dist, number(r.A), number(r.B), r.Address)
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

func (p *printer) graph(g *Graph) {
	outer := p.ids
	p.ids = map[*Value]int{}
	train := ""
	if g.Train {
		train = " train"
	}
	p.line("graph %q%s {", g.Name, train)
	p.depth++
	if g.Facts != nil {
		for _, c := range g.Facts.Conditions() {
			p.line("where %s", c)
		}
	}
	for _, a := range g.Args {
		p.line("%s = %s", p.defined(a.Value), a.text())
	}
	for _, n := range g.Nodes {
		p.node(n)
	}
	for _, r := range g.Results {
		p.line("%s %q %s", r.keyword(), r.label(), p.used(r.Value))
	}
	p.depth--
	p.line("}")
	p.ids = outer
}

// defined numbers a value and writes it with the user's name for it.
func (p *printer) defined(v *Value) string {
	p.ids[v] = len(p.ids)
	if v.Name == "" {
		return p.used(v)
	}
	return fmt.Sprintf("%s %q", p.used(v), v.Name)
}

func (p *printer) used(v *Value) string {
	if id, ok := p.ids[v]; ok {
		return "%" + strconv.Itoa(id)
	}
	return "%?"
}

func (p *printer) list(vs []*Value, write func(*Value) string) string {
	out := make([]string, len(vs))
	for i, v := range vs {
		out[i] = write(v)
	}
	return strings.Join(out, ", ")
}

func (a *Arg) text() string {
	out := fmt.Sprintf("%s %q %s", argKeywords[a.Role], a.Name, a.Value.Type)
	switch {
	case a.Role == CellOf:
		out = fmt.Sprintf("cell %s %q %q %s", a.Cell.Kind, a.Cell.Name, a.Name, a.Value.Type)
	case a.Role == Draw:
		out += " = " + a.Random.text()
	case a.Default != nil:
		out += " = " + number(*a.Default)
	}
	if a.Optional {
		out += " optional"
	}
	return out
}

// The words that say what arguments and results are.
var (
	argKeywords    = map[Role]string{Input: "input", Draw: "draw", CellOf: "cell", Clock: "clock", Prepared: "prepared"}
	resultKeywords = map[Role]string{Input: "output", CellOf: "update", Loss: "loss", Report: "report", Prepared: "prepared"}
)

func (r *Result) keyword() string { return resultKeywords[r.Role] }

// label is the result's name; of a cell the cell's.
func (r *Result) label() string {
	if r.Cell != nil {
		return r.Cell.Name
	}
	return r.Name
}

// within stands between a place and that in the library which it led to. No clean path holds it.
const within = " // "

func (p *printer) node(n *Node) {
	types := make([]string, len(n.Results))
	for i, r := range n.Results {
		types[i] = r.Type.String()
	}
	tail := ""
	if n.Path != "" {
		tail += " @ " + strconv.Quote(n.Path)
	}
	if n.Pos.IsValid() {
		tail += fmt.Sprintf(" // %s:%d:%d", n.Pos.File, n.Pos.Start.Line, n.Pos.Start.Col)
		if n.Inner.IsValid() {
			tail += fmt.Sprintf("%s%s:%d:%d", within, n.Inner.File, n.Inner.Start.Line, n.Inner.Start.Col)
		}
	}
	args := p.list(n.Args, p.used)
	p.line("%s = %s(%s) {%s} %s%s", p.list(n.Results, p.defined), n.Op.Name, args, n.attrText(), strings.Join(types, ", "), tail)
	for _, r := range n.Regions {
		p.region(r)
	}
}

func (p *printer) region(r *Region) {
	p.depth++
	p.line("region (%s) {", p.list(r.Args, func(v *Value) string { return p.defined(v) + " " + v.Type.String() }))
	p.depth++
	for _, n := range r.Nodes {
		p.node(n)
	}
	p.line("yield %s", p.list(r.Results, p.used))
	p.depth--
	p.line("}")
	p.depth--
}

func (n *Node) attrText() string {
	out := make([]string, len(n.Attrs))
	for i, p := range n.Op.Params {
		out[i] = p.Name + ": " + attrText(n.Attrs[i])
	}
	return strings.Join(out, ", ")
}

// attrText writes an attribute; the type of x is that of a ParamKind.
func attrText(x any) string {
	switch x := x.(type) {
	case float64:
		return number(x)
	case string:
		return strconv.Quote(x)
	case []int64:
		return listText(x, func(n int64) string { return strconv.FormatInt(n, 10) })
	case []float64:
		return listText(x, number)
	case []dim.Expr:
		return listText(x, dim.Expr.String)
	case dtype.DType:
		return x.String()
	}
	return fmt.Sprint(x) // int64, bool, dim.Expr
}

func listText[T any](list []T, text func(T) string) string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = text(x)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

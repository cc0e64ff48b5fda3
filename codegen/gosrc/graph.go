package gosrc

import (
	"fmt"
	"strconv"
	"strings"

	"mmc/codegen/emit"
	"mmc/codegen/kernel"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/plan"
)

// graph is one program with the names of its parts in the generated package.
type graph struct {
	gen        *generator
	ir         *ir.Graph
	plan       *plan.Program
	method     string // exported name
	typ        string // of the struct that runs it
	steps      []step
	cellWrite  int // the first step that writes a cell
	sizes      *sizes
	sources    []source
	argField   map[*ir.Arg]string
	inoutField map[*ir.Cell]string
	arenaField map[*plan.Buffer]string
	scope      *names // fields of the struct
	sig        signature
}

// step is one kernel call.
type step struct {
	kernel *shared
	fields []kernel.Field
	name   string // for people
	where  string // file:line
	text   string // the source line
	plan   *plan.Step
	dead   []*plan.Buffer // whose last use it is
	losses []*ir.Result   // that it completes
}

func newGraph(g *generator, p *plan.Program, method string) *graph {
	gr := &graph{
		gen: g, ir: p.Graph, plan: p, method: method, sizes: newSizes(p),
		argField: map[*ir.Arg]string{}, inoutField: map[*ir.Cell]string{}, arenaField: map[*plan.Buffer]string{},
		scope: newNames("machine", "w", "o", "c", "p", "dims", "size", "placed", "g", "d", "k"),
	}
	gr.typ = g.top.give(local(method) + "Graph")
	if gr.ir == nil {
		gr.ir = &ir.Graph{Name: method}
		p.Graph = gr.ir
	}
	for _, a := range gr.ir.Args {
		if a.Role == ir.Prepared || a.Role == ir.CellOf && a.Cell.Kind != ir.InOutCell {
			continue
		}
		gr.argField[a] = gr.scope.give(local(a.Name))
		if a.Role == ir.CellOf {
			gr.inoutField[a.Cell] = gr.argField[a]
		}
	}
	for _, b := range p.Buffers {
		if b.Space == plan.ArenaSpace {
			gr.arenaField[b] = gr.scope.give("b" + strconv.Itoa(b.ID))
		}
	}
	gr.sign()
	return gr
}

// program is the struct of a graph and what runs it: dims, buffers, steps.
func (gr *graph) program() []declaration {
	list := []declaration{gr.dimsType, gr.structType, gr.placeMethod, gr.runMethod}
	if gr.profiled() {
		list = append(list, gr.workMethod)
	}
	for i := range gr.steps {
		list = append(list, func(w *emit.Go) { gr.stepMethod(w, i) })
	}
	return list
}

func (gr *graph) dimsName() string { return strings.TrimSuffix(gr.typ, "Graph") + "Dims" }

func (gr *graph) dimsType(w *emit.Go) {
	w.Doc(gr.dimsName() + " are the sizes of one call.")
	w.Block("type "+gr.dimsName()+" struct", func() {
		for _, s := range gr.sizes.symbols {
			w.Line(gr.sizes.field[s], " int")
		}
		for _, d := range gr.sizes.internal {
			w.Line(gr.sizes.field[d.Sym], " int // ", showDim(gr.ir.Facts, d.Value))
		}
	})
	if len(gr.sizes.internal) == 0 {
		return
	}
	w.Line()
	w.Doc("derive computes the sizes that follow from the others.")
	w.Block("func (d *"+gr.dimsName()+") derive()", func() {
		for _, x := range gr.sizes.internal {
			w.Line("d.", gr.sizes.field[x.Sym], " = ", gr.sizes.text(x.Value, "d"))
		}
	})
}

func (gr *graph) structType(w *emit.Go) {
	w.Doc(gr.typ + " runs the graph " + gr.ir.Name + ": its memory, in the session's arena, and its steps.")
	w.Block("type "+gr.typ+" struct", func() {
		w.Line("*machine")
		for _, o := range gr.gen.owners() {
			w.Line(o.field, " *", o.typ)
		}
		w.Line("dims ", gr.dimsName())
		w.Line("size int // of the arena when the buffers were placed")
		w.Line("placed bool")
		w.Line()
		for _, a := range gr.ir.Args {
			gr.argFields(w, a)
		}
		for _, b := range gr.plan.Buffers {
			if b.Space == plan.ArenaSpace && b.Last >= b.First {
				w.Linef("%s []%s // %s %s[%s]", gr.arenaField[b], elem(b.DType), b.Name, b.DType, showDim(gr.ir.Facts, b.Size))
			}
		}
		gr.resultFields(w)
	})
}

// placeMethod prints the method that lays out the arena for given sizes.
func (gr *graph) placeMethod(w *emit.Go) {
	text := func(e dim.Expr) string { return gr.sizes.text(e, "d") }
	w.Doc("place lays out the arena for the sizes of a call; as long as they stay the same, nothing moves.")
	w.Block("func (g *"+gr.typ+") place(d *"+gr.dimsName()+") error", func() {
		buryAll(w)
		w.Block("if g.placed && g.size == g.Arena.Size() && g.dims == *d", func() { w.Line("return nil") })
		named := gr.offsetVariables(w)
		w.Block("if err := g.Arena.Grow("+text(gr.plan.Arena.Bytes)+"); err != nil", func() { w.Line("return err") })
		for _, b := range gr.plan.Buffers {
			if b.Space != plan.ArenaSpace || b.Last < b.First {
				continue // of another space, or reused away
			}
			at := text(b.Offset)
			if named[b] {
				at = gr.sizes.offsets[plan.OffsetSymbol(b.ID)]
			}
			w.Linef("g.%s = rt.View[%s](&g.Arena, %s, %s)", gr.arenaField[b], elem(b.DType), at, text(b.Size))
		}
		gr.placeResults(w)
		w.Line("g.dims, g.size, g.placed = *d, g.Arena.Size(), true")
		w.Line("return nil")
	})
}

// offsetVariables prints a variable for each offset that others are written over, and tells which buffers have one.
func (gr *graph) offsetVariables(w *emit.Go) map[*plan.Buffer]bool {
	used := map[string]bool{}
	mark := func(e dim.Expr) {
		for _, s := range e.Syms() {
			used[s] = true
		}
	}
	mark(gr.plan.Arena.Bytes)
	for _, b := range gr.plan.Arena.Order {
		mark(b.Offset)
	}
	named := map[*plan.Buffer]bool{}
	for _, b := range gr.plan.Arena.Order {
		if symbol := plan.OffsetSymbol(b.ID); used[symbol] {
			named[b] = true
			w.Linef("%s := %s", gr.sizes.offsets[symbol], gr.sizes.text(b.Offset, "d"))
		}
	}
	return named
}

// runMethod prints the loop over the steps.
func (gr *graph) runMethod(w *emit.Go) {
	steps := strings.TrimSuffix(gr.typ, "Graph") + "Steps"
	w.Doc(steps + " are the kernel calls of the graph, in order.")
	w.Line("var ", steps, " = [...]func(*", gr.typ, "){")
	w.Indented(func() {
		for i := range gr.steps {
			w.Linef("(*%s).step%d,", gr.typ, i)
		}
	})
	w.Line("}")
	w.Line()
	writes := gr.cellWrite < len(gr.steps)
	doc := "run runs the steps. Between them it looks at ctx"
	if writes {
		doc += ", until the first one that writes a cell: an update is done as a whole or not at all"
	}
	w.Doc(doc + ".")
	w.Block("func (g *"+gr.typ+") run(ctx context.Context) error", func() {
		head, check := "for _, step := range "+steps, "if err := ctx.Err(); err != nil"
		if writes || gr.profiled() {
			head = "for i, step := range " + steps
		}
		if writes {
			check = fmt.Sprintf("if i <= %d {\nif err := ctx.Err(); err != nil", gr.cellWrite)
		}
		w.Block(head, func() {
			w.Block(check, func() { w.Line("return err") })
			if writes {
				w.Line("}")
			}
			gr.timedStep(w)
			w.Block("if err := g.Failed(); err != nil", func() {
				if writes && gr.ir.Train {
					w.Block(fmt.Sprintf("if i >= %d", gr.cellWrite), func() { w.Line("return g.Torn(err)") })
				}
				w.Line("return err")
			})
		})
		w.Line("return nil")
	})
}

// stepMethod prints one step.
func (gr *graph) stepMethod(w *emit.Go, i int) {
	s := gr.steps[i]
	doc := fmt.Sprintf("step%d: %s", i, s.name)
	if s.where != "" {
		doc += ", " + s.where
		if s.text != "" {
			doc += ": " + s.text
		}
	}
	w.Doc(doc)
	args := gr.stepArgs(s)
	w.Block(fmt.Sprintf("func (g *%s) step%d()", gr.typ, i), func() {
		if strings.Contains(args, "d.") {
			w.Line("d := &g.dims")
		}
		w.Linef("g.k.%s = %s{", s.kernel.name, s.kernel.name)
		w.Indented(func() { w.Text(args) })
		w.Line("}")
		w.Linef("g.Do(&g.k.%s)", s.kernel.name)
		gr.watch(w, s)
		gr.bury(w, s)
	})
}

// stepArgs are the fields of a step's kernel as lines of a composite literal; zeros are left out.
func (gr *graph) stepArgs(s step) string {
	const width = 110
	var b strings.Builder
	line := ""
	for _, f := range s.fields {
		value := ""
		switch {
		case f.Buf != nil && f.Bytes:
			value = "rt.Bytes(" + gr.bufText(f.Buf) + ")"
		case f.Buf != nil:
			value = gr.bufText(f.Buf)
		case f.Size.IsConst(0):
			continue
		default:
			value = gr.sizes.text(f.Size, "d")
		}
		part := f.Name + ": " + value + ","
		if line != "" && len(line)+len(part) > width {
			b.WriteString(line + "\n")
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += part
	}
	if line != "" {
		b.WriteString(line + "\n")
	}
	return b.String()
}

package gosrc

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mmc/codegen/emit"
	"mmc/ir"
)

// owner is a struct of cells with the field by which graphs know it.
type owner struct{ field, typ string }

// owners are the structs that the graphs of this package point at.
func (g *generator) owners() []owner {
	out := []owner{{"w", "weights"}}
	if len(g.prepared) > 0 {
		out = append(out, owner{"p", "preparedWeights"})
	}
	if len(g.cellsOf(ir.SlotCell)) > 0 {
		out = append(out, owner{"o", "slots"})
	}
	if len(g.cellsOf(ir.CacheCell)) > 0 {
		out = append(out, owner{"c", "caches"})
	}
	return out
}

// point is the literal that makes a graph of this package point at its machine and its cells.
func (g *generator) point(gr *graph, of map[string]string) string {
	parts := []string{"machine: " + of["machine"]}
	for _, o := range g.owners() {
		if v := of[o.field]; v != "" {
			parts = append(parts, o.field+": "+v)
		}
	}
	return gr.typ + "{" + strings.Join(parts, ", ") + "}"
}

// inference lists the graphs of Session, training those of Trainer.
func (g *generator) inference() []*graph { return g.choose(false) }
func (g *generator) training() []*graph  { return g.choose(true) }

func (g *generator) choose(train bool) (out []*graph) {
	for _, gr := range g.graphs {
		if gr.ir.Train == train {
			out = append(out, gr)
		}
	}
	return out
}

// modelFile prints NAME.go.
func (g *generator) modelFile(w *emit.Go) {
	g.tensorTypes(w)
	g.modelType(w)
	g.sourceType(w)
	g.sessionType(w)
	g.machineType(w)
	if len(g.opt.Weights) > 0 {
		g.embedded(w)
	}
	for i, b := range g.literals {
		w.Line()
		w.Doc(fmt.Sprintf("literal%d is %s.", i, b.Name))
		w.Linef("var %s = []%s{", g.bufName[b], elem(b.DType))
		g.numbers(w, b.Data, b.DType.IsFloat(), b.DType.String() == "bool")
		w.Line("}")
	}
	if g.usesFloorDiv() {
		w.Line()
		w.Doc("floorDiv is a / b rounded down.")
		w.Block("func floorDiv(a, b int) int", func() { w.Line("return rt.FloorDiv(a, b)") })
	}
}

func (g *generator) tensorTypes(w *emit.Go) {
	w.Text(`
// Tensor is a dense row-major array of one element type with its shape.
type Tensor[T rt.Elem] = rt.Tensor[T]

// Tape is noise by the addresses of draws, to use in place of random numbers.
type Tape = rt.Tape
`)
}

func (g *generator) modelType(w *emit.Go) {
	m := g.pkg.Module
	w.Line()
	doc := "Model is " + m.Name + " with its weights. It is read-only: any number of goroutines may use it, each with a session of its own."
	w.Doc(doc)
	w.Block("type Model struct", func() {
		w.Line("w weights")
		if len(g.prepared) > 0 {
			w.Line("p preparedWeights")
		}
		if g.packs() {
			w.Line("from Source // of weights that are kept packed alone")
		}
		w.Line("// Notes say what loading took from elsewhere or converted; nothing in them is an error.")
		w.Line("Notes []string")
	})
	w.Line()
	w.Text(`
// Load reads the weights from a safetensors file. All that is wrong with the file is in one error.
func Load(path string) (*Model, error) { return New(File(path)) }

// LoadBytes is Load for a file in memory.
func LoadBytes(data []byte) (*Model, error) { return New(Bytes(data)) }

// New makes a model with the weights of a source.
func New(from Source) (*Model, error) {
	if isaError != nil {
		return nil, isaError
	}
	m := new(Model)
	if err := rt.MakeCells(m.w.cells()); err != nil {
		return nil, err
	}
	notes, err := from.fill(&m.w)
	if err != nil {
		return nil, err
	}
	m.Notes = notes
`)
	w.Indented(func() {
		if g.prepare != nil {
			w.Block("if err := m.prepare(); err != nil", func() { w.Line("return nil, err") })
			if g.packs() {
				w.Block("if m.from = from; from.again", func() { w.Line("rt.Release(m.w.cells(), keptWeights[:])") })
			}
		}
		w.Line("return m, nil")
	})
	w.Line("}")
	g.saveMethod(w)
	if g.prepare != nil {
		g.prepareMethod(w)
	}
}

// packs reports whether some weights are read in packed form alone, so that the others can go once they are packed.
func (g *generator) packs() bool {
	return g.prepare != nil && len(g.keptWeights()) < len(g.cellsOf(ir.ParamCell))
}

// keptWeights are the numbers of the weights that an inference graph reads as they are.
func (g *generator) keptWeights() (kept []int) {
	used := map[*ir.Cell]bool{}
	for _, gr := range g.inference() {
		for _, s := range gr.plan.Steps {
			for _, v := range slices.Concat(s.In, s.Out) {
				used[v.Buf.Cell] = true
			}
		}
		for _, v := range gr.plan.Results {
			if v.Buf != nil {
				used[v.Buf.Cell] = true
			}
		}
	}
	for i, c := range g.cellsOf(ir.ParamCell) {
		if used[c.Cell] {
			kept = append(kept, i)
		}
	}
	return kept
}

// saveMethod prints Save, which asks the source again for weights that were let go.
func (g *generator) saveMethod(w *emit.Go) {
	w.Line()
	w.Doc("Save writes the weights as a safetensors file.")
	w.Block("func (m *Model) Save(path string) error", func() {
		w.Line("w := &m.w")
		if g.packs() {
			w.Block("if m.from.again", func() {
				w.Line("w = new(weights)")
				w.Block("if err := rt.MakeCells(w.cells()); err != nil", func() { w.Line("return err") })
				w.Block("if _, err := m.from.fill(w); err != nil", func() { w.Line("return err") })
			})
		}
		w.Line("return rt.SaveSafeTensors(path, map[string]string{\"format\": \"pt\"}, rt.Sources(w.cells()))")
	})
	if g.packs() {
		w.Line()
		w.Doc("keptWeights are those that graphs read as they are; the others are kept packed alone.")
		var list []string
		for _, i := range g.keptWeights() {
			list = append(list, strconv.Itoa(i))
		}
		w.Line("var keptWeights = [...]int{", strings.Join(list, ", "), "}")
	}
}

// prepareMethod prints what computes the packed and folded weights.
func (g *generator) prepareMethod(w *emit.Go) {
	w.Line()
	w.Doc("prepare computes, once, what depends on the weights alone.")
	w.Block("func (m *Model) prepare() error", func() {
		w.Line("g := ", g.point(g.prepare, map[string]string{"machine": "newMachine()", "w": "&m.w", "p": "&m.p"}))
		for _, p := range g.prepared {
			w.Linef("m.p.%s = make([]%s, %s)", p.field, elem(p.buf.DType), g.prepare.sizes.text(p.buf.Size, "g.dims"))
		}
		w.Line("var d ", g.prepare.dimsName())
		w.Block("if err := g.place(&d); err != nil", func() { w.Line("return err") })
		w.Line("return g.run(context.Background())")
	})
}

func (g *generator) sourceType(w *emit.Go) {
	w.Text(`
// Source is where a model's first weights come from: Init, File or Bytes.
type Source struct {
	fill func(w *weights) (notes []string, err error)
	open func() (*rt.SafeTensors, error) // of a file, for what it holds beside weights
	again bool // fill gives the same weights again
	ignoreExtra bool
	seed uint64
}

// IgnoreExtra is the same source, whose file may hold tensors that the model does not know. Without it they are an error.
func (s Source) IgnoreExtra() Source {
	if s.open == nil {
		return s
	}
	return fromFile(s.open, true)
}

// File reads weights from a safetensors file, which may be a checkpoint.
func File(path string) Source {
	return fromFile(func() (*rt.SafeTensors, error) { return rt.OpenSafeTensors(path) }, false)
}

// Bytes reads weights from a safetensors file in memory.
func Bytes(data []byte) Source {
	return fromFile(func() (*rt.SafeTensors, error) { return rt.ParseSafeTensors(data) }, false)
}

func fromFile(open func() (*rt.SafeTensors, error), ignoreExtra bool) Source {
	return Source{open: open, again: true, ignoreExtra: ignoreExtra, fill: func(w *weights) ([]string, error) {
		file, err := open()
		if err != nil {
			return nil, err
		}
		defer file.Close()
		cells := w.cells()
		matched, err := rt.MatchWeights(file, rt.Specs(cells), ignoreExtra)
		if err != nil {
			return nil, err
		}
		return matched.Notes, rt.ReadCells(cells, matched)
	}}
}

// Init draws the first weights as the model says; the same seed gives the same weights everywhere.
func Init(seed uint64) Source {
	return Source{seed: seed, again: true, fill: func(w *weights) ([]string, error) { return nil, w.init(seed) }}
}
`)
}

// sessionType prints Session, its options and Reserve.
func (g *generator) sessionType(w *emit.Go) {
	w.Text(`
// Options are the choices of a session. The zero value is a good one.
type Options struct {
	// Threads is how many threads a call may use; 0 means GOMAXPROCS. Results do not depend on it.
	Threads int
	// Pool runs the kernels on somebody else's threads: the pool of another session, or of another package.
	Pool interface{ Run(n int, f func(i int)) }
	// MemoryLimit refuses calls that need more bytes of working memory; 0 means what the machine has.
	MemoryLimit int
	// Tape replaces random draws.
	Tape Tape
}

// Session runs the graphs of a model in one goroutine at a time. It owns its working memory, which grows to what the largest
// call needs; further calls allocate nothing.
`)
	w.Block("type Session struct", func() {
		w.Line("machine")
		if len(g.cellsOf(ir.CacheCell)) > 0 {
			w.Line("c caches")
		}
		for _, gr := range g.inference() {
			w.Line(gr.field(), " ", gr.typ)
		}
	})
	w.Line()
	w.Doc("NewSession makes a session.")
	w.Block("func (m *Model) NewSession(o Options) *Session", func() {
		w.Line("s := &Session{machine: machine{Machine: rt.Machine{Tape: o.Tape}}}")
		w.Line("s.setUp(o.Pool, o.Threads, o.MemoryLimit)")
		for _, gr := range g.inference() {
			w.Linef("s.%s = %s", gr.field(), g.point(gr, map[string]string{"machine": "&s.machine", "w": "&m.w", "p": "&m.p", "c": "&s.c"}))
		}
		w.Line("return s")
	})
	g.reserve(w)
}

// reserve prints Sizes and Reserve.
func (g *generator) reserve(w *emit.Go) {
	type entry struct{ field, text string }
	var list []entry
	seen := map[string]bool{}
	for _, gr := range g.inference() {
		for _, s := range gr.sizes.symbols {
			if f := gr.sizes.field[s]; !seen[f] {
				seen[f] = true
				list = append(list, entry{f, s})
			}
		}
	}
	if len(list) == 0 {
		return
	}
	w.Line()
	w.Doc("Sizes are the dims of the graphs' arguments.")
	w.Block("type Sizes struct", func() {
		for _, e := range list {
			w.Line(e.field, " int")
		}
	})
	w.Line()
	w.Doc("Reserve makes room for calls of these sizes, so that not even the first one allocates working memory. A graph one of whose sizes is 0 is left out.")
	w.Block("func (s *Session) Reserve(sizes Sizes) error", func() {
		w.Block("if err := s.Enter(); err != nil", func() { w.Line("return err") })
		w.Line("defer s.Leave()")
		for _, gr := range g.inference() {
			g.reserveGraph(w, gr)
		}
		w.Line("return nil")
	})
}

func (g *generator) reserveGraph(w *emit.Go, gr *graph) {
	var fields, conditions []string
	for _, s := range gr.sizes.symbols {
		f := gr.sizes.field[s]
		fields = append(fields, f+": sizes."+f)
		conditions = append(conditions, "sizes."+f+" > 0")
	}
	place := func() {
		w.Linef("d := %s{%s}", gr.dimsName(), strings.Join(fields, ", "))
		if len(gr.sizes.internal) > 0 {
			w.Line("d.derive()")
		}
		w.Block(fmt.Sprintf("if err := s.%s.place(&d); err != nil", gr.field()), func() { w.Line("return err") })
	}
	if len(conditions) == 0 {
		w.Block("", place)
		return
	}
	w.Block("if "+strings.Join(conditions, " && "), place)
}

func (g *generator) machineType(w *emit.Go) {
	w.Text(`
// machine runs the kernels of a session: its threads, its memory, one struct of each kernel.
type machine struct {
	rt.Machine
	k kernels
}

// setUp gives the machine its threads. Sessions that name neither a pool nor a number of threads share one pool.
func (m *machine) setUp(pool rt.Runner, threads, limit int) {
	m.Arena.Limit = limit
	switch {
	case pool != nil:
		m.Pool = rt.Adopt(pool)
	case threads > 0:
		m.Pool = rt.NewPool(threads)
	default:
		m.Pool = sharedPool()
	}
}

// sharedPool is the pool of all sessions that want no other.
var sharedPool = sync.OnceValue(func() *rt.Pool { return rt.NewPool(0) })
`)
	if g.prepare != nil || g.init != nil {
		w.Text(`
// newMachine is a machine for programs that run once.
func newMachine() *machine {
	m := new(machine)
	m.setUp(nil, 0, 0)
	return m
}
`)
	}
}

func (g *generator) embedded(w *emit.Go) {
	ignoring := ""
	if g.opt.IgnoreExtra {
		ignoring = ".IgnoreExtra()"
	}
	w.Text(`
//go:embed weights.safetensors
var embeddedWeights []byte

// Embedded is the model with the weights that were built into the package.
func Embedded() (*Model, error) { return New(Bytes(embeddedWeights)` + ignoring + `) }
`)
}

// numbers prints the elements of a literal.
func (g *generator) numbers(w *emit.Go, data []float64, float, boolean bool) {
	line := ""
	for _, x := range data {
		text := strconv.FormatFloat(x, 'g', -1, 64)
		switch {
		case boolean:
			text = strconv.FormatBool(x != 0)
		case !float:
			text = strconv.FormatInt(int64(x), 10)
		case strings.ContainsAny(text, "IN"):
			w.Failf("a literal holds %s", text)
		}
		if len(line) > 100 {
			w.Line("\t", line)
			line = ""
		}
		line += text + ", "
	}
	if line != "" {
		w.Line("\t", strings.TrimRight(line, " "))
	}
}

// usesFloorDiv reports whether any size needs a division that rounds down.
func (g *generator) usesFloorDiv() bool { return g.floorDiv }

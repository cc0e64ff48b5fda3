package gosrc

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"mmc/codegen"
	"mmc/codegen/emit"
	"mmc/ir"
	"mmc/ir/dtype"
	"mmc/ir/plan"
)

// generator holds what the files of one package share.
type generator struct {
	opt      Options
	pkg      *plan.Package
	top      *names // package-level identifiers
	kernels  *registry
	cells    []*cell
	cellOf   map[*ir.Cell]*cell
	prepared []prepared
	bufName  map[*plan.Buffer]string // of Prepared and Literal buffers: the Go expression
	literals []*plan.Buffer
	graphs   []*graph
	prepare  *graph
	init     *graph
	floorDiv bool // some size is a division that rounds down
}

// cell is a cell with its place in the generated package.
type cell struct {
	*ir.Cell
	field string
}

// prepared is a buffer that is computed at load.
type prepared struct {
	buf   *plan.Buffer
	field string
}

// reserved are the package-level identifiers that every package declares.
var reserved = []string{
	"Model", "Session", "Options", "Tensor", "Trainer", "TrainOptions", "Source", "Sizes", "Tape", "F16", "BF16",
	"New", "Load", "LoadBytes", "Init", "File", "Bytes", "Embedded", "NewTrainer", "rt", "context", "math", "floorDiv",
	"Step", "Profiles", "machine", "newMachine", "sharedPool", "fromFile", "embeddedWeights", "kernels", "weights", "slots", "caches", "preparedWeights", "interfaceHash",
}

func newGenerator(o Options, p *plan.Package) (*generator, error) {
	g := &generator{opt: o, pkg: p, top: newNames(reserved...), bufName: map[*plan.Buffer]string{}, cellOf: map[*ir.Cell]*cell{}}
	g.kernels = newRegistry(g)
	g.nameCells()
	g.namePrepared()
	for _, prog := range p.Graphs {
		g.graphs = append(g.graphs, newGraph(g, prog, exported(prog.Graph.Name)))
	}
	if p.Prepare != nil {
		g.prepare = newGraph(g, p.Prepare, g.top.give("Prepare"))
	}
	if p.Init != nil {
		g.init = newGraph(g, p.Init, g.top.give("Initial"))
	}
	for _, gr := range g.all() {
		if err := gr.bind(); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// all are the programs of the package: those that the user calls, and those that run at load.
func (g *generator) all() []*graph {
	out := append([]*graph{}, g.graphs...)
	for _, extra := range []*graph{g.prepare, g.init} {
		if extra != nil {
			out = append(out, extra)
		}
	}
	return out
}

func (g *generator) nameCells() {
	fields := map[ir.CellKind]*names{}
	for _, c := range g.pkg.Module.Cells {
		owner := ownerOf(c.Kind)
		if fields[owner] == nil {
			fields[owner] = newNames()
		}
		x := &cell{Cell: c, field: fields[owner].give(local(c.Name))}
		g.cells = append(g.cells, x)
		g.cellOf[c] = x
	}
}

// ownerOf puts parameters and states together: both are weights.
func ownerOf(k ir.CellKind) ir.CellKind {
	if k == ir.StateCell {
		return ir.ParamCell
	}
	return k
}

// cellsOf lists the cells that live with one owner, in the order of the module.
func (g *generator) cellsOf(owner ir.CellKind) []*cell {
	var out []*cell
	for _, c := range g.cells {
		if ownerOf(c.Kind) == owner {
			out = append(out, c)
		}
	}
	return out
}

// namePrepared names the buffers that belong to the model and to the package, in the order in which programs list them.
func (g *generator) namePrepared() {
	fields := newNames()
	programs := append([]*plan.Program{}, g.pkg.Graphs...)
	if g.pkg.Prepare != nil {
		programs = append(programs, g.pkg.Prepare)
	}
	for _, p := range programs {
		for _, b := range p.Buffers {
			if g.bufName[b] != "" {
				continue
			}
			switch b.Space {
			case plan.Prepared:
				f := fields.give(local(b.Name))
				g.prepared = append(g.prepared, prepared{b, f})
				g.bufName[b] = "g.p." + f
			case plan.Literal:
				g.bufName[b] = g.top.give("literal" + strconv.Itoa(len(g.literals)))
				g.literals = append(g.literals, b)
			}
		}
	}
}

// files prints the package.
func (g *generator) files() ([]codegen.File, error) {
	var out []codegen.File
	names := newFileNames()
	main := names.give(g.opt.Package)
	add := func(name string, body func(w *emit.Go)) error {
		data, err := g.file(body, name == main)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, codegen.File{Path: name, Data: data})
		return nil
	}
	type file struct {
		name string
		body func(w *emit.Go)
		skip bool
	}
	list := []file{
		{"cells.go", g.cellsFile, false},
	}
	for _, gr := range g.graphs {
		list = append(list, file{names.give("graph_" + snake(gr.ir.Name)), gr.file, false})
	}
	list = append(list,
		file{"prepare.go", func(w *emit.Go) { g.prepare.program(w) }, g.prepare == nil},
		file{"initial.go", func(w *emit.Go) { g.init.program(w) }, g.init == nil},
		file{"trainer.go", g.trainerFile, !g.trains()},
		file{"profile.go", g.profileFile, !g.opt.Profile},
		file{"kernels.go", g.kernels.file, false},
		file{main, g.modelFile, false}) // last: it knows what the others needed
	for _, f := range list {
		if f.skip {
			continue
		}
		if err := add(f.name, f.body); err != nil {
			return nil, err
		}
	}
	asm, err := g.kernels.asmFiles()
	if err != nil {
		return nil, err
	}
	out = append(out, asm...)
	extra, err := g.extras()
	return append(out, extra...), err
}

// file prints one file: header, imports as the text needs them, body.
func (g *generator) file(body func(w *emit.Go), doc bool) ([]byte, error) {
	var text emit.Go
	body(&text)
	g.floorDiv = g.floorDiv || strings.Contains(text.String(), "floorDiv(")
	var w emit.Go
	w.Line(g.header())
	w.Line()
	if doc {
		g.packageDoc(&w)
	}
	w.Line("package ", g.opt.Package)
	w.Line()
	g.imports(&w, text.String())
	w.Line()
	w.Text(text.String())
	w.Fail(text.Err())
	return w.Source()
}

func (g *generator) header() string { return g.opt.header() }

func (g *generator) packageDoc(w *emit.Go) {
	m := g.pkg.Module
	doc := strings.TrimSpace(m.Doc)
	if doc == "" {
		doc = "is the model " + m.Name + " of " + path.Base(m.File) + "."
	} else {
		doc = "is the model " + m.Name + " of " + path.Base(m.File) + ".\n\n" + doc
	}
	if len(m.Hyper) > 0 {
		doc += "\n\nHyperparameters:"
		for _, h := range m.Hyper {
			doc += " " + h.Name + " = " + h.Value + ","
		}
		doc = strings.TrimSuffix(doc, ",") + "."
	}
	w.Doc("Package " + g.opt.Package + " " + doc)
}

func (g *generator) trains() bool {
	for _, gr := range g.graphs {
		if gr.ir.Train {
			return true
		}
	}
	return false
}

// elem is the Go type of an element in the generated package.
func elem(t dtype.DType) string {
	if t == dtype.F16 || t == dtype.BF16 {
		return "rt." + t.GoName()
	}
	return t.GoName()
}

// snake is a name fit for a file.
func snake(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		if r >= 'A' && r <= 'Z' {
			return r - 'A' + 'a'
		}
		return '_'
	}, name)
}

// at is a place in a .mm file, for comments.
func at(file string, line int) string {
	if line == 0 {
		return ""
	}
	return path.Base(file) + ":" + strconv.Itoa(line)
}

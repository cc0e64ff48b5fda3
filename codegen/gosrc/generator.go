package gosrc

import (
	"path"
	"strconv"
	"strings"

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

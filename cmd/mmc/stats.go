package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/plan"
)

// statsCmd is mmc stats.
type statsCmd struct {
	modelFlags
	Graph  string `help:"Only this graph." placeholder:"NAME"`
	Dim    sizes  `help:"Evaluate formulas at these sizes: --dim N=1 --dim H=224." placeholder:"NAME=SIZE"`
	Params bool   `help:"List every parameter and state."`
	JSON   bool   `help:"Print as JSON." name:"json"`
}

// Help is shown by mmc stats --help.
func (statsCmd) Help() string {
	return `FLOPs count multiplications and additions of products and windows. Bytes are of working memory, the arena: what is planned,
the least that any plan for this order of kernels could need, and the sum of all buffers if none were shared. Prepared bytes are
folded and packed weights, which take the place of the originals in inference.

Examples:
  mmc stats unet.mm --model UNet
  mmc stats resnet.mm --model ResNet50 --params
  mmc stats unet.mm --model UNet --dim N=1 --dim H=256 --dim W=256 --json`
}

// modelReport is what stats prints.
type modelReport struct {
	Model      string        `json:"model"`
	Parameters int64         `json:"parameters"`
	Bytes      int64         `json:"parameter_bytes"`
	Prepared   int64         `json:"prepared_bytes"`
	Cells      []cellReport  `json:"cells"`
	Graphs     []graphReport `json:"graphs"`
}

type cellReport struct {
	Name    string   `json:"name"`
	Kind    string   `json:"kind"` // param or state
	DType   string   `json:"dtype"`
	Shape   []int64  `json:"shape"`
	Count   int64    `json:"count"`
	Aliases []string `json:"aliases,omitempty"`
}

type graphReport struct {
	Name          string `json:"name"`
	Signature     string `json:"signature"`
	Train         bool   `json:"train"`
	Parameters    int64  `json:"parameters"`
	FLOPs         figure `json:"flops"`
	KernelsBefore int    `json:"kernels_before_fusion"`
	Kernels       int    `json:"kernels"`
	Arena         figure `json:"arena_bytes"`
	LowerBound    figure `json:"lower_bound_bytes"`
	Unplanned     figure `json:"unplanned_bytes"`
	CellCopies    int    `json:"cell_copies"`
}

// figure is a number that depends on sizes.
type figure struct {
	Formula string `json:"formula"`
	AtMost  bool   `json:"at_most,omitempty"` // the formula is a bound
	Value   *int64 `json:"value,omitempty"`   // at the sizes of --dim, where they tell it
}

func (f figure) String() string {
	switch {
	case f.Value != nil:
		return grouped(*f.Value)
	case f.AtMost:
		return "at most " + f.Formula
	}
	return f.Formula
}

// Run prints the figures.
func (c *statsCmd) Run(e *env) error {
	pkg, _, err := e.plan(c.modelFlags)
	if err != nil {
		return err
	}
	if err := c.checkNames(pkg.Module); err != nil {
		return err
	}
	r, err := compute(e.ctx, func() (*modelReport, error) { return c.report(pkg), nil })
	if err != nil {
		return err
	}
	if !c.JSON {
		return r.print(e.out, c.Params)
	}
	enc := json.NewEncoder(e.out)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// checkNames asks that graph and sizes exist.
func (c *statsCmd) checkNames(m *ir.Module) error {
	if err := knownGraph(m, c.Graph); err != nil {
		return err
	}
	var sizes []string
	for _, g := range m.Graphs {
		sizes = append(sizes, sizeNames(g)...)
	}
	slices.Sort(sizes)
	sizes = slices.Compact(sizes)
	for _, name := range sortedKeys(c.Dim) {
		if !slices.Contains(sizes, name) {
			return misuse("--dim %s: no graph of %s has this size%s; there are %s", name, m.Name, suggestion(name, sizes), strings.Join(sizes, ", "))
		}
	}
	for _, g := range m.Graphs {
		if c.Graph == "" || c.Graph == g.Name {
			if err := checkSizes(g, c.Dim); err != nil {
				return err
			}
		}
	}
	return nil
}

// knownGraph asks that the model has a graph of that name; no name is fine.
func knownGraph(m *ir.Module, name string) error {
	var names []string
	for _, g := range m.Graphs {
		names = append(names, g.Name)
	}
	if name == "" || slices.Contains(names, name) {
		return nil
	}
	return misuse("model %s has no graph %s%s; it has\n%s", m.Name, name, suggestion(name, names), signatures(m))
}

func (c *statsCmd) report(pkg *plan.Package) *modelReport {
	r := &modelReport{Model: pkg.Module.Name, Prepared: pkg.PreparedBytes()}
	for _, cell := range pkg.Module.Cells {
		if cell.Kind != ir.ParamCell && cell.Kind != ir.StateCell {
			continue
		}
		x := describeCell(cell)
		r.Cells = append(r.Cells, x)
		if cell.Kind == ir.ParamCell {
			r.Parameters += x.Count
			r.Bytes += x.Count * int64(cell.Type.DType.Size())
		}
	}
	for i, p := range pkg.Graphs {
		if c.Graph == "" || c.Graph == p.Graph.Name {
			r.Graphs = append(r.Graphs, c.graph(p, pkg.Module.Graphs[i]))
		}
	}
	return r
}

func describeCell(c *ir.Cell) cellReport {
	x := cellReport{Name: c.Name, Kind: c.Kind.String(), DType: c.Type.DType.String(), Shape: []int64{}, Count: 1, Aliases: c.Aliases}
	for _, d := range c.Type.Shape {
		n, _ := d.Const()
		x.Shape = append(x.Shape, n)
		x.Count *= n
	}
	return x
}

func (c *statsCmd) graph(p *plan.Program, g *ir.Graph) graphReport {
	x := graphReport{
		Name: g.Name, Signature: signature(g), Train: g.Train,
		KernelsBefore: p.Stats.NodesBefore, Kernels: len(p.Steps), CellCopies: p.Stats.CellCopies,
		FLOPs: c.figure(p, p.Stats.FLOPs), Arena: c.arena(p),
		LowerBound: c.figure(p, p.Arena.LowerBound), Unplanned: c.figure(p, p.Arena.Unplanned),
	}
	for _, a := range g.Args {
		if a.Role == ir.CellOf && a.Cell.Kind == ir.ParamCell {
			x.Parameters += describeCell(a.Cell).Count
		}
	}
	return x
}

func (c *statsCmd) size(name string) (int64, bool) { v, ok := c.Dim[name]; return v, ok }

// figure shows a size in the user's dims.
func (c *statsCmd) figure(p *plan.Program, e dim.Expr) figure {
	f := figure{Formula: p.Graph.Facts.Show(e)}
	if v, err := p.Graph.Facts.Original(e).Eval(c.size); err == nil {
		f.Value = &v
	}
	return f
}

// arena is figure for the size of the arena.
func (c *statsCmd) arena(p *plan.Program) figure {
	formulas, exact := arenaSize(&p.Arena, p.Graph.Facts)
	var list []string
	for _, e := range formulas {
		list = append(list, p.Graph.Facts.Show(e))
	}
	f := figure{Formula: strings.Join(list, ", "), AtMost: !exact}
	if len(list) > 1 {
		f.Formula = "max(" + f.Formula + ")"
	}
	if _, v, err := p.Arena.Sizes(c.size); err == nil {
		f.Value = &v
	}
	return f
}

func (r *modelReport) print(out io.Writer, params bool) error {
	w := tabwriter.NewWriter(out, 2, 0, 2, ' ', 0)
	fmt.Fprintf(w, "model %s: %s parameters, %s bytes; prepared, %s bytes\n", r.Model, grouped(r.Parameters), grouped(r.Bytes), grouped(r.Prepared))
	if params {
		for _, c := range r.Cells {
			shape := strings.ReplaceAll(fmt.Sprint(c.Shape), " ", ", ")
			fmt.Fprintf(w, "  %s\t%s\t%s%s\t%s\n", c.Kind, c.Name, c.DType, shape, grouped(c.Count))
		}
	}
	for _, g := range r.Graphs {
		fmt.Fprintf(w, "\n%s\n", g.Signature)
		fmt.Fprintf(w, "  parameters\t%s\n", grouped(g.Parameters))
		fmt.Fprintf(w, "  FLOPs\t%s\n", g.FLOPs)
		fmt.Fprintf(w, "  kernels\t%d before fusion, %d after\n", g.KernelsBefore, g.Kernels)
		fmt.Fprintf(w, "  arena bytes\t%s\n", g.Arena)
		fmt.Fprintf(w, "  lower bound\t%s\n", g.LowerBound)
		fmt.Fprintf(w, "  unplanned\t%s\n", g.Unplanned)
		fmt.Fprintf(w, "  cell copies\t%d\n", g.CellCopies)
	}
	return w.Flush()
}

// grouped writes a count with commas.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

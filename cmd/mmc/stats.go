package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/plan"
	"mmc/passes"
)

// statsCmd is mmc stats.
type statsCmd struct {
	modelFlags
	Dim    map[string]int64 `help:"Evaluate formulas at these sizes: --dim N=1 --dim H=224." placeholder:"NAME=SIZE"`
	Params bool             `help:"List every parameter and state."`
	JSON   bool             `help:"Print as JSON." name:"json"`
}

// Help is shown by mmc stats --help.
func (statsCmd) Help() string {
	return "Examples:\n  mmc stats unet.mm\n  mmc stats resnet.mm --model ResNet50 --params\n  mmc stats unet.mm --dim N=1 --dim H=256 --dim W=256 --json"
}

// report is what stats prints.
type report struct {
	Model      string        `json:"model"`
	Parameters int64         `json:"parameters"`
	Cells      []cellReport  `json:"cells,omitempty"`
	Graphs     []graphReport `json:"graphs"`
}

type cellReport struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	Type  string `json:"type"`
	Count int64  `json:"count"`
}

type graphReport struct {
	Name          string `json:"name"`
	Parameters    int64  `json:"parameters"`
	FLOPs         string `json:"flops"`
	KernelsBefore int    `json:"kernels_before_fusion"`
	Kernels       int    `json:"kernels"`
	Arena         string `json:"arena_bytes"`
	LowerBound    string `json:"lower_bound_bytes"`
	Unplanned     string `json:"unplanned_bytes"`
	CellCopies    int    `json:"cell_copies"`
}

// Run prints the figures.
func (c *statsCmd) Run(e *env) error {
	pkg, _, err := e.plan(c.modelFlags, passes.Options{})
	if err != nil {
		return err
	}
	r := c.report(pkg)
	if c.JSON {
		enc := json.NewEncoder(e.out)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	return r.print(e, c.Params)
}

func (c *statsCmd) report(pkg *plan.Package) *report {
	r := &report{Model: pkg.Module.Name}
	for _, cell := range pkg.Module.Cells {
		if cell.Kind == ir.SlotCell {
			continue
		}
		n := count(cell)
		r.Cells = append(r.Cells, cellReport{cell.Name, cell.Kind.String(), cell.Type.String(), n})
		if cell.Kind == ir.ParamCell {
			r.Parameters += n
		}
	}
	for i, p := range pkg.Graphs {
		g := graphReport{
			Name: p.Graph.Name, KernelsBefore: p.Stats.NodesBefore, Kernels: len(p.Steps), CellCopies: p.Stats.CellCopies,
			FLOPs:      c.formula(p, p.Stats.FLOPs),
			Arena:      c.formula(p, p.Arena.Bytes),
			LowerBound: c.formula(p, p.Arena.LowerBound),
			Unplanned:  c.formula(p, p.Arena.Unplanned),
		}
		for _, a := range pkg.Module.Graphs[i].Args {
			if a.Role == ir.CellOf && a.Cell.Kind == ir.ParamCell {
				g.Parameters += count(a.Cell)
			}
		}
		r.Graphs = append(r.Graphs, g)
	}
	return r
}

func count(c *ir.Cell) int64 {
	n, _ := c.Type.Size().Const()
	return n
}

// formula shows a size in the user's dims, or as a number where --dim gives them all. Offsets are written out.
func (c *statsCmd) formula(p *plan.Program, e dim.Expr) string {
	offsets := map[string]dim.Expr{}
	for _, b := range p.Arena.Order {
		offsets[plan.OffsetSymbol(b.ID)] = b.Offset.Subst(offsets)
	}
	e = e.Subst(offsets)
	env := func(s string) (int64, bool) { v, ok := c.Dim[s]; return v, ok }
	if v, err := e.Eval(env); err == nil {
		return fmt.Sprint(v)
	}
	return p.Graph.Facts.Show(e)
}

func (r *report) print(e *env, params bool) error {
	w := tabwriter.NewWriter(e.out, 2, 0, 2, ' ', 0)
	fmt.Fprintf(w, "model %s: %s parameters\n", r.Model, grouped(r.Parameters))
	if params {
		for _, c := range r.Cells {
			fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", c.Kind, c.Name, c.Type, grouped(c.Count))
		}
	}
	for _, g := range r.Graphs {
		fmt.Fprintf(w, "\ngraph %s\n", g.Name)
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
	var parts []string
	for len(s) > 3 {
		parts = append([]string{s[len(s)-3:]}, parts...)
		s = s[:len(s)-3]
	}
	return strings.Join(append([]string{s}, parts...), ",")
}

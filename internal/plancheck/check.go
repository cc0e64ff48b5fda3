// Package plancheck compares what the passes make of a module with what the module means: it evaluates every graph, plans the
// module, executes the plan on simulated memory and compares. It also makes random modules to be compared so. Tests
// alone import it.
package plancheck

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"mmc/internal/conform"
	"mmc/internal/planrun"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/eval"
	"mmc/ir/plan"
	"mmc/passes"
	"mmc/passes/grad"
)

// Sizes are the sizes of one call, by symbol.
type Sizes map[string]int64

// Tolerance is the error allowed relative to the largest element: plans are computed in float64 too, and passes may only
// change the order of sums and fold scales.
const Tolerance = 1e-9

// Module plans m once and compares each of its graphs with the evaluator at all the given sizes, on drawn arguments. Planning
// changes m. The plan is returned for further questions.
func Module(m *ir.Module, all ...Sizes) (*plan.Package, error) { return Given(m, nil, all...) }

// Allows reports whether the graphs of m can be evaluated at these sizes; a size below zero is no fault of a plan. It changes m
// as Module does.
func Allows(m *ir.Module, sizes Sizes) bool {
	for _, g := range m.Graphs {
		for sym, n := range sizes {
			if lo, hi, loKnown, hiKnown := g.Facts.Range(dim.Sym(sym)); loKnown && n < lo || hiKnown && n > hi {
				return false
			}
		}
		grad.Expand(g)
	}
	_, err := evaluate(m, nil, []Sizes{sizes})
	return err == nil
}

// Given is Module with some of the arguments given by name.
func Given(m *ir.Module, args map[string]*ir.Tensor, all ...Sizes) (*plan.Package, error) {
	for _, g := range m.Graphs {
		grad.Expand(g)
	}
	calls, err := evaluate(m, args, all)
	if err != nil {
		return nil, fmt.Errorf("evaluator: %w", err)
	}
	first, err := firstValues(m)
	if err != nil {
		return nil, fmt.Errorf("evaluator: %w", err)
	}
	pkg, err := passes.Plan(m, passes.Options{Verify: ir.Verify})
	if err != nil {
		return nil, err
	}
	for _, p := range Programs(pkg) {
		if err := p.Verify(nil); err != nil {
			return pkg, fmt.Errorf("plan of %s: %w", p.Graph.Name, err)
		}
	}
	for _, c := range calls {
		if err := c.compare(pkg); err != nil {
			return pkg, fmt.Errorf("graph %s at %v: %w", m.Graphs[c.graph].Name, c.sizes, err)
		}
	}
	return pkg, compareInit(m, pkg, first)
}

// Programs lists all programs of a package.
func Programs(pkg *plan.Package) []*plan.Program {
	out := slices.Clone(pkg.Graphs)
	for _, p := range []*plan.Program{pkg.Prepare, pkg.Init} {
		if p != nil {
			out = append(out, p)
		}
	}
	return out
}

// call is one evaluated call of one graph.
type call struct {
	graph int
	sizes Sizes
	in    eval.Inputs
	want  *eval.Outputs
}

// evaluate calls every graph at every size with random arguments; cells have the same values in all calls of one size.
func evaluate(m *ir.Module, args map[string]*ir.Tensor, all []Sizes) ([]*call, error) {
	var out []*call
	for _, sizes := range all {
		rng := rand.New(rand.NewPCG(7, uint64(len(out))))
		cells := map[string]*ir.Tensor{}
		for i, g := range m.Graphs {
			c := &call{graph: i, sizes: sizes, in: eval.Inputs{Args: map[string]*ir.Tensor{}, Cells: cells, Draws: map[string]*ir.Tensor{}, Dims: sizes}}
			for _, a := range g.Args {
				if t := args[a.Name]; t != nil && a.Role == ir.Input {
					c.in.Args[a.Name] = t
				} else if err := c.supply(a, g.Facts, rng); err != nil {
					return nil, err
				}
			}
			want, err := eval.Run(g, c.in)
			if err != nil {
				return nil, fmt.Errorf("graph %s at %v: %w", g.Name, sizes, err)
			}
			c.want = want
			out = append(out, c)
		}
	}
	return out, nil
}

// supply draws the value of an argument.
func (c *call) supply(a *ir.Arg, facts *dim.Facts, rng *rand.Rand) error {
	t := a.Value.Type
	t.Shape = slices.Clone(t.Shape)
	for i, d := range t.Shape {
		t.Shape[i] = facts.Original(d)
		if n := conform.Size(t.Shape[i], c.sizes); n < 0 {
			return fmt.Errorf("argument %s: size %s is %d", a.Name, d, n)
		}
	}
	low, high := bounds(t)
	x := func() *ir.Tensor { return conform.Random(t, c.sizes, low, high, rng) }
	switch a.Role {
	case ir.CellOf:
		if c.in.Cells[a.Cell.Name] == nil {
			c.in.Cells[a.Cell.Name] = x()
		}
	case ir.Draw:
		c.in.Draws[a.Random.Address] = x()
	default:
		c.in.Args[a.Name] = x()
	}
	return nil
}

// bounds of drawn elements: integers are often indices into axes that may be short.
func bounds(t ir.Type) (low, high float64) {
	if t.DType.IsInt() {
		return 0, 1
	}
	return -2, 2
}

// compare runs the plan of one call.
func (c *call) compare(pkg *plan.Package) error {
	p := pkg.Graphs[c.graph]
	mem, err := planrun.Load(pkg, c.in.Cells)
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	args := map[string]*ir.Tensor{}
	for name, t := range c.in.Args {
		args[name] = t
	}
	for address, t := range c.in.Draws {
		args[address] = t
	}
	got, err := planrun.Run(p, mem, args, c.want.Sizes)
	if err != nil {
		return err
	}
	for _, list := range []map[string]*ir.Tensor{c.want.Values, c.want.Cells} {
		for name, want := range list {
			if err := equal(want, got[name]); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return c.cells(mem)
}

// cells compares the memory of all cells after the call: written ones with their next values, the others with what they
// were.
func (c *call) cells(mem *planrun.Memory) error {
	for name, old := range c.in.Cells {
		want := c.want.Cells[name]
		if want == nil {
			want = old
		}
		if err := equal(want, mem.Cells[name]); err != nil {
			return fmt.Errorf("cell %s after the call: %w", name, err)
		}
	}
	return nil
}

func equal(want, got *ir.Tensor) error {
	if got == nil {
		return fmt.Errorf("is missing")
	}
	if !slices.Equal(want.Shape, got.Shape) {
		return fmt.Errorf("has shape %v, not %v", got.Shape, want.Shape)
	}
	scale := 1.0
	for _, x := range want.Data {
		if !math.IsInf(x, 0) && !math.IsNaN(x) {
			scale = max(scale, math.Abs(x))
		}
	}
	for i, x := range want.Data {
		y := got.Data[i]
		if x == y || math.IsNaN(x) && math.IsNaN(y) || math.Abs(x-y) <= Tolerance*scale {
			continue
		}
		return fmt.Errorf("element %d is %v, not %v", i, y, x)
	}
	return nil
}

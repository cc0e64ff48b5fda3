package plancheck

import (
	"fmt"
	"maps"

	"mmc/internal/planrun"
	"mmc/ir"
	"mmc/ir/eval"
	"mmc/ir/plan"
)

const seed = 7

// firstValues evaluates the first values of the cells, if any is computed by a graph.
func firstValues(m *ir.Module) (map[string]*ir.Tensor, error) {
	for _, c := range m.Cells {
		if c.Init != nil && c.Init.Graph != nil {
			return eval.InitCells(m, seed)
		}
	}
	return nil, nil
}

// compareInit computes first values by the plan, on the draws that the evaluator takes.
func compareInit(m *ir.Module, pkg *plan.Package, want map[string]*ir.Tensor) error {
	if (want != nil) != (pkg.Init != nil) {
		return fmt.Errorf("first values: %d of the evaluator, a program: %t", len(want), pkg.Init != nil)
	}
	if want == nil {
		return nil
	}
	given := maps.Clone(want)
	for _, c := range m.Cells {
		if c.Init != nil && c.Init.Graph != nil {
			delete(given, c.Name)
		}
	}
	drawn, err := eval.Run(pkg.Init.Graph, eval.Inputs{Cells: given, Seed: seed})
	if err != nil {
		return fmt.Errorf("first values: %w", err)
	}
	got, err := planrun.Init(pkg, given, drawn.Draws)
	if err != nil {
		return fmt.Errorf("first values: %w", err)
	}
	for name, w := range want {
		if err := equal(w, got[name]); err != nil {
			return fmt.Errorf("first value of %s: %w", name, err)
		}
	}
	return nil
}

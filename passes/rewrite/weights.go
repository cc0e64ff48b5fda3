package rewrite

import "mmc/ir"

// Weights is the set of cells that keep their values from load on: what depends on them alone can be computed once.
type Weights map[*ir.Cell]bool

// WeightsOf finds the weights of a module: parameters and states that no inference graph writes. A graph that trains changes
// its cells too, but whoever reads them afterwards loads them anew.
func WeightsOf(m *ir.Module) Weights {
	w := Weights{}
	for _, g := range m.Graphs {
		for _, a := range g.Args {
			if a.Role == ir.CellOf && (a.Cell.Kind == ir.ParamCell || a.Cell.Kind == ir.StateCell) {
				w[a.Cell] = true
			}
		}
	}
	for _, g := range m.Graphs {
		for _, r := range g.Results {
			if r.Role == ir.CellOf && !g.Train {
				delete(w, r.Cell)
			}
		}
	}
	return w
}

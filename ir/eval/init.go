package eval

import (
	"fmt"

	"mmc/ir"
)

// InitCells gives the parameters, states and slots of a module their first values. Cells whose size depends on a call
// (caches, arguments of the caller) are left out.
func InitCells(mod *ir.Module, seed uint64) (map[string]*ir.Tensor, error) {
	cells := map[string]*ir.Tensor{}
	var graphs []*ir.Cell
	for _, c := range mod.Cells {
		if c.Init == nil || c.Kind == ir.CacheCell || c.Kind == ir.InOutCell {
			continue
		}
		if c.Init.Graph != nil {
			graphs = append(graphs, c)
			continue
		}
		t, err := initial(c, seed)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", c.Kind, c.Name, err)
		}
		cells[c.Name] = t
	}
	return cells, initGraphs(graphs, cells, seed)
}

// initial makes the first value of a cell without a graph.
func initial(c *ir.Cell, seed uint64) (*ir.Tensor, error) {
	shape, size := make([]int, c.Type.Rank()), 1
	for i, d := range c.Type.Shape {
		n, ok := d.Const()
		if !ok {
			return nil, fmt.Errorf("the size %s is not known", d)
		}
		shape[i] = int(n)
		size *= int(n)
	}
	t := &ir.Tensor{DType: c.Type.DType, Shape: shape, Data: make([]float64, size)}
	if c.Init.Random != nil {
		return t, fill(t, c.Init.Random, seed, 0)
	}
	for i := range t.Data {
		t.Data[i] = c.Init.Const
	}
	return t, nil
}

// initGraphs runs the graphs of initial values in an order in which the cells that they read are there.
func initGraphs(todo []*ir.Cell, cells map[string]*ir.Tensor, seed uint64) error {
	for len(todo) > 0 {
		var later []*ir.Cell
		for _, c := range todo {
			if !ready(c.Init.Graph, cells) {
				later = append(later, c)
				continue
			}
			out, err := Run(c.Init.Graph, Inputs{Cells: cells, Seed: seed})
			if err != nil {
				return fmt.Errorf("%s %s: %w", c.Kind, c.Name, err)
			}
			for _, t := range out.Values {
				cells[c.Name] = t
			}
		}
		if len(later) == len(todo) {
			return fmt.Errorf("the initial value of %s %s depends on itself", later[0].Kind, later[0].Name)
		}
		todo = later
	}
	return nil
}

func ready(g *ir.Graph, cells map[string]*ir.Tensor) bool {
	for _, a := range g.Args {
		if a.Role == ir.CellOf && cells[a.Cell.Name] == nil {
			return false
		}
	}
	return true
}

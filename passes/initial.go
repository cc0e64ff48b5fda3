package passes

import (
	"fmt"

	"mmc/ir"
	"mmc/ir/dim"
)

// firstValues joins the graphs of first values into one, whose results are the cells. A cell that another's graph reads is an
// argument of the whole if its first value is a constant or a draw, and wired to its own graph otherwise. Caches and arguments
// of the caller begin with each call and have no part in it. It returns nil where no cell has a graph.
func firstValues(m *ir.Module) (*ir.Graph, error) {
	j := &joiner{graph: &ir.Graph{Name: "init", Facts: new(dim.Facts)}, cells: map[*ir.Cell]*ir.Value{}, computed: map[*ir.Cell]bool{}}
	j.builder = ir.NewBuilder(j.graph)
	var todo []*ir.Cell
	for _, c := range m.Cells {
		if c.Init != nil && c.Init.Graph != nil && c.Kind != ir.CacheCell && c.Kind != ir.InOutCell {
			todo = append(todo, c)
			j.computed[c] = true
		}
	}
	if len(todo) == 0 {
		return nil, nil
	}
	for len(todo) > 0 {
		var later []*ir.Cell
		for _, c := range todo {
			if j.ready(c.Init.Graph) {
				j.add(c)
			} else {
				later = append(later, c)
			}
		}
		if len(later) == len(todo) {
			return nil, fmt.Errorf("the first value of %s depends on itself", later[0].Name)
		}
		todo = later
	}
	j.graph.Renumber()
	return j.graph, nil
}

// joiner is the state of firstValues.
type joiner struct {
	graph    *ir.Graph
	builder  *ir.Builder
	cells    map[*ir.Cell]*ir.Value // first values that are at hand
	computed map[*ir.Cell]bool      // cells with graphs
}

// ready reports whether all cells that g reads are at hand.
func (j *joiner) ready(g *ir.Graph) bool {
	for _, a := range g.Args {
		if a.Role == ir.CellOf && j.computed[a.Cell] && j.cells[a.Cell] == nil {
			return false
		}
	}
	return true
}

// add copies the graph of c's first value into the whole.
func (j *joiner) add(c *ir.Cell) {
	g := c.Init.Graph
	region := &ir.Region{Nodes: g.Nodes, Results: []*ir.Value{g.Results[0].Value}}
	var args []*ir.Value
	for _, a := range g.Args {
		region.Args = append(region.Args, a.Value)
		args = append(args, j.argument(a))
	}
	v := ir.Inline(j.builder, region, args)[0]
	j.cells[c] = v
	j.graph.Results = append(j.graph.Results, &ir.Result{Name: c.Name, Role: ir.CellOf, Cell: c, Value: v, Pos: c.Pos})
}

// argument returns the value of an argument of one of the graphs in the whole. Draws keep their addresses, so that each cell
// is drawn as if it were alone.
func (j *joiner) argument(a *ir.Arg) *ir.Value {
	if a.Role == ir.CellOf && j.cells[a.Cell] != nil {
		return j.cells[a.Cell]
	}
	copied := *a
	copied.Value = &ir.Value{Type: a.Value.Type, Name: a.Value.Name}
	j.graph.Args = append(j.graph.Args, &copied)
	if a.Role == ir.CellOf {
		j.cells[a.Cell] = copied.Value
	}
	return copied.Value
}

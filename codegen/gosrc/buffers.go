package gosrc

import (
	"mmc/ir"
	"mmc/ir/plan"
)

// bufText is the Go expression of a buffer's slice inside of the methods of a graph.
func (gr *graph) bufText(b *plan.Buffer) string {
	switch b.Space {
	case plan.Caller:
		return "g." + gr.argField[b.Arg]
	case plan.CellSpace:
		return gr.cellText(b.Cell)
	case plan.Prepared, plan.Literal:
		return gr.gen.bufName[b]
	}
	return "g." + gr.arenaField[b]
}

// cellText is the Go expression of a cell's slice.
func (gr *graph) cellText(c *ir.Cell) string {
	x := gr.gen.cellOf[c]
	switch c.Kind {
	case ir.SlotCell:
		return "g.o." + x.field
	case ir.CacheCell:
		return "g.c." + x.field
	case ir.InOutCell:
		return "g." + gr.inoutField[c]
	}
	return "g.w." + x.field
}

package gosrc

import (
	"fmt"
	"slices"
	"strings"

	"mmc/codegen/kernel"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/plan"
)

// bind makes the kernels of the steps, with what each step gives them.
func (gr *graph) bind() error {
	if err := gr.checkSizes(); err != nil {
		return err
	}
	gr.cellWrite = -1
	gr.gen.kernels.maker.Facts = new(dim.Facts)
	if gr.ir.Facts != nil {
		gr.gen.kernels.maker.Facts = gr.ir.Facts
	}
	zeroed := map[*plan.Buffer]bool{}
	for i, s := range gr.plan.Steps {
		for _, v := range s.Out {
			if v.Buf.Zero && !zeroed[v.Buf] {
				zeroed[v.Buf] = true
				if err := gr.clear(v.Buf, s); err != nil {
					return err
				}
			}
			if v.Buf.Space == plan.CellSpace && gr.cellWrite < 0 {
				gr.cellWrite = len(gr.steps)
			}
		}
		if err := gr.bindStep(s); err != nil {
			return err
		}
		gr.steps[len(gr.steps)-1].dead = gr.dead(i)
	}
	if gr.cellWrite < 0 {
		gr.cellWrite = len(gr.steps)
	}
	gr.bindLosses()
	return gr.copyCells()
}

// checkSizes refuses a plan that has a size which could not be computed: it has no text in Go.
func (gr *graph) checkSizes() (err error) {
	exprsOf(gr.plan, func(e dim.Expr) {
		if e.Err() != nil && err == nil {
			err = fmt.Errorf("graph %s: %w", gr.ir.Name, e.Err())
		}
	})
	return err
}

// bindStep adds a step of the plan, after the clearing of the results that it accumulates into.
func (gr *graph) bindStep(s *plan.Step) error {
	c, clear, err := gr.gen.kernels.maker.Make(s)
	if err != nil {
		return err
	}
	for _, v := range clear {
		if err := gr.addStep(kernel.Fill(v), s, "clear for "+s.Name); err != nil {
			return err
		}
	}
	gr.addCode(c, s, s, s.Name)
	return nil
}

// addStep adds a step that the generator makes itself, for the sake of one of the plan.
func (gr *graph) addStep(s *plan.Step, origin *plan.Step, name string) error {
	c, _, err := gr.gen.kernels.maker.Make(s)
	if err != nil {
		return err
	}
	gr.addCode(c, s, origin, name)
	return nil
}

func (gr *graph) addCode(c *kernel.Code, own, s *plan.Step, name string) {
	st := step{plan: own, fields: c.Fields, name: name, where: at(s.Pos.File, s.Pos.Start.Line)}
	st.text = gr.gen.opt.sourceLine(s.Pos.File, s.Pos.Start.Line)
	if name == "" {
		st.name = nodeNames(s)
	}
	st.kernel = gr.gen.kernels.add(c, strings.TrimSpace(st.name+" "+parenthesised(st.where)))
	gr.steps = append(gr.steps, st)
}

func parenthesised(s string) string {
	if s == "" {
		return ""
	}
	return "(" + s + ")"
}

// nodeNames names a step without a name after its operators.
func nodeNames(s *plan.Step) string {
	var list []string
	for _, n := range s.Nodes {
		list = append(list, n.Op.Name)
	}
	return strings.Join(list, "+")
}

// clear adds the steps that zero a buffer, or its frame, before its first writer.
func (gr *graph) clear(b *plan.Buffer, first *plan.Step) error {
	views := []plan.View{{Buf: b, Strides: []dim.Expr{dim.Int(1)}, Shape: []dim.Expr{b.Size}}}
	if len(b.Borders) > 0 {
		views = nil
		for _, e := range b.Borders {
			views = append(views, frame(b, e)...)
		}
	}
	for _, v := range views {
		if err := gr.addStep(kernel.Fill(v), first, "border of "+b.Name); err != nil {
			return err
		}
	}
	return nil
}

// frame is a border as the views of its two sides. They reach across the borders of the other axes, for the corners.
func frame(b *plan.Buffer, e plan.Border) []plan.View {
	wide := e.View
	wide.Shape = slices.Clone(wide.Shape)
	for _, o := range b.Borders {
		if o.Axis != e.Axis {
			wide.Shape[o.Axis] = wide.Shape[o.Axis].Add(o.Low).Add(o.High)
			wide.Offset = wide.Offset.Sub(o.Low.Mul(wide.Strides[o.Axis]))
		}
	}
	side := func(at, size dim.Expr) plan.View {
		v := wide
		v.Shape = slices.Clone(v.Shape)
		v.Shape[e.Axis] = size
		v.Offset = v.Offset.Add(at.Mul(v.Strides[e.Axis]))
		return v
	}
	var out []plan.View
	if !e.Low.IsConst(0) {
		out = append(out, side(e.Low.Neg(), e.Low))
	}
	if !e.High.IsConst(0) {
		out = append(out, side(e.View.Shape[e.Axis], e.High))
	}
	return out
}

// copyCells adds, for each cell whose new version lies elsewhere, a copy into the cell.
func (gr *graph) copyCells() error {
	for _, r := range gr.ir.Results {
		v := gr.plan.Results[r]
		if r.Role != ir.CellOf || v.Buf == nil || v.Buf.Space == plan.CellSpace && v.Buf.Cell == r.Cell {
			continue
		}
		buf := &plan.Buffer{Name: r.Cell.Name, DType: r.Cell.Type.DType, Size: r.Cell.Type.Size(), Space: plan.CellSpace, Cell: r.Cell}
		to := plan.View{Buf: buf, Shape: r.Cell.Type.Shape, Strides: rowMajor(r.Cell.Type.Shape)}
		s := kernel.CopyStep(to, v)
		s.Pos = r.Pos
		if err := gr.addStep(s, s, "update of "+r.Cell.Name); err != nil {
			return err
		}
	}
	return nil
}

// rowMajor are the strides of a dense tensor.
func rowMajor(shape []dim.Expr) []dim.Expr {
	out := make([]dim.Expr, len(shape))
	stride := dim.Int(1)
	for i := len(shape) - 1; i >= 0; i-- {
		out[i] = stride
		stride = stride.Mul(shape[i])
	}
	return out
}

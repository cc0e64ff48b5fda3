package gosrc

import (
	"fmt"
	"strconv"
	"strings"

	"mmc/codegen/emit"
	"mmc/ir"
	"mmc/ir/dtype"
)

// cellsFile prints the structs of cells, their tables and their first values.
func (g *generator) cellsFile(w *emit.Go) {
	weights := g.cellsOf(ir.ParamCell)
	g.cellStruct(w, "weights", "are the parameters and states of the model", weights)
	g.cellTable(w, "weights", weights, func(c *cell) string { return strconv.Quote(c.Name) })
	g.initMethod(w, weights)
	if len(g.prepared) > 0 {
		w.Line()
		w.Doc("preparedWeights are computed from the weights when they are loaded: folded, packed, transposed.")
		w.Block("type preparedWeights struct", func() {
			for _, p := range g.prepared {
				w.Linef("%s []%s // %s", p.field, elem(p.buf.DType), p.buf.Name)
			}
		})
	}
	if slots := g.cellsOf(ir.SlotCell); len(slots) > 0 {
		w.Line()
		g.cellStruct(w, "slots", "are the states of the optimisers", slots)
		g.cellTable(w, "slots", slots, slotName)
		w.Line()
		w.Doc("init sets the first values.")
		w.Block("func (o *slots) init()", func() {
			for i, c := range slots {
				if c.Cell.Init != nil && c.Cell.Init.Const != 0 {
					w.Linef("rt.FillCell(o.cells()[%d], %s)", i, number(c.Cell.Init.Const))
				}
			}
		})
	}
	g.cachesStruct(w)
}

// slotName is the name of a slot in checkpoints: optimizer/slot/param, each part of which may hold dots.
func slotName(c *cell) string {
	parts := strings.SplitN(c.Name, "/", 3)
	if len(parts) == 3 {
		return fmt.Sprintf("rt.SlotName(%q, %q, %q)", parts[0], parts[1], parts[2])
	}
	return fmt.Sprintf("rt.StateName(%q)", c.Name)
}

func (g *generator) cellStruct(w *emit.Go, typ, doc string, cells []*cell) {
	w.Doc(typ + " " + doc + ".")
	w.Block("type "+typ+" struct", func() {
		for _, c := range cells {
			w.Linef("%s []%s // %s %s", c.field, elem(c.Type.DType), c.Name, c.Type)
		}
	})
	w.Line()
}

// cellTable prints the method that lists the cells with their names and shapes.
func (g *generator) cellTable(w *emit.Go, typ string, cells []*cell, name func(*cell) string) {
	w.Doc("cells lists them for loading and saving.")
	w.Block("func (x *"+typ+") cells() []rt.Cell", func() {
		w.Line("return []rt.Cell{")
		w.Indented(func() {
			for _, c := range cells {
				w.Linef("{ParamSpec: rt.ParamSpec{%s}, Data: rt.SliceOf(&x.%s)},", g.spec(w, c, name(c)), c.field)
			}
		})
		w.Line("}")
	})
	w.Line()
}

// spec is the description of a cell to the loader.
func (g *generator) spec(w *emit.Go, c *cell, name string) string {
	var shape []string
	for _, d := range c.Type.Shape {
		n, ok := d.Const()
		if !ok {
			w.Failf("the %s %s has the shape %s, which is not known at build time", c.Kind, c.Name, c.Type)
		}
		shape = append(shape, strconv.FormatInt(n, 10))
	}
	text := fmt.Sprintf("Name: %s, DType: %s, Shape: []int{%s}", name, fileTypes[c.Type.DType], strings.Join(shape, ", "))
	if len(c.Aliases) > 0 {
		text += fmt.Sprintf(", Aliases: %#v", c.Aliases)
	}
	if c.Kind == ir.StateCell && c.Cell.Init != nil && c.Cell.Init.Random == nil && c.Cell.Init.Graph == nil {
		text += ", Default: rt.Optional(float64(" + number(c.Cell.Init.Const) + "))"
	}
	return text
}

// fileTypes are the runtime's names of element types.
var fileTypes = map[dtype.DType]string{
	dtype.F32: "rt.F32", dtype.F64: "rt.F64", dtype.F16: "rt.F16Type", dtype.BF16: "rt.BF16Type",
	dtype.I32: "rt.I32", dtype.I64: "rt.I64", dtype.U8: "rt.U8", dtype.Bool: "rt.BOOL",
}

// initMethod prints what gives the weights their first values: constants and draws here, the rest by the graph of Init.
func (g *generator) initMethod(w *emit.Go, cells []*cell) {
	w.Doc("init gives the weights their first values.")
	w.Block("func (w *weights) init(seed uint64) error", func() {
		for _, c := range cells {
			g.initCell(w, c)
		}
		if g.init != nil {
			g.initProgram(w)
		}
		w.Line("return nil")
	})
}

func (g *generator) initCell(w *emit.Go, c *cell) {
	in := c.Cell.Init
	switch {
	case in == nil || in.Graph != nil:
	case in.Random != nil:
		path, ordinal := splitAddress(in.Random.Address)
		draw := fmt.Sprintf("rt.Draw{Seed: seed, Path: %q}", path)
		if ordinal > 0 {
			draw = fmt.Sprintf("rt.Draw{Seed: seed, Path: %q, Ordinal: %d}", path, ordinal)
		}
		call, failing := drawText(in.Random, c.Type.DType, draw, "w."+c.field)
		switch {
		case call == "":
			w.Failf("%s %s cannot be drawn from %s", c.Type.DType, c.Name, in.Random.Dist)
		case failing:
			w.Block("if err := "+call+"; err != nil", func() { w.Line("return err") })
		default:
			w.Line(call)
		}
	case in.Const != 0:
		w.Linef("rt.Set(w.%s, %s)", c.field, number(in.Const))
	}
}

// initProgram prints the run of the graph that computes first values.
func (g *generator) initProgram(w *emit.Go) {
	gr := g.init
	w.Line("g := ", g.point(gr, map[string]string{"machine": "newMachine()", "w": "w"}))
	w.Line("var d ", gr.dimsName())
	w.Block("if err := g.place(&d); err != nil", func() { w.Line("return err") })
	for _, a := range gr.ir.Args {
		if a.Role != ir.Draw {
			continue
		}
		f := "g." + gr.argField[a]
		path, ordinal := splitAddress(a.Random.Address)
		w.Linef("%s = make([]%s, %s)", f, elem(a.Value.Type.DType), gr.sizes.text(a.Value.Type.Size(), "d"))
		call, failing := drawText(a.Random, a.Value.Type.DType, fmt.Sprintf("rt.Draw{Seed: seed, Path: %q, Ordinal: %d}", path, ordinal), f)
		if failing {
			w.Block("if err := "+call+"; err != nil", func() { w.Line("return err") })
		} else {
			w.Line(call)
		}
		gr.into(w, a, f)
	}
	w.Block("if err := g.run(context.Background()); err != nil", func() { w.Line("return err") })
}

// cachesStruct prints the cells of a session.
func (g *generator) cachesStruct(w *emit.Go) {
	caches := g.cellsOf(ir.CacheCell)
	if len(caches) == 0 {
		return
	}
	w.Line()
	g.cellStruct(w, "caches", "are the cells of a session", caches)
}

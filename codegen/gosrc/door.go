package gosrc

import (
	"fmt"
	"strings"

	"mmc/codegen/emit"
	"mmc/ir"
)

// maxDim bounds sizes that the caller names: with it no plan's arithmetic overflows unnoticed by the arena.
const maxDim = "1 << 31"

// declarations are the method of a graph and the program behind it.
func (gr *graph) declarations() []declaration {
	method := func(w *emit.Go) {
		gr.types(w)
		gr.methodText(w)
	}
	return append([]declaration{method, gr.doorMethod}, gr.program()...)
}

// receiver is who owns the method: a Trainer for train graphs, else a Session.
func (gr *graph) receiver() (variable, typ string) {
	if gr.ir.Train {
		return "t", "Trainer"
	}
	return "s", "Session"
}

// field is the graph's field in Session or Trainer.
func (gr *graph) field() string { return strings.TrimSuffix(gr.typ, "Graph") }

// methodText prints the method that the user calls.
func (gr *graph) methodText(w *emit.Go) {
	v, typ := gr.receiver()
	result := gr.sig.resultType
	returns, none := "(out "+result+", err error)", "out, err"
	if result == "" {
		returns, none = "(err error)", "err"
	}
	w.Doc(gr.methodDoc())
	w.Block(fmt.Sprintf("func (%s *%s) %s(%s) %s", v, typ, gr.method, gr.parameters(true), returns), func() {
		fail := func(call string) {
			w.Block("if err = "+call+"; err != nil", func() { w.Line("return ", none) })
		}
		fail(v + ".Enter()")
		w.Linef("defer %s.Leave()", v)
		w.Linef("g := &%s.%s", v, gr.field())
		w.Line("var d ", gr.dimsName())
		fail("g.door(" + joinNonEmpty("&d", gr.arguments()) + ")")
		fail("g.place(&d)")
		for _, a := range gr.sig.positional {
			gr.passArg(w, a)
		}
		for _, a := range gr.sig.fields {
			gr.passField(w, a)
		}
		for _, a := range gr.sig.clocks {
			gr.passClock(w, a)
		}
		for _, a := range gr.sig.draws {
			gr.draw(w, a, "", none)
		}
		for _, a := range gr.sig.fields {
			if a.Role == ir.Draw {
				gr.draw(w, a, "args."+gr.argsField(a), none)
			}
		}
		if gr.ir.Train {
			w.Block("if err = g.run(ctx); err != nil", func() { w.Line("return ", strings.TrimSuffix(none, "err"), "rt.InStep(err, t.at.Step)") })
			w.Line("t.at.Step++")
		} else {
			fail("g.run(ctx)")
		}
		gr.returns(w)
	})
}

func joinNonEmpty(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, ", ")
}

// methodDoc is the doc comment of the method: that of the graph, then what the caller must know.
func (gr *graph) methodDoc() string {
	doc := strings.TrimSpace(gr.ir.Doc)
	if doc == "" {
		doc = "runs the graph " + gr.ir.Name + "."
	}
	doc = gr.method + " " + lowerFirst(doc)
	if gr.ir.Pos.IsValid() {
		doc += "\n\nIt is the graph " + gr.ir.Name + " of " + at(gr.ir.Pos.File, gr.ir.Pos.Start.Line) + "."
	}
	for _, a := range gr.sig.positional {
		doc += "\n" + gr.sig.params[a] + " is " + shapeText(gr.ir.Facts, a.Value.Type) + "."
		if a.Role == ir.CellOf {
			doc += " It is changed in place."
		}
	}
	if gr.aliases() {
		doc += "\nThe result lies in the session's memory and is valid until its next call; Clone keeps it."
	}
	return doc
}

func lowerFirst(s string) string {
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && (s[1] == ' ' || s[1] >= 'a' && s[1] <= 'z') {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

func (gr *graph) aliases() bool {
	for _, o := range gr.sig.outputs {
		if !o.scalar {
			return true
		}
	}
	return false
}

// passArg puts a positional argument where the steps read it.
func (gr *graph) passArg(w *emit.Go, a *ir.Arg) {
	p := gr.sig.params[a]
	if a.Value.Type.Rank() == 0 && a.Role == ir.Input {
		gr.passScalar(w, a, p)
		return
	}
	gr.into(w, a, p+".Data")
}

// into makes a slice the memory of an argument; where the plan wants the value in the arena, it is copied there.
func (gr *graph) into(w *emit.Go, a *ir.Arg, data string) {
	if data != "g."+gr.argField[a] {
		w.Linef("g.%s = %s", gr.argField[a], data)
	}
	if b := gr.plan.Args[a].Buf; b != nil && gr.arenaField[b] != "" {
		w.Linef("copy(g.%s, g.%s)", gr.arenaField[b], gr.argField[a])
	}
}

func (gr *graph) passScalar(w *emit.Go, a *ir.Arg, value string) {
	f := gr.argField[a]
	w.Linef("g.%s = append(g.%s[:0], %s)", f, f, value)
	gr.into(w, a, "g."+f)
}

// passField passes an optional scalar.
func (gr *graph) passField(w *emit.Go, a *ir.Arg) {
	if a.Role == ir.Draw {
		return
	}
	f := "args." + gr.argsField(a)
	gr.passScalar(w, a, constant(*a.Default, a.Value.Type.DType))
	w.Block("if "+f+" != nil", func() { gr.passScalar(w, a, "*"+f) })
}

// passClock passes a scalar that the trainer keeps.
func (gr *graph) passClock(w *emit.Go, a *ir.Arg) {
	value, ok := map[string]string{"step": "t.at.Step", "epoch": "t.at.Epoch", "epoch_steps": "t.epochSteps"}[a.Name]
	if !ok || !gr.ir.Train {
		w.Failf("graph %s: nobody keeps the clock %s", gr.ir.Name, a.Name)
		return
	}
	gr.passScalar(w, a, elem(a.Value.Type.DType)+"("+value+")")
}

// returns prints the return statement.
func (gr *graph) returns(w *emit.Go) {
	var values []string
	for _, o := range gr.sig.outputs {
		v := gr.plan.Results[o.Result]
		text := gr.bufText(v.Buf) + "[" + gr.sizes.text(v.Offset, "d") + "]"
		if !o.scalar {
			size := gr.sizes.text(o.Value.Type.Size(), "d")
			data := fmt.Sprintf("%s[%s:][:%s]", gr.bufText(v.Buf), gr.sizes.text(v.Offset, "d"), size)
			if v.Offset.IsConst(0) {
				data = fmt.Sprintf("%s[:%s]", gr.bufText(v.Buf), size)
			}
			if o.own != "" {
				w.Linef("copy(g.%s, %s)", o.own, data)
				data = "g." + o.own
			}
			text = fmt.Sprintf("Tensor[%s]{Data: %s, Shape: g.%s[:]}", elem(o.Value.Type.DType), data, o.shape)
		}
		if len(gr.sig.outputs) > 1 {
			text = o.field + ": " + text
		}
		values = append(values, text)
	}
	switch len(values) {
	case 0:
		w.Line("return nil")
	case 1:
		w.Linef("return %s, nil", values[0])
	default:
		w.Linef("return %s{", gr.sig.resultType)
		for _, v := range values {
			w.Line("\t", v, ",")
		}
		w.Line("}, nil")
	}
}

// doorMethod prints the checks of the arguments.
func (gr *graph) doorMethod(w *emit.Go) {
	w.Doc("door checks the arguments of " + gr.method + " and finds the sizes of the call.")
	w.Block(fmt.Sprintf("func (g *%s) door(%s) error", gr.typ, joinNonEmpty("d *"+gr.dimsName(), gr.parameters(false))), func() {
		w.Linef("door := rt.Door{Graph: %q}", gr.ir.Name)
		checked := gr.checkedArgs()
		for _, c := range checked {
			if c.when == "" {
				w.Linef("%s := rt.ArgOf(%q, %q, %s)", c.variable, c.arg.Name, shapeText(gr.ir.Facts, c.arg.Value.Type), c.value)
				w.Linef("door.Rank(%s, %d)", c.variable, c.arg.Value.Type.Rank())
			}
		}
		gr.readDims(w, checked)
		for _, c := range checked {
			gr.checkAxes(w, c)
		}
		gr.checkFacts(w)
		if len(gr.sizes.internal) > 0 {
			w.Line("d.derive()")
		}
		w.Line("return door.Err()")
	})
}

// checkedArg is a tensor argument at the door.
type checkedArg struct {
	arg      *ir.Arg
	variable string // an rt.Arg
	value    string // the Tensor
	when     string // condition under which it is there
}

func (gr *graph) checkedArgs() []checkedArg {
	var out []checkedArg
	for _, a := range gr.sig.positional {
		if a.Value.Type.Rank() > 0 || a.Role == ir.CellOf {
			out = append(out, checkedArg{arg: a, variable: gr.sig.at[a], value: gr.sig.params[a]})
		}
	}
	for _, a := range gr.sig.fields {
		if a.Role == ir.Draw {
			value := "args." + gr.argsField(a)
			out = append(out, checkedArg{arg: a, variable: "drawn", value: value, when: value + ".Data != nil"})
		}
	}
	return out
}

// readDims finds the values of the symbols.
func (gr *graph) readDims(w *emit.Go, checked []checkedArg) {
	of := map[*ir.Arg]string{}
	for _, c := range checked {
		of[c.arg] = c.variable
	}
	for _, s := range gr.sources {
		a := gr.sig.positional[s.arg]
		read := fmt.Sprintf("door.Dim(%s, %d)", of[a], s.axis)
		switch {
		case s.minus == 0 && s.by == 1:
		case s.minus == 0:
			read = fmt.Sprintf("%s / %d", read, s.by)
		case s.by == 1:
			read = fmt.Sprintf("%s - %d", read, s.minus)
		default:
			read = fmt.Sprintf("(%s - %d) / %d", read, s.minus, s.by)
		}
		w.Linef("d.%s = %s", gr.sizes.field[s.symbol], read)
	}
	for _, name := range gr.sizes.explicit {
		f := gr.sizes.field[name]
		w.Linef("d.%s = args.%s", f, f)
		w.Linef("door.Range(%q, args.%s, 1, %s)", name, f, maxDim)
	}
}

// checkAxes compares the axes of an argument with their declared sizes, but for those that gave a symbol its value.
func (gr *graph) checkAxes(w *emit.Go, c checkedArg) {
	body := func() {
		if c.when != "" {
			w.Linef("%s := rt.ArgOf(%q, %q, %s)", c.variable, c.arg.Name, shapeText(gr.ir.Facts, c.arg.Value.Type), c.value)
			w.Linef("door.Rank(%s, %d)", c.variable, c.arg.Value.Type.Rank())
		}
		for axis, d := range c.arg.Value.Type.Shape {
			if gr.defines(c.arg, axis) {
				continue
			}
			w.Linef("door.Axis(%s, %d, %q, %s, %q)", c.variable, axis, showDim(gr.ir.Facts, d), gr.sizes.text(d, "d"), gr.origin(d.Syms()))
		}
	}
	if c.when != "" {
		w.Block("if "+c.when, body)
		return
	}
	body()
}

// defines reports whether an axis of an argument gave a symbol its value without any doubt left.
func (gr *graph) defines(a *ir.Arg, axis int) bool {
	for _, s := range gr.sources {
		if gr.sig.positional[s.arg] == a && s.axis == axis && s.by == 1 && s.minus == 0 {
			return true
		}
	}
	return false
}

// origin names the argument that gave the symbols of a size their values.
func (gr *graph) origin(syms []string) string {
	for _, s := range gr.sources {
		if len(syms) > 0 && s.symbol == syms[0] {
			return gr.sig.positional[s.arg].Name
		}
	}
	return ""
}

// checkFacts tests what the compiler relied on: the facts of the source, and that no size along the way falls below zero.
func (gr *graph) checkFacts(w *emit.Go) {
	if gr.ir.Facts == nil {
		return
	}
	defer gr.checkExtents(w)
	for _, c := range gr.ir.Facts.Conditions() {
		syms := append(c.A.Syms(), c.B.Syms()...)
		if len(syms) == 0 || gr.sizes.field[syms[0]] == "" {
			continue
		}
		text := c.GoExpr(func(sym string) string { return "d." + gr.sizes.field[sym] })
		w.Linef("door.Fact(%s, %q, %q, d.%s)", text, c.String(), syms[0], gr.sizes.field[syms[0]])
	}
}

// checkExtents tests the sizes that loops run over, where they are not sure to be sizes: a window may be larger than a small image.
func (gr *graph) checkExtents(w *emit.Go) {
	seen := map[string]bool{}
	for _, s := range gr.plan.Steps {
		for _, a := range s.Nest.Axes {
			key := a.Extent.Key()
			if _, known := a.Extent.Const(); known || seen[key] {
				continue
			}
			seen[key] = true
			original := gr.ir.Facts.Original(a.Extent)
			if syms := original.Syms(); len(syms) > 0 && !gr.ir.Facts.NonNegative(a.Extent) {
				f := gr.sizes.field[syms[0]]
				w.Linef("door.Fact(%s >= 0, %q, %q, d.%s)", gr.sizes.text(original, "d"), showDim(gr.ir.Facts, original)+" >= 0", syms[0], f)
			}
		}
	}
}

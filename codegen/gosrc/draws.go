package gosrc

import (
	"fmt"
	"strconv"
	"strings"

	"mmc/codegen/emit"
	"mmc/ir"
	"mmc/ir/dtype"
)

// draw prints how a drawn argument gets its values: from the caller where given says so, else from the noise tape, else from the
// generator. none are the values to return beside an error.
func (gr *graph) draw(w *emit.Go, a *ir.Arg, given, none string) {
	own := "g." + gr.argField[a] + "Own"
	random := func() {
		w.Linef("%s = rt.Room(%s, %s)", own, own, gr.sizes.text(a.Value.Type.Size(), "d"))
		gr.drawTaped(w, a, own, none)
		gr.into(w, a, own)
	}
	if given == "" {
		w.Block("", random)
		return
	}
	w.Line("if ", given, ".Data != nil {")
	w.Indented(func() { gr.into(w, a, given+".Data") })
	w.Line("} else {")
	w.Indented(random)
	w.Line("}")
}

// drawTaped prints how a tensor of the graph's own is filled: from the noise tape, else from the generator. No tape holds element
// types that are not drawn.
func (gr *graph) drawTaped(w *emit.Go, a *ir.Arg, own, none string) {
	fill := "rt.Fill"
	switch t := a.Value.Type.DType; {
	case t == dtype.Bool:
		fill = "rt.FillBool"
	case !drawable(t):
		gr.drawCall(w, a, own, none)
		return
	}
	w.Linef("taped, err := %s(g.Tape, %q, %s)", fill, a.Random.Address, own)
	w.Block("if err != nil", func() { w.Line("return ", none) })
	w.Block("if !taped", func() { gr.drawCall(w, a, own, none) })
}

// drawable tells whether the generator makes numbers of a type.
func drawable(t dtype.DType) bool {
	return t == dtype.F32 || t == dtype.F64 || t == dtype.I32 || t == dtype.I64
}

// drawCall prints the call of the generator.
func (gr *graph) drawCall(w *emit.Go, a *ir.Arg, own, none string) {
	r := a.Random
	if value, ok := r.Certain(); ok {
		w.Linef("rt.Set(%s, %s)", own, constant(value, a.Value.Type.DType))
		return
	}
	path, ordinal := splitAddress(r.Address)
	seed, step := "args.Seed", ""
	if gr.ir.Train {
		seed, step = "t.at.Seed", ", Step: uint32(t.at.Step)"
	}
	if ordinal > 0 {
		step += ", Ordinal: " + strconv.Itoa(ordinal)
	}
	call, failing := drawText(r, a.Value.Type.DType, fmt.Sprintf("rt.Draw{Seed: %s, Path: %q%s}", seed, path, step), own)
	if call == "" {
		w.Failf("graph %s: %s cannot be drawn from %s", gr.ir.Name, a.Value.Type.DType, r.Dist)
		return
	}
	if failing {
		w.Block("if err := "+call+"; err != nil", func() { w.Line("return ", none) })
		return
	}
	w.Line(call)
}

// constant is a number as an element of a type.
func constant(value float64, t dtype.DType) string {
	if t == dtype.F16 || t == dtype.BF16 {
		return "rt.To" + t.GoName() + "(" + number(value) + ")"
	}
	return numberOf(value, t)
}

// drawText is the call of the generator that fills dst, and whether it returns an error; "" where there is none.
func drawText(r *ir.Random, t dtype.DType, draw, dst string) (call string, failing bool) {
	if t == dtype.Bool {
		if r.Dist != ir.Bernoulli {
			return "", false
		}
		return fmt.Sprintf("rt.BernoulliBool(%s, %s, 0, %s)", draw, dst, number(r.A)), false
	}
	if !drawable(t) {
		return "", false
	}
	switch r.Dist {
	case ir.Uniform:
		return fmt.Sprintf("rt.Uniform(%s, %s, 0, %s, %s)", draw, dst, number(r.A), number(r.B)), false
	case ir.Normal:
		return fmt.Sprintf("rt.Normal(%s, %s, 0, %s, %s)", draw, dst, number(r.A), number(r.B)), false
	case ir.Bernoulli:
		return fmt.Sprintf("rt.Bernoulli(%s, %s, 0, %s)", draw, dst, number(r.A)), false
	case ir.RandInt:
		return fmt.Sprintf("rt.RandInt(%s, %s, 0, %d, %d)", draw, dst, int64(r.A), int64(r.B)), true
	case ir.Permutation:
		return fmt.Sprintf("rt.Permutation(%s, %s)", draw, dst), false
	}
	return "", false
}

// splitAddress takes the call ordinal off an address: h.3.dropout1.keep#2.
func splitAddress(address string) (path string, ordinal int) {
	path, text, ok := strings.Cut(address, "#")
	if n, err := strconv.Atoi(text); ok && err == nil {
		return path, n
	}
	return address, 0
}

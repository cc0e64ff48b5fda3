package gosrc

import (
	"slices"

	"mmc/codegen/emit"
	"mmc/ir"
	"mmc/ir/loop"
	"mmc/ir/plan"
)

// bindLosses finds the steps that complete the losses: the last ones to write where they lie.
func (gr *graph) bindLosses() {
	for _, r := range gr.ir.Results {
		view := gr.plan.Results[r]
		if r.Role != ir.Loss || !r.Value.Type.DType.IsFloat() || view.Buf == nil {
			continue
		}
		for i := len(gr.steps) - 1; i >= 0; i-- {
			if gr.writes(i, view.Buf) {
				gr.steps[i].losses = append(gr.steps[i].losses, r)
				break
			}
		}
	}
}

// writes reports whether step i writes a buffer.
func (gr *graph) writes(i int, b *plan.Buffer) bool {
	return slices.ContainsFunc(gr.steps[i].plan.Out, func(v plan.View) bool { return v.Buf == b })
}

// watch prints what is looked at after a step: indices that it read from memory, and losses. A call that went well pays a
// comparison for each.
func (gr *graph) watch(w *emit.Go, s step) {
	if s.plan.Nest != nil && ranges(s.plan.Nest) {
		w.Linef("g.At(%q)", gr.ir.Name+": "+s.name+" "+parenthesised(s.where))
	}
	for _, r := range s.losses {
		v := gr.plan.Results[r]
		value := gr.bufText(v.Buf) + "[" + gr.sizes.text(v.Offset, "g.dims") + "]"
		if t := r.Value.Type.DType; elem(t) != t.GoName() {
			value += ".Float32()" // a half, which is a type of the runtime
		}
		w.Linef("g.Loss(%q, %q, float64(%s))", gr.ir.Name, r.Name, value)
	}
}

// ranges reports whether a nest has an index that may turn out to be wrong.
func ranges(n *loop.Nest) bool {
	for _, in := range n.Body {
		if in.Op == loop.Ranged {
			return true
		}
	}
	return false
}

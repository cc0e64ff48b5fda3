package gosrc

import (
	"mmc/codegen/emit"
	"mmc/ir/plan"
)

// dead are the arena buffers that no later step of the plan than number i uses.
func (gr *graph) dead(i int) (list []*plan.Buffer) {
	for _, b := range gr.plan.Buffers {
		if b.Space == plan.ArenaSpace && b.Last >= b.First && b.Last == i {
			list = append(list, b)
		}
	}
	return list
}

// bury prints what a poisoned package does after a step: memory that no value owns any more holds NaN, so that a kernel which
// reads it after all shows in the results. In any other package rt.Poison is the constant false, and nothing is left of it.
func (gr *graph) bury(w *emit.Go, s step) {
	if len(s.dead) == 0 {
		return
	}
	w.Block("if rt.Poison", func() {
		for _, b := range s.dead {
			w.Linef("rt.Bury(g.%s)", gr.arenaField[b])
		}
	})
}

// buryAll prints the same for the start of a call: what the last one left, its results included, is nobody's.
func buryAll(w *emit.Go) {
	w.Block("if rt.Poison", func() { w.Line("g.Arena.Poison(0, g.Arena.Size())") })
}

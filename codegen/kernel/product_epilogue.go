package kernel

import (
	"fmt"

	"mmc/codegen/vec"
	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// families builds the matrix kernels of a product for both targets, or recalls them; nil where a target refuses the epilogue.
func (m *Maker) families(w *productWriter) *families {
	var perRow []bool
	for _, r := range w.extra {
		perRow = append(perRow, w.perRow(r))
	}
	key := w.nest.epilogue(w.gemm.TransA, w.gemm.RowsB, perRow)
	if f, known := m.products[key]; known {
		return f
	}
	m.products[key] = nil
	fast, err := w.gemm.Family(vec.AVX512)
	if err != nil {
		return nil
	}
	portable, err := w.gemm.Family(vec.Scalar)
	if err != nil {
		return nil
	}
	m.products[key] = &families{fast, portable}
	return m.products[key]
}

// epilogue describes what follows the reduction, for the matrix kernels alone: how the factors lie is not their concern.
func (n *Nest) epilogue(forms ...any) string {
	text := fmt.Sprint(forms...)
	for k := n.Split; k < len(n.Body); k++ {
		in := n.Body[k]
		args := make([]int, len(in.Args))
		for i, a := range in.Args {
			args[i] = int(a) - n.Split
		}
		text += fmt.Sprint("|", in.Op, in.Type, args, in.Imm)
		if n.Load[k] >= 0 {
			text += n.Loads[n.Load[k]].storage().String()
		}
	}
	for _, s := range n.Stores {
		text += fmt.Sprint("|", int(s.Value)-n.Split, s.storage())
	}
	return text
}

// epilogue makes the snippet of the instructions behind the reduction. The mere result needs none.
func (w *productWriter) epilogue() {
	n := w.nest
	if len(n.Stores) == 1 && n.Body[n.Stores[0].Value].Op == loop.Result && n.Body[n.Stores[0].Value].Type == dtype.F32 {
		return
	}
	e := &Epilogue{}
	operand := map[int]int{} // of loads
	for k := n.Split; k < len(n.Body); k++ {
		in := n.Body[k]
		switch {
		case w.body.uses[k] == 0:
		case in.Op == loop.Load:
			r := n.Load[k]
			operand[k] = len(e.Operands)
			e.Operands = append(e.Operands, Operand{Elem: vecElems[n.Loads[r].storage()], PerRow: w.perRow(r)})
			w.extra = append(w.extra, r)
		case in.Op == loop.DimValue:
			w.scalars = append(w.scalars, k)
		}
	}
	for i := 1; i < len(n.Stores); i++ {
		e.Outputs = append(e.Outputs, vecElems[n.Stores[i].storage()])
		w.extra = append(w.extra, w.c+i)
		w.outputs++
	}
	e.Scalars = len(w.scalars)
	e.Emit = func(b *vec.Builder, t *Tile) []vec.V {
		out := make([]vec.V, len(t.Acc))
		for i := range t.Acc {
			out[i] = (&epilogueEmitter{w: w, b: b, t: t, i: i, operand: operand, values: map[int]lane{}}).emit()
		}
		return out
	}
	w.gemm.Epilogue = e
}

// perRow reports whether an operand is the same for all columns.
func (w *productWriter) perRow(ref int) bool {
	return w.cols.stride[ref].IsConst(0) && !w.cols.extent.IsConst(1)
}

// epilogueEmitter runs the snippet on one vector of accumulators.
type epilogueEmitter struct {
	w       *productWriter
	b       *vec.Builder
	t       *Tile
	i       int
	operand map[int]int
	values  map[int]lane
}

// emit stores the further results and returns the value of C.
func (e *epilogueEmitter) emit() vec.V {
	n := e.w.nest
	out := make([]lane, len(n.Stores))
	for k, s := range n.Stores {
		x := cast(e.b, e.value(int(s.Value)), n.Body[s.Value].Type, s.storage())
		if s.storage() == dtype.Bool {
			x = lane{v: e.b.Ones(x.m)}
		}
		out[k] = x
	}
	for k, x := range out[1:] {
		e.t.Output(k, e.i, x.v)
	}
	return out[0].v
}

func (e *epilogueEmitter) value(k int) lane {
	if x, ok := e.values[k]; ok {
		return x
	}
	x := e.compute(k)
	e.values[k] = x
	return x
}

func (e *epilogueEmitter) compute(k int) lane {
	n := e.w.nest
	in := n.Body[k]
	switch in.Op {
	case loop.Const:
		return constLane(e.b, in.Type, in.Imm)
	case loop.Result:
		return cast(e.b, lane{v: e.t.Acc[e.i]}, dtype.F32, in.Type)
	case loop.DimValue:
		for i, s := range e.w.scalars {
			if s == k {
				return cast(e.b, lane{v: e.t.Scalar(i)}, dtype.F32, in.Type)
			}
		}
	case loop.Load:
		from := n.Loads[n.Load[k]].storage()
		x := lane{v: e.t.Operand(e.operand[k], e.i)}
		if from == dtype.Bool {
			x = lane{m: e.b.Cmp(vec.NE, x.v, e.b.ConstI(0))}
		}
		return cast(e.b, x, from, in.Type)
	case loop.Cast:
		return cast(e.b, e.value(int(in.Args[0])), n.Body[in.Args[0]].Type, in.Type)
	}
	args := make([]lane, len(in.Args))
	for i, a := range in.Args {
		args[i] = e.value(int(a))
	}
	t := in.Type
	if in.Op.Compare {
		t = n.Body[in.Args[0]].Type
	}
	return vecScalars[in.Op](e.b, t, args)
}

package layout

import (
	"slices"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/loop"
	"mmc/ir/plan"
)

// source is the value whose storage v shows, under whatever shape.
func source(v *ir.Value) *ir.Value {
	for v.Node != nil && v.Node.Op.Has(ir.View) {
		v = v.Node.Args[0]
	}
	return v
}

// cellBuffer is the buffer of a cell's memory.
func (l *layouter) cellBuffer(c *ir.Cell) *plan.Buffer {
	for _, b := range l.prog.Buffers {
		if b.Space == plan.CellSpace && b.Cell == c {
			return b
		}
	}
	b := l.buffer(c.Name, c.Type.DType, size(c.Type.Shape, nil), plan.CellSpace)
	b.Cell = c
	return b
}

// writtenInPlace maps the next values of cells to the memory of the cells where they may be computed straight into it: no
// kernel after the writer reads the old value, and the writer reads it, if at all, at the element that it writes.
func (l *layouter) writtenInPlace() map[*ir.Value]*plan.Buffer {
	readers := l.lastReaders()
	out := map[*ir.Value]*plan.Buffer{}
	for _, r := range l.g.Results {
		next := source(r.Value)
		if r.Role != ir.CellOf || l.sliced(next) || l.out[next] == nil || out[next] != nil {
			continue
		}
		if old := l.oldValue(r.Cell); old == nil || l.mayOverwrite(old, next, readers[old]) {
			out[next] = l.cellBuffer(r.Cell)
		}
	}
	return out
}

// sliced reports whether v lives inside another value or another inside v: then its memory is written earlier than by its own
// group.
func (l *layouter) sliced(v *ir.Value) bool {
	if _, ok := l.part[v]; ok {
		return true
	}
	for _, s := range l.part {
		if s.of == v {
			return true
		}
	}
	return false
}

// oldValue is the value that a cell has before the call, if the graph reads it.
func (l *layouter) oldValue(c *ir.Cell) *ir.Value {
	for _, a := range l.g.Args {
		if a.Role == ir.CellOf && a.Cell == c {
			return a.Value
		}
	}
	return nil
}

// lastReaders maps stored values to the last group that reads them; what is handed out is read at the end.
func (l *layouter) lastReaders() map[*ir.Value]int {
	last := map[*ir.Value]int{}
	for i, group := range l.groups {
		for _, v := range group.In {
			last[source(v)] = i
		}
	}
	for _, r := range l.g.Results {
		last[source(r.Value)] = len(l.groups)
	}
	return last
}

// mayOverwrite reports whether the group that computes next may write over old, which is read last by the group of that number.
func (l *layouter) mayOverwrite(old, next *ir.Value, last int) bool {
	at := slices.Index(l.groups, l.out[next])
	group := l.groups[at]
	if last != at {
		return last < at
	}
	for k, v := range group.In {
		if source(v) != old {
			continue
		}
		if v != old {
			return false
		}
		for _, nest := range group.Nests {
			if _, product := loop.MatchProduct(nest); product {
				return false // partial sums lie where the result goes
			}
			if !readsWhereItWrites(nest, k, slices.Index(group.Out, next)) {
				return false
			}
		}
	}
	return len(group.Nests) == 1
}

// readsWhereItWrites reports whether every load of operand k reads the element that the iteration writes to result out.
func readsWhereItWrites(nest *loop.Nest, k, out int) bool {
	for _, s := range nest.Stores {
		if s.Out == out && slices.ContainsFunc(nest.Body, func(in loop.Inst) bool {
			return in.Op == loop.Load && in.Access.Arg == k && !sameElement(in.Access.Index, s.Index)
		}) {
			return false
		}
	}
	return true
}

func sameElement(x, y []loop.Index) bool {
	return slices.EqualFunc(x, y, func(x, y loop.Index) bool {
		return x.Off.Equal(y.Off) && x.Via == y.Via && slices.EqualFunc(x.Terms, y.Terms, func(t, u loop.Term) bool {
			return t.Axis == u.Axis && t.Coef.Equal(u.Coef)
		})
	})
}

// placeResults hands results out in row-major order and moves the next values of cells home. All that reads cells comes before
// all that writes them: a cell's next value may be another cell's old one.
func (l *layouter) placeResults() {
	for _, r := range l.g.Results {
		if r.Role != ir.CellOf && r.Role != ir.Prepared { // Fulfil copies the latter
			l.handOut(r)
		}
	}
	type move struct {
		from, to plan.View
		at       diag.Range
	}
	var moves []move
	for _, r := range l.g.Results {
		if r.Role != ir.CellOf {
			continue
		}
		from, to := l.real(l.view(r.Value)), rowMajor(l.cellBuffer(r.Cell), r.Cell.Type.Shape)
		l.prog.Results[r] = to
		if from.Buf != to.Buf {
			moves = append(moves, move{from, to, origin(r)})
		}
	}
	for i, m := range moves {
		l.at = m.at
		if slices.ContainsFunc(moves, func(other move) bool { return other.to.Buf == m.from.Buf }) {
			moves[i].from = l.rowMajorCopy(m.from, "a cell's old value that another cell takes over")
		}
	}
	for _, m := range moves {
		l.at = m.at
		l.copyStep(m.from, m.to, "a cell's next value is computed elsewhere")
		l.prog.Stats.CellCopies++
	}
}

// origin is where the value of a result comes from, or else the result itself.
func origin(r *ir.Result) diag.Range {
	if r.Value.Node != nil && r.Value.Node.Pos.File != "" {
		return r.Value.Node.Pos
	}
	return r.Pos
}

// handOut gives a result a place of its own in the arena, row-major.
func (l *layouter) handOut(r *ir.Result) {
	l.at = origin(r)
	view := l.real(l.view(r.Value))
	if !l.isRowMajor(view) || view.Buf.Space != plan.ArenaSpace {
		view = l.rowMajorCopy(view, "results are row-major")
	}
	l.prog.Results[r] = view
}

// rowMajorCopy copies a view into a dense buffer.
func (l *layouter) rowMajorCopy(from plan.View, why string) plan.View {
	b := l.buffer(from.Buf.Name+" (row-major)", from.Buf.DType, size(from.Shape, nil), plan.ArenaSpace)
	to := rowMajor(b, from.Shape)
	l.copyStep(from, to, why)
	return to
}

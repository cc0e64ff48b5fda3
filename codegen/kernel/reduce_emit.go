package kernel

import (
	"slices"

	"mmc/codegen/vec"
	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// reduceEmitter emits the rows function of a reduce kernel for one target.
type reduceEmitter struct {
	*mapEmitter
	r      *reducer
	unroll int

	acc   [][]vec.V // per accumulator, per vector of a step
	where [][]vec.V // the same, of those that yield positions: where acc was met
	flat  vec.I     // the flat position on the reduce axes, where one of them does
	block []map[int]lane
}

func (e *reduceEmitter) emit() {
	b := e.b
	if e.mapper.row >= 0 && e.usesPosition(e.mapper.row) {
		e.lines = b.CopyI(b.Int("p" + e.axis[e.mapper.row]))
	}
	b.LoopArg("rows", func() {
		e.startRow(e.perRow)
		if e.r.across {
			e.columns()
		} else {
			e.run()
		}
		e.endRow()
	})
}

// columns walks the lanes of a row: several vectors at a time, then one, then what is left under a mask.
func (e *reduceEmitter) columns() {
	b, lanes := e.b, e.b.Lanes()
	if lanes == 1 {
		b.Loop(b.CopyI(b.Int("n")), func() { e.column1(1, 0) })
		return
	}
	if e.unroll > 1 {
		n := b.CopyI(b.Int("n"))
		b.ShrI(n, log2(lanes*e.unroll))
		b.Loop(n, func() { e.column1(e.unroll, 0) })
	}
	n := b.CopyI(b.Int("n"))
	if e.unroll > 1 {
		b.AndI(n, lanes*e.unroll-1)
	}
	b.ShrI(n, log2(lanes))
	b.Loop(n, func() { e.column1(1, 0) })
	rest := b.CopyI(b.Int("n"))
	b.AndI(rest, lanes-1)
	b.If(rest, lanes-1, func() { e.column1(1, b.First(rest, 0)) }, nil)
}

// perRow reports whether an instruction has one value for a row: nothing that it is made of moves along the lanes or the
// reduce axes, or is a result of the reduction.
func (e *reduceEmitter) perRow(k int) bool {
	return e.deps[k]&(1<<e.inner) == 0 && !e.reduced(k) && !e.afterwards(k)
}

// afterwards reports whether an instruction needs a result of the reduction.
func (e *reduceEmitter) afterwards(k int) bool {
	in := e.nest.Body[k]
	return in.Op == loop.Result || slices.ContainsFunc(in.Args, func(a loop.Reg) bool { return e.afterwards(int(a)) })
}

// column1 reduces some vectors of lanes and stores their results.
func (e *reduceEmitter) column1(vectors int, mask vec.M) {
	e.start(vectors)
	e.counted = map[int]vec.I{}
	if e.nest.positions() {
		e.flat = e.b.CopyI(e.b.Int("flat"))
	}
	e.block = make([]map[int]lane, vectors)
	for u := range vectors {
		e.block[u] = map[int]lane{}
		for k := range e.r.nest.Split {
			if _, known := e.row[k]; e.uses[k] > 0 && !known && !e.reduced(k) && e.nest.Body[k].Op != loop.Const {
				e.block[u][k] = e.compute(k, u, mask, e.block[u])
			}
		}
	}
	e.reduceLoops(e.at, 0, vectors, mask)
	e.finish(vectors, mask)
	e.advanceLanes(vectors)
}

// reduced reports whether an instruction changes along the reduce axes.
func (e *reduceEmitter) reduced(k int) bool {
	return e.deps[k]>>e.r.firstReduce() != 0
}

// run reduces a row along contiguous elements of a reduce axis.
func (e *reduceEmitter) run() {
	b := e.b
	vectors := e.unroll
	e.start(vectors)
	e.runLoops(e.at, 0)
	for i, a := range e.nest.Accs {
		join := combineLanes[a.Combine]
		x := e.acc[i]
		for len(x) > 1 {
			half := (len(x) + 1) / 2
			for u := half; u < len(x); u++ {
				x[u-half] = join(b, x[u-half], x[u])
			}
			x = x[:half]
		}
		e.acc[i] = []vec.V{horizontal(b, a.Combine, x[0])}
	}
	e.finish(1, 0)
}

// horizontal joins the lanes of a vector.
func horizontal(b *vec.Builder, c loop.Combine, x vec.V) vec.V {
	switch c {
	case loop.ReduceSum:
		return b.Sum(x)
	case loop.ReduceProd:
		return b.Prod(x)
	case loop.ReduceMax:
		return b.HMax(x)
	}
	return b.HMin(x)
}

// start sets the accumulators to what leaves any value as it is.
func (e *reduceEmitter) start(vectors int) {
	e.acc, e.where = make([][]vec.V, len(e.nest.Accs)), make([][]vec.V, len(e.nest.Accs))
	for i, a := range e.nest.Accs {
		for range vectors {
			if positional(a.Combine) {
				at := e.b.NewVI()
				e.b.SetZero(at)
				e.where[i] = append(e.where[i], at)
			}
			v := e.b.NewV()
			e.b.Set(v, e.b.Hold(e.b.Const(float32(identities[a.Combine]))))
			e.acc[i] = append(e.acc[i], v)
		}
	}
}

// reduceLoops writes reduce loop number i around the body, with pointers of its own. The last of several loops has accumulators of
// its own, and the only one has them in blocks: long sums stay accurate.
func (e *reduceEmitter) reduceLoops(at map[*Ref]vec.P, i, vectors int, mask vec.M) {
	b := e.b
	if i == len(e.r.loops) {
		e.body(at, vectors, mask)
		return
	}
	k := e.r.loops[i]
	own := map[*Ref]vec.P{}
	for n := range e.nest.Loads {
		r := &e.nest.Loads[n]
		own[r] = at[r]
		if e.r.reduceStride(r, k) {
			own[r] = b.Copy(at[r])
		}
	}
	step := e.counting(k, func() {
		e.reduceLoops(own, i+1, vectors, mask)
		for n := range e.nest.Loads {
			if r := &e.nest.Loads[n]; e.r.reduceStride(r, k) {
				b.Walk(own[r], b.Int(e.r.loopArg(r, k)), 1)
			}
		}
	})
	n := b.CopyI(b.Int("n" + e.axis[k]))
	switch inside := len(e.r.loops) - 1 - i; {
	case inside == 0 && i == 0:
		e.inBlocks(n, vectors, step)
	case inside == 1:
		b.Loop(n, func() { e.apart(vectors, step) })
	default:
		b.Loop(n, step)
	}
}

// counting begins to count positions on reduce axis k, as far as they are asked for, and lets each step go on by one.
func (e *reduceEmitter) counting(k int, step func()) func() {
	b := e.b
	if e.nest.positions() {
		own, inner := b.CopyI(e.flat), step
		step = func() {
			around := e.flat
			e.flat = own
			inner()
			b.AddI(own, b.Int("w"+e.axis[k]))
			e.flat = around
		}
	}
	if e.usesPosition(k) {
		at, inner := b.CopyI(b.Int("p"+e.axis[k])), step
		step = func() {
			e.counted[k] = at
			inner()
			if slices.Contains(e.r.turned, k) {
				b.IncI(at, -1)
			} else {
				b.IncI(at, 1)
			}
		}
	}
	return step
}

// join joins a value, met at a position, to an accumulator. Of equal extremes the first stays; NaN is the extreme.
func (e *reduceEmitter) join(i, u int, x, at vec.V) {
	b, c := e.b, e.nest.Accs[i].Combine
	best := e.acc[i][u]
	if !positional(c) {
		b.Set(best, combineLanes[c](b, best, x))
		return
	}
	behind := vec.LE
	if c == loop.ReduceArgMin {
		behind = vec.GE
	}
	better := b.AndNotM(b.IsNaN(best), b.NotM(b.Cmp(behind, x, best)))
	b.Set(e.where[i][u], b.Select(better, at, e.where[i][u]))
	b.Set(best, b.Select(better, x, best))
}

// apart runs f with accumulators of its own, and joins them to those around.
func (e *reduceEmitter) apart(vectors int, f func()) {
	acc, where := e.acc, e.where
	e.start(vectors)
	f()
	inner, at := e.acc, e.where
	e.acc, e.where = acc, where
	for i, a := range e.nest.Accs {
		for u := range acc[i] {
			if positional(a.Combine) {
				e.join(i, u, inner[i][u], at[i][u])
			} else {
				e.join(i, u, inner[i][u], 0)
			}
		}
	}
}

// sumBlock is how many values are added up before the sum goes to the accumulator.
const sumBlock = 128

// inBlocks runs step n times, in blocks whose sums are added to the accumulators.
func (e *reduceEmitter) inBlocks(n vec.I, vectors int, step func()) {
	b := e.b
	blocks := b.CopyI(n)
	b.ShrI(blocks, log2(sumBlock))
	b.Loop(blocks, func() {
		e.apart(vectors, func() { b.Loop(b.IConst(sumBlock), step) })
	})
	rest := b.CopyI(n)
	b.AndI(rest, sumBlock-1)
	b.Loop(rest, step)
}

// body joins one value per vector to the accumulators.
func (e *reduceEmitter) body(at map[*Ref]vec.P, vectors int, mask vec.M) {
	e.reading(at, func() {
		for u := range vectors {
			values := map[int]lane{}
			for k, x := range e.block[u] {
				values[k] = x
			}
			for i, a := range e.nest.Accs {
				x := e.value(int(a.Value), u, mask, values)
				at := vec.V(0)
				if positional(a.Combine) {
					at = e.b.Splat(e.flat)
				}
				e.join(i, u, e.number(x, a.Value), at)
			}
		}
	})
}

// number is a value as float32 lanes.
func (e *reduceEmitter) number(x lane, r loop.Reg) vec.V {
	return cast(e.b, x, e.typeOf(r), dtype.F32).v
}

// reading lets loads read through other pointers while f runs.
func (e *reduceEmitter) reading(at map[*Ref]vec.P, f func()) {
	old := e.at
	e.at = map[*Ref]vec.P{}
	for r, p := range old {
		e.at[r] = p
	}
	for r, p := range at {
		e.at[r] = p
	}
	f()
	e.at = old
}

// runLoops writes the loops over further reduce axes around the run along the contiguous one.
func (e *reduceEmitter) runLoops(at map[*Ref]vec.P, i int) {
	b := e.b
	if i == len(e.r.loops) {
		e.along(at)
		return
	}
	k := e.r.loops[i]
	own := map[*Ref]vec.P{}
	for n := range e.nest.Loads {
		r := &e.nest.Loads[n]
		own[r] = at[r]
		if e.r.reduceStride(r, k) {
			own[r] = b.Copy(at[r])
		}
	}
	b.Loop(b.CopyI(b.Int("n"+e.axis[k])), func() {
		e.runLoops(own, i+1)
		for n := range e.nest.Loads {
			if r := &e.nest.Loads[n]; e.r.reduceStride(r, k) {
				b.Walk(own[r], b.Int(e.r.loopArg(r, k)), 1)
			}
		}
	})
}

// along reduces one run: whole steps, then single vectors, then the masked end.
func (e *reduceEmitter) along(at map[*Ref]vec.P) {
	b, lanes := e.b, e.b.Lanes()
	own := map[*Ref]vec.P{}
	for n := range e.nest.Loads {
		if r := &e.nest.Loads[n]; !r.Stride[e.inner].IsConst(0) {
			own[r] = b.Copy(at[r])
		} else {
			own[r] = at[r]
		}
	}
	step := func(vectors int, mask vec.M) {
		e.reading(own, func() { e.joinRun(vectors, mask) })
		for _, p := range e.moving(own) {
			b.Step(p, vectors*lanes)
		}
	}
	n := b.CopyI(b.Int("n"))
	b.ShrI(n, log2(lanes*e.unroll))
	e.inBlocks(n, e.unroll, func() { step(e.unroll, 0) })
	n = b.CopyI(b.Int("n"))
	b.AndI(n, lanes*e.unroll-1)
	b.ShrI(n, log2(lanes))
	b.Loop(n, func() { step(1, 0) })
	if lanes > 1 {
		rest := b.CopyI(b.Int("n"))
		b.AndI(rest, lanes-1)
		b.If(rest, lanes-1, func() { step(1, b.First(rest, 0)) }, nil)
	}
}

// moving are the pointers that move along the run, in the order of the loads.
func (e *reduceEmitter) moving(own map[*Ref]vec.P) []vec.P {
	var out []vec.P
	for n := range e.nest.Loads {
		if r := &e.nest.Loads[n]; !r.Stride[e.inner].IsConst(0) {
			out = append(out, own[r])
		}
	}
	return out
}

// joinRun joins some vectors of the run to the accumulators; lanes outside of a mask leave them as they are.
func (e *reduceEmitter) joinRun(vectors int, mask vec.M) {
	b := e.b
	for u := range vectors {
		values := map[int]lane{}
		for i, a := range e.nest.Accs {
			x := e.number(e.value(int(a.Value), u, mask, values), a.Value)
			next := combineLanes[a.Combine](b, e.acc[i][u], x)
			if mask != 0 {
				next = b.Select(mask, next, e.acc[i][u])
			}
			b.Set(e.acc[i][u], next)
		}
	}
}

// finish runs what follows the reduction on the accumulators, and stores.
func (e *reduceEmitter) finish(vectors int, mask vec.M) {
	b := e.b
	for u := range vectors {
		values := map[int]lane{}
		for k := range e.nest.Body {
			if in := e.nest.Body[k]; in.Op == loop.Result {
				x, from := lane{v: e.acc[in.Axis][u]}, dtype.F32
				if positional(e.nest.Accs[in.Axis].Combine) {
					x, from = lane{v: e.where[in.Axis][u]}, dtype.I32
				}
				values[k] = cast(b, x, from, in.Type)
			}
		}
		if e.block != nil {
			for k, x := range e.block[u] {
				values[k] = x
			}
		}
		var out []lane
		for i := range e.nest.Stores {
			out = append(out, e.value(int(e.nest.Stores[i].Value), u, mask, values))
		}
		for i, x := range out {
			s := &e.nest.Stores[i]
			if e.r.across {
				storeLane(b, x, vec.At(e.at[&s.Ref], u*b.Lanes()), mask, e.typeOf(s.Value), s.storage())
			} else {
				b.StoreFirst(cast(b, x, e.typeOf(s.Value), s.storage()).v, vec.At(e.at[&s.Ref], 0))
			}
		}
	}
}

// advanceLanes moves the pointers of a row behind the vectors that are done.
func (e *reduceEmitter) advanceLanes(vectors int) {
	for _, r := range e.nest.refs() {
		if r.Stride[e.inner].IsConst(1) {
			e.b.Step(e.at[r], vectors*e.b.Lanes())
		}
	}
	if e.column != 0 {
		e.b.Set(e.column, e.b.Add(e.column, e.b.ConstI(int32(vectors*e.b.Lanes()))))
	}
}

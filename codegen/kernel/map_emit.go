package kernel

import (
	"strconv"

	"mmc/codegen/vec"
	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// mapEmitter emits the rows function of a map kernel for one target.
type mapEmitter struct {
	*mapper
	b      *vec.Builder
	unroll int

	at      map[*Ref]vec.P
	row     map[int]lane  // values that stay the same along a row
	column  vec.V         // positions on the inner axis, where the body asks for them
	lines   vec.I         // position on the row axis
	counted map[int]vec.I // positions on axes that the assembly loops over around the lanes
	index   map[*Ref]vec.V
}

func (e *mapEmitter) emit() {
	b := e.b
	if e.mapper.row >= 0 && e.usesPosition(e.mapper.row) {
		e.lines = b.CopyI(b.Int("p" + e.axis[e.mapper.row]))
	}
	b.LoopArg("rows", func() {
		e.startRow(func(k int) bool { return e.deps[k]&(1<<e.inner) == 0 })
		if b.Lanes() == 1 {
			n := b.CopyI(b.Int("n"))
			b.Loop(n, func() { e.step(1, 0) })
		} else {
			e.blocks()
		}
		e.endRow()
	})
}

// blocks walks a row: several vectors at a time, then one, then what is left under a mask.
func (e *mapEmitter) blocks() {
	b, lanes := e.b, e.b.Lanes()
	if e.unroll > 1 {
		n := b.CopyI(b.Int("n"))
		b.ShrI(n, log2(lanes*e.unroll))
		b.Loop(n, func() { e.step(e.unroll, 0) })
	}
	n := b.CopyI(b.Int("n"))
	if e.unroll > 1 {
		b.AndI(n, lanes*e.unroll-1)
	}
	b.ShrI(n, log2(lanes))
	b.Loop(n, func() { e.step(1, 0) })
	rest := b.CopyI(b.Int("n"))
	b.AndI(rest, lanes-1)
	b.If(rest, lanes-1, func() { e.step(1, b.First(rest, 0)) }, nil)
}

// startRow loads positions and computes what does not change along the row. Constants are taken where they are used.
func (e *mapEmitter) startRow(same func(k int) bool) {
	b := e.b
	e.at, e.row, e.index = map[*Ref]vec.P{}, map[int]lane{}, map[*Ref]vec.V{}
	for _, r := range e.nest.refs() {
		e.at[r] = b.Copy(b.Ptr(e.slice(r)))
		if e.gathered(r) {
			e.index[r] = b.Mul(b.Iota(), b.Splat(b.Int("g"+e.slice(r))))
		}
	}
	if e.usesPosition(e.inner) {
		e.column = b.NewVI()
		b.Set(e.column, b.Add(b.Splat(b.Int("p"+e.axis[e.inner])), b.Iota()))
	}
	for k := range e.nest.Body {
		if e.uses[k] > 0 && e.nest.Body[k].Op != loop.Const && same(k) {
			e.row[k] = e.compute(k, 0, 0, e.row)
		}
	}
}

func (e *mapEmitter) endRow() {
	b := e.b
	for _, r := range e.nest.refs() {
		if e.rowStride(r) {
			p := b.Ptr(e.slice(r))
			b.Walk(p, b.Int("r"+e.slice(r)), 1)
			b.SavePtr(e.slice(r), p)
		}
	}
	if e.lines != 0 {
		b.IncI(e.lines, 1)
	}
}

// step computes some vectors and moves on. All results of a vector are computed before the first is stored, since a result may
// lie over an operand.
func (e *mapEmitter) step(vectors int, mask vec.M) {
	b := e.b
	for u := range vectors {
		values := map[int]lane{}
		var out []lane
		for i := range e.nest.Stores {
			out = append(out, e.value(int(e.nest.Stores[i].Value), u, mask, values))
		}
		for i, x := range out {
			s := &e.nest.Stores[i]
			storeLane(b, x, vec.At(e.at[&s.Ref], u*b.Lanes()), mask, e.typeOf(s.Value), s.storage())
		}
	}
	for _, r := range e.nest.refs() {
		switch {
		case r.Stride[e.inner].IsConst(1):
			b.Step(e.at[r], vectors*b.Lanes())
		case e.gathered(r):
			by := b.CopyI(b.Int("g" + e.slice(r)))
			b.ShlI(by, log2(vectors*b.Lanes()))
			b.Walk(e.at[r], by, 1)
		}
	}
	if e.column != 0 {
		b.Set(e.column, b.Add(e.column, b.ConstI(int32(vectors*b.Lanes()))))
	}
}

// value is the value of an instruction in vector u of a step, computed when it is first asked for.
func (e *mapEmitter) value(k, u int, mask vec.M, values map[int]lane) lane {
	if x, ok := e.row[k]; ok {
		return x
	}
	if x, ok := values[k]; ok {
		return x
	}
	values[k] = e.compute(k, u, mask, values)
	return values[k]
}

// compute records an instruction.
func (e *mapEmitter) compute(k, u int, mask vec.M, values map[int]lane) lane {
	b, in := e.b, e.nest.Body[k]
	switch in.Op {
	case loop.Const:
		return constLane(b, in.Type, in.Imm)
	case loop.DimValue:
		return cast(b, lane{v: b.Splat(b.Int("d" + strconv.Itoa(k)))}, dtype.I32, in.Type)
	case loop.Position:
		return cast(b, lane{v: e.positions(in.Axis, u)}, dtype.I32, in.Type)
	case loop.Load:
		r := &e.nest.Loads[e.nest.Load[k]]
		if e.gathered(r) {
			return cast(b, lane{v: b.Gather(vec.At(e.at[r], 0), e.index[r], mask)}, r.storage(), in.Type)
		}
		return loadLane(b, vec.At(e.at[r], u*b.Lanes()), mask, r.Stride[e.inner].IsConst(0), r.storage(), in.Type)
	case loop.Cast:
		return cast(b, e.value(int(in.Args[0]), u, mask, values), e.typeOf(in.Args[0]), in.Type)
	}
	args := make([]lane, len(in.Args))
	for i, a := range in.Args {
		args[i] = e.value(int(a), u, mask, values)
	}
	t := in.Type
	if len(in.Args) > 0 && in.Op.Compare {
		t = e.typeOf(in.Args[0])
	}
	return vecScalars[in.Op](b, t, args)
}

// positions are the positions on an axis in vector u.
func (e *mapEmitter) positions(axis, u int) vec.V {
	switch axis {
	case e.inner:
		if u == 0 {
			return e.column
		}
		return e.b.Add(e.column, e.b.ConstI(int32(u*e.b.Lanes())))
	case e.mapper.row:
		return e.b.Splat(e.lines)
	}
	if at, ok := e.counted[axis]; ok {
		return e.b.Splat(at)
	}
	return e.b.Splat(e.b.Int("p" + e.axis[axis]))
}

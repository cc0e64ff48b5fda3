package kernel

import (
	"slices"
	"strconv"

	"mmc/codegen/emit"
	"mmc/codegen/vec"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// Map makes vector code of a nest without reduction: two loops, over rows and along the axis on which the results are
// contiguous; the driver in Go loops over the other axes. It reports false where the nest has no such form.
func (k *Maker) Map(n *Nest) (*Code, bool) {
	if c, ok := k.turn(n); ok {
		return c, true
	}
	if len(n.Accs) > 0 || len(n.Axes) == 0 || !n.plain() {
		return nil, false
	}
	inner, ok := n.contiguousAxis()
	if !ok || slices.ContainsFunc(n.Loads, func(r Ref) bool { return r.storage().Size() != 4 && !unit(r.Stride[inner]) }) {
		return nil, false // bytes cannot be gathered
	}
	n = n.withLast(inner)
	m := &mapper{loops: newLoops(n), inner: len(n.Axes) - 1, row: len(n.Axes) - 2}
	if m.row >= 0 && n.backOn(m.row) || n.backOn(m.inner) {
		return nil, false
	}
	m.vectors = m.inner + 1
	m.declareAll()
	return m.code(k)
}

// backOn reports whether some reference walks backwards on an axis, which the assembly's slices forbid. The driver's loops may.
func (n *Nest) backOn(axis int) bool {
	return slices.ContainsFunc(n.refs(), func(r *Ref) bool { return r.Way[axis]&walksBack != 0 })
}

// unit reports whether a stride is 0 or 1.
func unit(e dim.Expr) bool { return e.IsConst(0) || e.IsConst(1) }

// plain reports whether vector code has all instructions of the nest, and its accesses are strided runs that stay inside.
func (n *Nest) plain() bool {
	for k := range n.Body {
		if !n.onLanes(k) {
			return false
		}
	}
	for _, r := range n.refs() {
		if _, ok := vecElems[r.storage()]; !ok || len(r.Checks) > 0 {
			return false
		}
	}
	return !slices.ContainsFunc(n.Stores, func(s Store) bool {
		return s.Accumulate || !castable(n.Body[s.Value].Type, s.storage())
	})
}

// contiguousAxis finds the parallel axis on which every store moves by one element and most loads do.
func (n *Nest) contiguousAxis() (axis int, ok bool) {
	best := -1
	for k := range n.Parallel() {
		if slices.ContainsFunc(n.Stores, func(s Store) bool { return !s.Stride[k].IsConst(1) }) {
			continue
		}
		score := 1
		for _, r := range n.Loads {
			switch {
			case r.Stride[k].IsConst(1):
				score += 2
			case !r.Stride[k].IsConst(0):
				score--
			}
		}
		if score >= best {
			best, axis, ok = score, k, true
		}
	}
	return axis, ok
}

// withLast returns the nest with one of its parallel axes moved behind the other parallel ones.
func (n *Nest) withLast(axis int) *Nest {
	order := make([]int, 0, len(n.Axes))
	for k := range n.Axes {
		if k != axis {
			order = append(order, k)
		}
		if k == n.Parallel()-1 {
			order = append(order, axis)
		}
	}
	return n.permuted(order)
}

// permuted returns the nest with axis order[k] in place k.
func (n *Nest) permuted(order []int) *Nest {
	out := *n
	out.Axes = pick(n.Axes, order)
	out.Body, out.Loads, out.Stores = slices.Clone(n.Body), slices.Clone(n.Loads), slices.Clone(n.Stores)
	for i := range out.Body {
		if in := &out.Body[i]; in.Op == loop.Position {
			in.Axis = slices.Index(order, in.Axis)
		}
	}
	for i := range out.Stores {
		out.Stores[i].Apart = pick(out.Stores[i].Apart, order)
	}
	for _, r := range out.refs() {
		r.Stride, r.Way, r.Checks = pick(r.Stride, order), pick(r.Way, order), slices.Clone(r.Checks)
		for c := range r.Checks {
			r.Checks[c].Coef = pick(r.Checks[c].Coef, order)
		}
	}
	return &out
}

func pick[T any](list []T, order []int) []T {
	out := make([]T, len(order))
	for i, k := range order {
		out[i] = list[k]
	}
	return out
}

// mapper makes one map kernel.
type mapper struct {
	*loops
	inner, row int // axes of the assembly; row is -1 where there is one axis only
}

// code makes the kernel: its function for both targets, with the same arguments, and its driver.
func (m *mapper) code(k *Maker) (*Code, bool) {
	p := k.pair(m.nest.structure("map", m.inner, m.row), m.function)
	if p == nil {
		return nil, false
	}
	fast, portable := p.fast, p.portable
	return m.assemble("map", fast, portable, m.driver()), true
}

// pair builds the rows function for both targets, or recalls it; nil where a target refuses it.
func (k *Maker) pair(structure string, build func(*vec.Target) (*vec.Func, bool)) *pair {
	if p, known := k.rows[structure]; known {
		return p
	}
	k.rows[structure] = nil
	fast, ok := build(vec.AVX512)
	if !ok {
		return nil
	}
	portable, ok := build(vec.Scalar)
	if !ok {
		return nil
	}
	k.rows[structure] = &pair{fast, portable}
	return k.rows[structure]
}

// assemble puts the parts of a vectorised kernel together.
func (m *mapper) assemble(family string, fast, portable *vec.Func, body string) *Code {
	var w emit.Go
	m.structType(&w)
	w.Line()
	m.chunksMethod(&w, m.vectorCost())
	w.Line()
	param := "chunk int"
	if m.nest.Parallel() == 0 {
		param = "int"
	}
	w.Block("func (k *"+Placeholder+") Chunk("+param+")", func() { w.Text(body) })
	w.Line()
	w.Text(string(portable.Text))
	w.Line()
	w.Line("var ", rowsVar, " = ", portable.Name)
	return &Code{
		Family: family, Source: w.String(), Fields: m.fields,
		Asm: []*vec.Func{fast}, Install: []string{rowsVar + " = " + fast.Name}, Shared: vecSupport(portable),
	}
}

// rowsVar is the variable that holds the function in use.
const rowsVar = Placeholder + "Rows"

// vectorCost estimates one point in tenths of a nanosecond: memory, and functions of many instructions.
func (m *mapper) vectorCost() int {
	c := 2 * len(m.nest.refs())
	for _, in := range m.nest.Body {
		if in.Op.Arity == 1 && in.Type == dtype.F32 && in.Op != loop.Cast {
			c += 2
		}
	}
	return c
}

// function builds the rows function for a target, with as many vectors per step as its registers allow.
func (m *mapper) function(t *vec.Target) (*vec.Func, bool) {
	for unroll := m.unroll(t); unroll > 0; unroll /= 2 {
		e := &mapEmitter{mapper: m, b: vec.New(Placeholder+"_"+t.Name, t, m.args(m.intArgs(span{}))...), unroll: unroll}
		e.emit()
		if f, err := e.b.Build(); err == nil {
			return f, true
		}
	}
	return nil, false
}

// unroll is how many vectors a step takes: several where the body is short, so that loads and loop overhead overlap.
func (m *mapper) unroll(t *vec.Target) int {
	if t.Lanes == 1 || len(m.nest.Body) > 16 || m.gathers() {
		return 1
	}
	return 4
}

func (m *mapper) gathers() bool {
	return slices.ContainsFunc(m.nest.Loads, func(r Ref) bool { return m.gathered(&r) })
}

// gathered reports whether a load's elements lie apart on the inner axis.
func (m *mapper) gathered(r *Ref) bool { return !unit(r.Stride[m.inner]) }

// rowStride reports whether a reference moves from row to row.
func (m *mapper) rowStride(r *Ref) bool { return m.row >= 0 && !r.Stride[m.row].IsConst(0) }

// intArg is an integer argument of the rows function and what a call passes for it.
type intArg struct{ name, value string }

// span is where a call of the rows function begins and how far it goes, as Go text.
type span struct{ rows, n, row, at string }

// args are the arguments of the rows function: slices, then integers.
func (m *mapper) args(ints []intArg) []vec.Arg {
	var args []vec.Arg
	for _, r := range m.nest.refs() {
		args = append(args, vec.Slice(m.slice(r), vecElems[r.storage()]))
	}
	for _, a := range ints {
		args = append(args, vec.Int(a.name))
	}
	return args
}

// intArgs are the integer arguments: counts, strides, sizes and positions.
func (m *mapper) intArgs(c span) []intArg {
	list := []intArg{{"rows", c.rows}, {"n", c.n}}
	for _, r := range m.nest.refs() {
		if m.rowStride(r) {
			list = append(list, intArg{"r" + m.slice(r), m.stride(r, m.row)})
		}
		if m.gathered(r) {
			list = append(list, intArg{"g" + m.slice(r), m.stride(r, m.inner)})
		}
	}
	for k, in := range m.nest.Body {
		if m.uses[k] > 0 && in.Op == loop.DimValue {
			list = append(list, intArg{"d" + strconv.Itoa(k), m.once("d"+strconv.Itoa(k), in.Dim)})
		}
	}
	for k, a := range m.axis {
		if m.nest.positioned(k) {
			list = append(list, intArg{"p" + a, m.position(k, c)})
		}
	}
	return list
}

// position is where a call begins on an axis.
func (m *mapper) position(axis int, c span) string {
	switch axis {
	case m.inner:
		return c.at
	case m.row:
		return c.row
	}
	return m.axis[axis]
}

// once is the field of that name, made at its first use.
func (m *mapper) once(name string, value dim.Expr) string {
	for _, f := range m.fields {
		if f.Name == name {
			return name
		}
	}
	return m.size(name, value)
}

// stride is the field that holds a reference's stride on an axis.
func (m *mapper) stride(r *Ref, axis int) string {
	return m.once(m.slice(r)+m.axis[axis], r.Stride[axis])
}

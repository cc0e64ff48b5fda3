// Package interp computes loop nests one point at a time in float64: the meaning of the kernel IR. It checks what targets
// take for granted: that no unguarded access leaves its operand, that nothing reads what was not written and that every
// element of a result is stored, once unless the store adds.
package interp

import (
	"fmt"
	"math"

	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// Tensor is an operand or result, row-major unless Place says otherwise.
type Tensor struct {
	Shape []int
	Data  []float64
	// Place, where set, gives the position of an index in Data. The tensor is then a view of memory that it shares with
	// others: an unguarded index may lie outside Shape, in a border, and not every element of Data is its own.
	Place func(index []int) int
}

// Run computes nests in order. size evaluates dims.
func Run(nests []*loop.Nest, in, out []*Tensor, size func(dim.Expr) int) error {
	stored := make([][]bool, len(out))
	for i, o := range out {
		stored[i] = make([]bool, len(o.Data))
	}
	for i, n := range nests {
		m := &machine{nest: n, in: in, out: out, stored: stored, size: size}
		if err := m.run(); err != nil {
			return fmt.Errorf("nest %d: %w", i, err)
		}
	}
	for i := range out {
		for e, ok := range stored[i] {
			if !ok && out[i].Place == nil {
				return fmt.Errorf("element %d of result %d is not stored", e, i)
			}
		}
	}
	return nil
}

// One computes one nest on memory that may hold the results of others: with Accumulate stores it adds to what is there.
func One(n *loop.Nest, in, out []*Tensor, size func(dim.Expr) int) error {
	stored := make([][]bool, len(out))
	for i, o := range out {
		stored[i] = make([]bool, len(o.Data))
		for e := range stored[i] {
			stored[i][e] = true
		}
	}
	m := &machine{nest: n, in: in, out: out, stored: stored, size: size}
	return m.run()
}

// machine runs one nest.
type machine struct {
	nest    *loop.Nest
	in, out []*Tensor
	stored  [][]bool // by any nest
	size    func(dim.Expr) int

	mine   map[*loop.Store][]bool // by this nest's stores
	at     []int                  // position on every axis
	extent []int
	regs   []float64
	accs   []accumulator
	err    error
}

// accumulator is the state of one reduction.
type accumulator struct {
	value    float64
	count    int
	position int
}

func (m *machine) run() error {
	n := m.nest
	if err := check(n); err != nil {
		return err
	}
	m.at, m.regs, m.accs = make([]int, len(n.Axes)), make([]float64, len(n.Body)), make([]accumulator, len(n.Accs))
	m.mine = map[*loop.Store][]bool{}
	for _, a := range n.Axes {
		m.extent = append(m.extent, m.size(a.Extent))
	}
	for _, o := range n.InitOut {
		clear(m.out[o].Data)
		for i := range m.stored[o] {
			m.stored[o][i] = true
		}
	}
	m.each(false, m.point)
	return m.err
}

// check tests the structure of a nest.
func check(n *loop.Nest) error {
	reduces := false
	for i, a := range n.Axes {
		reduces = reduces || n.Axes[i].Reduce
		if a.Reduce && len(n.Accs) == 0 {
			return fmt.Errorf("axis %s reduces, but there is no accumulator", a.Name)
		}
	}
	if n.Split < 0 || n.Split > len(n.Body) || (!reduces && len(n.Accs) == 0 && n.Split != len(n.Body)) {
		return fmt.Errorf("split %d of %d instructions", n.Split, len(n.Body))
	}
	for i, inst := range n.Body {
		for _, r := range inst.Args {
			if int(r) >= i || r < 0 {
				return fmt.Errorf("instruction %d uses %d", i, r)
			}
			if i >= n.Split && int(r) < n.Split {
				return fmt.Errorf("instruction %d uses %d, which belongs to the reduction", i, r)
			}
		}
		if inst.Op == loop.Result && (i < n.Split || inst.Axis >= len(n.Accs)) {
			return fmt.Errorf("instruction %d takes the result of reduction %d", i, inst.Axis)
		}
	}
	for _, a := range n.Accs {
		if int(a.Value) >= n.Split {
			return fmt.Errorf("a reduction joins %d, which comes after it", a.Value)
		}
	}
	return nil
}

// each walks the axes of one kind row-major.
func (m *machine) each(reduce bool, f func()) {
	var walk func(axis int)
	walk = func(axis int) {
		switch {
		case m.err != nil:
		case axis == len(m.at):
			f()
		case m.nest.Axes[axis].Reduce != reduce:
			walk(axis + 1)
		default:
			for i := range m.extent[axis] {
				m.at[axis] = i
				walk(axis + 1)
			}
		}
	}
	walk(0)
}

// point computes one point of the parallel axes.
func (m *machine) point() {
	for i, a := range m.nest.Accs {
		m.accs[i] = accumulator{value: start(a.Combine)}
	}
	m.each(true, func() {
		m.instructions(0, m.nest.Split)
		for i, a := range m.nest.Accs {
			m.accs[i].join(a.Combine, m.regs[a.Value])
		}
		m.stores(func(v loop.Reg) bool { return int(v) < m.nest.Split })
	})
	m.instructions(m.nest.Split, len(m.nest.Body))
	m.stores(func(v loop.Reg) bool { return int(v) >= m.nest.Split })
}

func start(c loop.Combine) float64 {
	switch c {
	case loop.ReduceProd:
		return 1
	case loop.ReduceMax:
		return math.Inf(-1)
	case loop.ReduceMin:
		return math.Inf(1)
	}
	return 0
}

func (a *accumulator) join(c loop.Combine, x float64) {
	switch c {
	case loop.ReduceSum:
		a.value += x
	case loop.ReduceProd:
		a.value *= x
	case loop.ReduceMax:
		a.value = loop.Max.Meaning([]float64{a.value, x})
	case loop.ReduceMin:
		a.value = loop.Min.Meaning([]float64{a.value, x})
	case loop.ReduceArgMax:
		if a.count == 0 || x > a.value {
			a.value, a.position = x, a.count
		}
	case loop.ReduceArgMin:
		if a.count == 0 || x < a.value {
			a.value, a.position = x, a.count
		}
	}
	a.count++
}

func (m *machine) instructions(from, to int) {
	for i := from; i < to && m.err == nil; i++ {
		m.regs[i] = m.instruction(&m.nest.Body[i])
	}
}

func (m *machine) instruction(inst *loop.Inst) float64 {
	switch inst.Op {
	case loop.Load:
		return m.load(inst.Access)
	case loop.Const:
		return inst.Imm
	case loop.DimValue:
		return float64(m.size(inst.Dim))
	case loop.Position:
		return float64(m.at[inst.Axis])
	case loop.Result:
		if c := m.nest.Accs[inst.Axis].Combine; c == loop.ReduceArgMax || c == loop.ReduceArgMin {
			return float64(m.accs[inst.Axis].position)
		}
		return m.accs[inst.Axis].value
	}
	args := make([]float64, len(inst.Args))
	for i, r := range inst.Args {
		args[i] = m.regs[r]
	}
	return m.typed(inst, inst.Op.Meaning(args))
}

// typed gives the value of an instruction the form that its type demands.
func (m *machine) typed(inst *loop.Inst, x float64) float64 {
	switch {
	case inst.Op == loop.Div && inst.Type.IsInt():
		return math.Floor(x)
	case inst.Op == loop.Cast && inst.Type.IsInt():
		return math.Trunc(x)
	case inst.Op == loop.Cast && inst.Type == dtype.Bool && x != 0:
		return 1
	case inst.Op == loop.Cast:
		return inst.Type.Rounded(x)
	}
	return x
}

// offset is the place of an index in a tensor; ok is false outside.
func (m *machine) offset(index []loop.Index, t *Tensor) (at int, ok bool) {
	if len(index) != len(t.Shape) {
		m.fail("%d indices for shape %v", len(index), t.Shape)
		return 0, false
	}
	ok = true
	place := make([]int, len(index))
	for i, x := range index {
		p := m.size(x.Off)
		for _, term := range x.Terms {
			p += m.size(term.Coef) * m.at[term.Axis]
		}
		if x.Via != loop.NoReg {
			p += int(m.regs[x.Via])
		}
		ok = ok && p >= 0 && p < t.Shape[i]
		at = at*t.Shape[i] + p
		place[i] = p
	}
	if t.Place != nil {
		at = t.Place(place)
	}
	return at, ok
}

func (m *machine) load(a *loop.Access) float64 {
	t := m.in[a.Arg]
	at, ok := m.offset(a.Index, t)
	switch {
	case ok:
		return t.Data[at]
	case a.Guard:
		return a.Fill
	case t.Place != nil && at >= 0 && at < len(t.Data):
		return t.Data[at]
	}
	m.fail("operand %d of shape %v is read outside, at %v", a.Arg, t.Shape, m.at)
	return 0
}

func (m *machine) stores(when func(loop.Reg) bool) {
	for i := range m.nest.Stores {
		if s := &m.nest.Stores[i]; when(s.Value) && m.err == nil {
			m.store(s)
		}
	}
}

func (m *machine) store(s *loop.Store) {
	t := m.out[s.Out]
	at, ok := m.offset(s.Index, t)
	if !ok {
		m.fail("result %d of shape %v is written outside, at %v", s.Out, t.Shape, m.at)
		return
	}
	if s.Accumulate {
		if !m.stored[s.Out][at] {
			m.fail("element %d of result %d is added to before it has a value", at, s.Out)
		}
		t.Data[at] += m.regs[s.Value]
		return
	}
	if m.mine[s] == nil {
		m.mine[s] = make([]bool, len(t.Data))
	}
	if m.mine[s][at] {
		m.fail("element %d of result %d is stored twice", at, s.Out)
	}
	m.mine[s][at], m.stored[s.Out][at] = true, true
	t.Data[at] = m.regs[s.Value]
}

func (m *machine) fail(format string, args ...any) {
	if m.err == nil {
		m.err = fmt.Errorf(format, args...)
	}
}

package kernel

import (
	"cmp"
	"math"
	"slices"

	"mmc/codegen/vec"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// Reduce makes vector code of a nest that reduces: lanes are neighbours on a parallel axis, each with an accumulator of its
// own, or neighbours on a reduce axis, whose accumulators are joined at the end. What follows the reduction runs on the
// accumulators. It reports false where the nest has no such form.
func (m *Maker) Reduce(n *Nest) (*Code, bool) {
	if len(n.Accs) == 0 || len(n.Axes) == 0 || slices.ContainsFunc(n.Accs, func(a loop.Acc) bool { return !n.vectorAcc(a) }) {
		return nil, false
	}
	for _, form := range []func(*Nest) (*reducer, bool){acrossColumns, alongRuns} {
		if r, ok := form(n); ok {
			if c, ok := r.code(m); ok {
				return c, true
			}
		}
	}
	return nil, false
}

// maxReduceLoops is how many reduce axes the assembly loops over.
const maxReduceLoops = 3

// combineLanes join two vectors; identities leave a value as it is.
var combineLanes = map[loop.Combine]func(b *vec.Builder, x, y vec.V) vec.V{
	loop.ReduceSum: (*vec.Builder).Add, loop.ReduceProd: (*vec.Builder).Mul,
	loop.ReduceMax: (*vec.Builder).Max, loop.ReduceMin: (*vec.Builder).Min,
}

var identities = map[loop.Combine]float64{
	loop.ReduceSum: 0, loop.ReduceProd: 1, loop.ReduceMax: math.Inf(-1), loop.ReduceMin: math.Inf(1),
	loop.ReduceArgMax: math.Inf(-1), loop.ReduceArgMin: math.Inf(1), // nothing is further out, and the first position is 0
}

// vectorAcc reports whether lanes can hold an accumulator. A position has the value that it is the position of beside it.
func (n *Nest) vectorAcc(a loop.Acc) bool {
	if positional(a.Combine) {
		return n.Body[a.Value].Type == dtype.F32
	}
	return a.Type == dtype.F32 && combineLanes[a.Combine] != nil
}

// positions reports whether the reduction needs to know where it is.
func (n *Nest) positions() bool {
	return slices.ContainsFunc(n.Accs, func(a loop.Acc) bool { return positional(a.Combine) })
}

// reducer makes one reduce kernel. The embedded mapper's inner axis is the one that lanes lie on.
type reducer struct {
	*mapper
	across bool  // the inner axis is parallel: every lane has its own sum
	loops  []int // reduce axes that the assembly loops over, outermost first
	turned []int // those of them that run the other way: positions on them are counted down
}

// acrossColumns is the form with lanes on a parallel axis. The reduce axes come last, the parallel ones before them with the
// contiguous one at their end.
func acrossColumns(n *Nest) (*reducer, bool) {
	inner, ok := n.contiguousAxis()
	if !ok || !n.readable(inner) {
		return nil, false
	}
	if c, known := n.Axes[inner].Extent.Const(); known && c < 4 || !n.mostlyUnit(inner) {
		return nil, false
	}
	n = n.withLast(inner)
	p := n.Parallel()
	r := &reducer{mapper: &mapper{loops: newLoops(n), inner: p - 1, row: p - 2}, across: true}
	return r, r.takeLoops(p)
}

// alongRuns is the form with lanes on a reduce axis, which is put last.
func alongRuns(n *Nest) (*reducer, bool) {
	p, inner := n.Parallel(), -1
	for k := p; k < len(n.Axes); k++ {
		if n.readable(k) && n.mostlyUnit(k) {
			inner = k
		}
	}
	if inner < 0 || n.positions() || slices.ContainsFunc(n.Stores, func(s Store) bool { return s.storage().Size() != 4 }) {
		return nil, false
	}
	order := make([]int, 0, len(n.Axes))
	for k := range n.Axes {
		if k != inner {
			order = append(order, k)
		}
	}
	n = n.permuted(append(order, inner))
	r := &reducer{mapper: &mapper{loops: newLoops(n), inner: len(n.Axes) - 1, row: p - 1}}
	return r, r.takeLoops(p)
}

// takeLoops settles which reduce axes the assembly loops over, and that the nest has nothing that it cannot.
func (r *reducer) takeLoops(first int) bool {
	for k := first; k < len(r.nest.Axes); k++ {
		if k != r.inner {
			r.loops = append(r.loops, k)
		}
	}
	if r.across && !r.nest.positions() {
		for _, k := range r.loops {
			if r.nest.turnRound(k) {
				r.turned = append(r.turned, k)
			}
		}
	}
	if !r.across && slices.ContainsFunc(append([]int{r.inner}, r.loops...), r.nest.positioned) {
		return false
	}
	if len(r.loops) > maxReduceLoops || !r.nest.reducible() || !r.clippable() {
		return false
	}
	if r.nest.backOn(r.inner) || slices.ContainsFunc(r.loops, r.nest.backOn) {
		return false
	}
	if r.guarded() != nil || r.row >= 0 && r.nest.backOn(r.row) {
		r.row = -1 // the window is cut per position, which Go does
	}
	if r.across {
		r.vectors = r.inner + 1
	}
	r.declareAll()
	return true
}

// readable reports whether all loads can be read as vectors along an axis.
func (n *Nest) readable(axis int) bool {
	return !slices.ContainsFunc(n.Loads, func(r Ref) bool { return r.storage().Size() != 4 && !unit(r.Stride[axis]) })
}

// mostlyUnit reports whether no load lies apart along an axis and some load is contiguous.
func (n *Nest) mostlyUnit(axis int) bool {
	some := false
	for _, r := range n.Loads {
		if !unit(r.Stride[axis]) {
			return false
		}
		some = some || r.Stride[axis].IsConst(1)
	}
	return some
}

// reducible reports whether vector code has all instructions, and stores come after the reduction.
func (n *Nest) reducible() bool {
	for k := range n.Body {
		if !n.onLanes(k) {
			return false
		}
	}
	for i, r := range n.refs() {
		if _, ok := vecElems[r.storage()]; !ok || i >= len(n.Loads) && len(r.Checks) > 0 {
			return false
		}
	}
	return !slices.ContainsFunc(n.Stores, func(s Store) bool {
		return s.Accumulate || int(s.Value) < n.Split || !castable(n.Body[s.Value].Type, s.storage())
	})
}

// clippable reports whether guards can be met by shortening the reduce loops: guarded loads leave their operands at the same
// positions, where what is reduced changes no result, and each check moves along one reduce loop.
func (r *reducer) clippable() bool {
	first := r.guarded()
	if first == nil {
		return true
	}
	n := r.nest
	for i := range n.Loads {
		if x := &n.Loads[i]; len(x.Checks) > 0 && !x.leavesWith(first) {
			return false
		}
	}
	for _, a := range n.Accs {
		if x, known := n.outside(a.Value); !known || x != identities[a.Combine] {
			return false
		}
	}
	return !slices.ContainsFunc(first.Checks, func(c Check) bool { return c.apart() || r.checkLoop(&c) < 0 })
}

// guarded is the first guarded load, or nil.
func (r *reducer) guarded() *Ref {
	for i := range r.nest.Loads {
		if x := &r.nest.Loads[i]; len(x.Checks) > 0 {
			return x
		}
	}
	return nil
}

// leavesWith reports whether two loads leave their operands at the same positions.
func (r *Ref) leavesWith(x *Ref) bool {
	return slices.EqualFunc(r.Checks, x.Checks, func(a, b Check) bool {
		return !a.apart() && !b.apart() && a.Base.Equal(b.Base) && a.Extent.Equal(b.Extent) && slices.EqualFunc(a.Coef, b.Coef, dim.Expr.Equal)
	})
}

// outside is the value of an instruction where the guarded loads read outside of their operands, if it is known.
func (n *Nest) outside(k loop.Reg) (value float64, known bool) {
	switch in := n.Body[k]; in.Op {
	case loop.Const:
		return in.Imm, true
	case loop.Load:
		x := &n.Loads[n.Load[k]]
		return x.Fill, len(x.Checks) > 0
	case loop.Select:
		yes, knownYes := n.outside(in.Args[1])
		no, knownNo := n.outside(in.Args[2])
		return yes, knownYes && knownNo && yes == no
	}
	return 0, false
}

// checkLoop is the reduce loop that a check moves along, or -1 where it is not exactly one, or lanes are concerned.
func (r *reducer) checkLoop(c *Check) int {
	found := -1
	for k := r.firstReduce(); k < len(r.nest.Axes); k++ {
		if c.Coef[k].IsConst(0) {
			continue
		}
		if found >= 0 || k == r.inner || r.nest.Facts.Less(c.Coef[k], dim.Int(0)) {
			return -1
		}
		found = k
	}
	if r.across && !c.Coef[r.inner].IsConst(0) {
		return -1
	}
	return found
}

func (r *reducer) firstReduce() int { return r.nest.Parallel() }

// reduceStride reports whether a reference moves along a reduce loop.
func (r *reducer) reduceStride(x *Ref, k int) bool { return !x.Stride[k].IsConst(0) }

// intArgs adds the reduce loops to the arguments of the rows function. from is where a loop begins, "" for its start.
func (r *reducer) intArgs(c span, from, count func(k int) string) []intArg {
	list := r.mapper.intArgs(c)
	begin := "0"
	for _, k := range r.loops {
		if f := from(k); f != "" && r.nest.positions() {
			begin += " + " + f + "*" + r.weight(k)
		}
		if i := slices.IndexFunc(list, func(a intArg) bool { return a.name == "p"+r.axis[k] }); i >= 0 {
			list[i].value = cmp.Or(from(k), "0")
			if slices.Contains(r.turned, k) {
				list[i].value = r.extent(k) + "-1-" + list[i].value
			}
		}
		if r.nest.positions() {
			list = append(list, intArg{"w" + r.axis[k], r.weight(k)})
		}
		list = append(list, intArg{"n" + r.axis[k], count(k)})
		for i := range r.nest.Loads {
			if x := &r.nest.Loads[i]; r.reduceStride(x, k) {
				list = append(list, intArg{r.loopArg(x, k), r.stride(x, k)})
			}
		}
	}
	if r.nest.positions() {
		list = append(list, intArg{"flat", begin})
	}
	return list
}

// weight is the field of what a step along a reduce axis adds to the flat position: row-major, as Loops counts.
func (r *reducer) weight(k int) string {
	w := dim.Int(1)
	for i := k + 1; i < len(r.nest.Axes); i++ {
		w = w.Mul(r.nest.Axes[i].Extent)
	}
	return r.once("w"+r.axis[k], w)
}

// loopArg is the name of the argument that holds a load's stride along a reduce loop.
func (r *reducer) loopArg(x *Ref, k int) string { return "s" + r.axis[k] + r.slice(x) }

func (r *reducer) code(m *Maker) (*Code, bool) {
	p := m.pair(r.nest.structure("reduce", r.across, r.inner, r.row, r.loops, r.turned), r.function)
	if p == nil {
		return nil, false
	}
	fast, portable := p.fast, p.portable
	return r.assemble("reduce", fast, portable, r.driver()), true
}

// function builds the rows function for a target.
func (r *reducer) function(t *vec.Target) (*vec.Func, bool) {
	none := func(int) string { return "" }
	args := r.args(r.intArgs(span{}, none, none))
	unroll := 4
	if t.Lanes == 1 && r.across {
		unroll = 1
	}
	for ; unroll > 0; unroll /= 2 {
		e := &reduceEmitter{mapEmitter: &mapEmitter{mapper: r.mapper, b: vec.New(Placeholder+"_"+t.Name, t, args...)}, r: r, unroll: unroll}
		e.emit()
		if f, err := e.b.Build(); err == nil {
			return f, true
		}
	}
	return nil, false
}

// extent is the field of an axis' extent.
func (r *reducer) extent(k int) string { return r.once("n"+r.axis[k], r.nest.Axes[k].Extent) }

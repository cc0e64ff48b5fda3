package kernel

import (
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
	if len(n.Accs) == 0 || len(n.Axes) == 0 || slices.ContainsFunc(n.Accs, func(a loop.Acc) bool { return !vectorAcc(a) }) {
		return nil, false
	}
	if len(n.Axes) == n.Parallel() {
		return nil, false // every reduce axis has one position
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
}

// vectorAcc reports whether lanes can hold an accumulator.
func vectorAcc(a loop.Acc) bool {
	return a.Type == dtype.F32 && combineLanes[a.Combine] != nil
}

// reducer makes one reduce kernel. The embedded mapper's inner axis is the one that lanes lie on.
type reducer struct {
	*mapper
	across bool  // the inner axis is parallel: every lane has its own sum
	loops  []int // reduce axes that the assembly loops over, outermost first
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
	if inner < 0 || slices.ContainsFunc(n.Stores, func(s Store) bool { return s.storage().Size() != 4 }) {
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
	if len(r.loops) > maxReduceLoops || !r.nest.reducible() || !r.clippable() {
		return false
	}
	if r.nest.backOn(r.inner) || slices.ContainsFunc(r.loops, r.nest.backOn) {
		return false
	}
	if r.guards() || r.row >= 0 && r.nest.backOn(r.row) {
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
	for k := n.Parallel(); k < len(n.Axes); k++ {
		if n.positioned(k) {
			return false
		}
	}
	return !slices.ContainsFunc(n.Stores, func(s Store) bool {
		return s.Accumulate || int(s.Value) < n.Split || !castable(n.Body[s.Value].Type, s.storage())
	})
}

// guards reports whether some load is guarded.
func (r *reducer) guards() bool {
	return slices.ContainsFunc(r.nest.Loads, func(x Ref) bool { return len(x.Checks) > 0 })
}

// clippable reports whether guards can be met by shortening the reduce loops: there is one guarded load, it is what is
// reduced, its fill changes no result, and each check moves along one reduce loop.
func (r *reducer) clippable() bool {
	if !r.guards() {
		return true
	}
	n := r.nest
	if len(n.Accs) != 1 || n.Body[n.Accs[0].Value].Op != loop.Load {
		return false
	}
	x := &n.Loads[n.Load[n.Accs[0].Value]]
	if x.Fill != identities[n.Accs[0].Combine] || slices.ContainsFunc(n.Loads, func(y Ref) bool { return len(y.Checks) > 0 && &y.Checks[0] != &x.Checks[0] }) {
		return false
	}
	for _, c := range x.Checks {
		if c.apart() || r.checkLoop(&c) < 0 {
			return false
		}
	}
	return true
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

// intArgs adds the reduce loops to the arguments of the rows function.
func (r *reducer) intArgs(c span, count func(k int) string) []intArg {
	list := r.mapper.intArgs(c)
	for _, k := range r.loops {
		list = append(list, intArg{"n" + r.axis[k], count(k)})
		for i := range r.nest.Loads {
			if x := &r.nest.Loads[i]; r.reduceStride(x, k) {
				list = append(list, intArg{r.loopArg(x, k), r.stride(x, k)})
			}
		}
	}
	return list
}

// loopArg is the name of the argument that holds a load's stride along a reduce loop.
func (r *reducer) loopArg(x *Ref, k int) string { return "s" + r.axis[k] + r.slice(x) }

func (r *reducer) code(m *Maker) (*Code, bool) {
	p := m.pair(r.nest.structure("reduce", r.across, r.inner, r.row, r.loops), r.function)
	if p == nil {
		return nil, false
	}
	fast, portable := p.fast, p.portable
	return r.assemble("reduce", fast, portable, r.driver()), true
}

// function builds the rows function for a target.
func (r *reducer) function(t *vec.Target) (*vec.Func, bool) {
	args := r.args(r.intArgs(span{}, func(int) string { return "" }))
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

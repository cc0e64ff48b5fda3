package layout

import (
	"slices"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
	"mmc/ir/plan"
)

// panelWidth is the number of columns that a matrix kernel computes at once, and the width of packed panels.
const panelWidth = 32

// product turns the step of a sum of products into a matrix kernel call where its operands can be had in a form that the
// kernel reads: rows of A contiguous along K or along M, columns of B and of the result contiguous along N. Weights are
// packed at load, other operands are copied where they do not fit. Otherwise the step keeps its general template.
func (l *layouter) product(group *plan.Group, nest *loop.Nest, step *plan.Step) {
	p, ok := loop.MatchProduct(nest)
	if !ok || len(p.K) == 0 || len(nest.Stores) != 1 || !l.single(step) {
		return
	}
	c := &call{l: l, group: group, nest: step.Nest, step: step, p: p}
	if !c.columns() {
		return
	}
	c.operandA()
	c.forwards()
	c.sortK()
	c.operandB()
	step.Template, step.Product = plan.Gemm, p
}

// single reports whether the step's operands are all f32, which the matrix kernels compute in.
func (l *layouter) single(step *plan.Step) bool {
	for _, views := range [][]plan.View{step.In, step.Out} {
		for _, v := range views {
			if v.Buf.DType != dtype.F32 {
				return false
			}
		}
	}
	return true
}

// call is one product on its way to a kernel.
type call struct {
	l     *layouter
	group *plan.Group
	nest  *loop.Nest
	step  *plan.Step
	p     *loop.Product
}

// columns settles which operand gives the columns: the one whose free axis is contiguous in the result. The innermost
// such axis is put last.
func (c *call) columns() bool {
	if i := c.contiguous(c.p.N); i >= 0 {
		c.p.N = moveLast(c.p.N, i)
		c.sortBy(c.p.N, c.storeStride)
		return true
	}
	if i := c.contiguous(c.p.M); i >= 0 && len(c.p.M) > 0 {
		c.p.Swap()
		c.p.N = moveLast(c.p.N, i)
		c.sortBy(c.p.N, c.storeStride)
		return true
	}
	return false
}

// contiguous returns the position in axes of the one along which the result is contiguous, or -1.
func (c *call) contiguous(axes []int) int {
	return slices.IndexFunc(axes, func(a int) bool { return c.storeStride(a).IsConst(1) && !c.nest.Axes[a].Extent.IsConst(1) })
}

func moveLast(axes []int, i int) []int {
	out := append(slices.Clone(axes[:i]), axes[i+1:]...)
	return append(out, axes[i])
}

func (c *call) storeStride(axis int) dim.Expr {
	return stride(c.nest.Stores[0].Index, c.step.Out[0], axis)
}

func (c *call) loadStride(r loop.Reg, axis int) dim.Expr {
	a := c.nest.Body[r].Access
	return stride(a.Index, c.step.In[a.Arg], axis)
}

// stride is how many elements the address moves per step of an axis.
func stride(index []loop.Index, view plan.View, axis int) dim.Expr {
	sum := dim.Int(0)
	for d, x := range index {
		for _, t := range x.Terms {
			if t.Axis == axis {
				sum = sum.Add(t.Coef.Mul(view.Strides[d]))
			}
		}
	}
	return sum
}

// operandA makes A readable: bordered where the product reads padding, and contiguous along one of its axes.
func (c *call) operandA() {
	a := c.nest.Body[c.p.A].Access
	v := c.group.In[c.originalArg(c.p.A)]
	if a.Guard && a.Fill == 0 {
		c.step.In[a.Arg] = c.l.framedView(v)
		c.unguard(c.p.A)
	}
	c.sortBy(c.p.M, func(axis int) dim.Expr { return c.loadStride(c.p.A, axis) })
	unit := func(axes []int) bool {
		return slices.ContainsFunc(axes, func(x int) bool { return c.loadStride(c.p.A, x).IsConst(1) })
	}
	if unit(c.p.K) || unit(c.p.M) || c.step.In[a.Arg].Panel != nil {
		return
	}
	axes := slices.Concat(c.p.Batch, c.p.M, c.p.K)
	c.replace(c.p.A, axes, c.gather(c.p.A, axes, nil, "rows contiguous for the matrix kernel"))
}

// forwards lets every reduce axis walk A towards higher addresses, as the kernels do: the taps of an adjoint convolution come
// the other way round. B is packed, or read, in the order that follows.
func (c *call) forwards() {
	for _, axis := range c.p.K {
		if c.l.facts.Less(c.loadStride(c.p.A, axis), dim.Int(0)) {
			c.nest.Flip(axis)
		}
	}
}

// sortK orders the reduce axes as A lies in memory, innermost last, so that they fuse into long runs.
func (c *call) sortK() {
	c.sortBy(c.p.K, func(axis int) dim.Expr { return c.loadStride(c.p.A, axis) })
}

// operandB makes B readable: weights packed into panels at load, anything else in place or packed before the call.
func (c *call) operandB() {
	b := c.nest.Body[c.p.B].Access
	v := c.group.In[c.originalArg(c.p.B)]
	columns := c.p.N[len(c.p.N)-1]
	axes := slices.Concat(c.p.Batch, c.p.N[:len(c.p.N)-1], c.p.K, []int{columns})
	switch {
	case c.l.isPrepared(v):
		c.replace(c.p.B, axes, c.l.demandPacked(v, c.axesOf(axes), c.renumbered(c.p.B, axes)))
	case b.Guard && c.l.border[v] != nil:
		c.step.In[b.Arg] = c.l.framedView(v)
		c.unguard(c.p.B)
		if c.loadStride(c.p.B, columns).IsConst(1) {
			return
		}
		fallthrough
	case b.Guard || !c.loadStride(c.p.B, columns).IsConst(1):
		c.replace(c.p.B, axes, c.gather(c.p.B, axes, &plan.Panel{Axis: len(axes) - 1, Width: panelWidth}, "columns packed for the matrix kernel"))
	}
}

// originalArg is the group's number of the operand that load r reads.
func (c *call) originalArg(r loop.Reg) int {
	original := c.group.Nests[slices.IndexFunc(c.group.Nests, func(n *loop.Nest) bool { return len(n.Body) == len(c.nest.Body) && &n.Axes[0] == &c.nest.Axes[0] })]
	return original.Body[r].Access.Arg
}

func (c *call) unguard(r loop.Reg) {
	access := *c.nest.Body[r].Access
	access.Guard = false
	c.nest.Body[r].Access = &access
}

// sortBy orders axes by falling stride; strides that cannot be compared keep their order.
func (c *call) sortBy(axes []int, stride func(int) dim.Expr) {
	slices.SortStableFunc(axes, func(x, y int) int {
		a, b := stride(x), stride(y)
		switch {
		case a.Equal(b):
			return 0
		case c.l.larger(a, b):
			return -1
		case c.l.larger(b, a):
			return 1
		}
		return 0
	})
}

// larger compares strides. Those of one buffer are multiples of each other, which is quickly seen.
func (l *layouter) larger(a, b dim.Expr) bool {
	if _, multiple := dim.DivExact(a, b); multiple {
		return true
	}
	if _, multiple := dim.DivExact(b, a); multiple {
		return false
	}
	return l.facts.AtMost(b, a)
}

func (c *call) axesOf(axes []int) []loop.Axis {
	out := make([]loop.Axis, len(axes))
	for i, a := range axes {
		out[i] = loop.Axis{Name: c.nest.Axes[a].Name, Extent: c.nest.Axes[a].Extent}
	}
	return out
}

// renumbered is load r's access in terms of a copying nest over the given axes.
func (c *call) renumbered(r loop.Reg, axes []int) loop.Access {
	access := *c.nest.Body[r].Access
	access.Arg = 0
	index := make([]loop.Index, len(access.Index))
	for i, x := range access.Index {
		index[i] = loop.Index{Off: x.Off, Via: loop.NoReg}
		for _, t := range x.Terms {
			index[i].Terms = append(index[i].Terms, loop.Term{Axis: slices.Index(axes, t.Axis), Coef: t.Coef})
		}
	}
	access.Index = index
	return access
}

// gather appends a copy of what load r reads, over the given axes, dense or in panels.
func (c *call) gather(r loop.Reg, axes []int, panel *plan.Panel, why string) plan.View {
	access := c.renumbered(r, axes)
	from := c.l.real(c.step.In[c.nest.Body[r].Access.Arg])
	over := c.axesOf(axes)
	to := c.l.packed(from.Buf.Name+" (packed)", from, over, panel, plan.ArenaSpace)
	c.l.prog.Steps = append(c.l.prog.Steps, &plan.Step{
		Nest: GatherNest(over, access, from.Buf.DType), In: []plan.View{from}, Out: []plan.View{to},
		Template: plan.Copy, Name: "pack " + from.Buf.Name, Pos: c.step.Pos, Why: why,
	})
	return to
}

// replace lets load r read view, whose axes are the nest's axes in the given order.
func (c *call) replace(r loop.Reg, axes []int, view plan.View) {
	access := &loop.Access{Arg: len(c.step.In)}
	for _, a := range axes {
		access.Index = append(access.Index, loop.Index{Terms: []loop.Term{{Axis: a, Coef: dim.Int(1)}}, Via: loop.NoReg})
	}
	old := c.nest.Body[r].Access.Arg
	c.nest.Body[r].Access = access
	c.step.In = append(c.step.In, view)
	c.dropUnused(old)
}

// dropUnused removes operand k of the step if nothing reads it any more.
func (c *call) dropUnused(k int) {
	for _, in := range c.nest.Body {
		if in.Op == loop.Load && in.Access.Arg == k {
			return
		}
	}
	c.step.In = slices.Delete(c.step.In, k, k+1)
	for i, in := range c.nest.Body {
		if in.Op == loop.Load && in.Access.Arg > k {
			access := *in.Access
			access.Arg--
			c.nest.Body[i].Access = &access
		}
	}
}

// packed makes a buffer over axes: dense row-major, or with the last axis in panels.
func (l *layouter) packed(name string, from plan.View, axes []loop.Axis, panel *plan.Panel, space plan.Space) plan.View {
	shape := make([]dim.Expr, len(axes))
	for i, a := range axes {
		shape[i] = a.Extent
	}
	if panel == nil {
		return rowMajor(l.buffer(name, from.Buf.DType, size(shape, nil), space), shape)
	}
	view, elements := panels(shape, panel)
	view.Buf = l.buffer(name, from.Buf.DType, elements, space)
	return view
}

// panels lays the last axis of shape out in panels: [outer…][panel][inner…][Width], where the inner axes are all the
// others. It returns the view without its buffer and the number of elements.
func panels(shape []dim.Expr, panel *plan.Panel) (plan.View, dim.Expr) {
	last := len(shape) - 1
	view := plan.View{Strides: make([]dim.Expr, len(shape)), Shape: shape}
	stride := dim.Int(panel.Width)
	for i := last - 1; i >= 0; i-- {
		view.Strides[i] = stride
		stride = stride.Mul(shape[i])
	}
	view.Strides[last] = dim.Int(1)
	view.Panel = &plan.Panel{Axis: last, Width: panel.Width, Stride: stride}
	return view, stride.Mul(shape[last].CeilDiv(dim.Int(panel.Width)))
}

// isPrepared reports whether v is known at load.
func (l *layouter) isPrepared(v *ir.Value) bool {
	a := l.args[v]
	return l.prep != nil && a != nil && a.Role == ir.Prepared
}

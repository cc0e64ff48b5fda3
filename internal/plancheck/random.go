package plancheck

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/op"
)

// Random makes a module of one graph with so many random steps over tensors of symbolic sizes N, H and W, sometimes one
// that trains. Values stay bounded, so that results can be compared.
func Random(rng *rand.Rand, steps int) *ir.Module {
	g := &ir.Graph{Name: "g", Facts: new(dim.Facts)}
	r := &random{Builder: ir.NewBuilder(g), rng: rng, g: g, m: &ir.Module{Name: "Random", Graphs: []*ir.Graph{g}}}
	if rng.IntN(2) == 0 { // room for kernels without padding
		r.bound("H")
		r.bound("W")
	}
	r.input(dtype.F32, dim.Sym("N"), dim.Int(2), dim.Sym("H"), dim.Sym("W"))
	r.input(dtype.F32, dim.Sym("N"), dim.Int(6))
	for range steps {
		r.step()
	}
	r.results()
	if rng.IntN(3) == 0 {
		r.train()
	}
	return r.m
}

type random struct {
	*ir.Builder
	rng    *rand.Rand
	g      *ir.Graph
	m      *ir.Module
	pool   []*ir.Value // all floats
	params []*ir.Value
}

// bound lets a size be four at least.
func (r *random) bound(sym string) {
	if err := r.g.Facts.Bound(sym, 4, 100); err != nil {
		panic(err) // nothing else is known of it
	}
}

// proper reports whether no size of v can be below zero, which gradients take for granted.
func (r *random) proper(v *ir.Value) bool {
	return !slices.ContainsFunc(v.Type.Shape, func(d dim.Expr) bool { return !r.Facts.NonNegative(d) })
}

func (r *random) make() op.Make { return op.On(r.Builder) }

func (r *random) input(t dtype.DType, shape ...dim.Expr) *ir.Value {
	v := &ir.Value{Type: ir.Type{DType: t, Shape: shape}}
	r.g.Args = append(r.g.Args, &ir.Arg{Name: fmt.Sprintf("x%d", len(r.g.Args)), Value: v})
	if t == dtype.F32 {
		r.pool = append(r.pool, v)
	}
	return v
}

func (r *random) param(shape ...dim.Expr) *ir.Value { return r.cell(ir.ParamCell, shape) }

func (r *random) cell(kind ir.CellKind, shape []dim.Expr) *ir.Value {
	name := fmt.Sprintf("c%d", len(r.g.Args))
	v := &ir.Value{Type: ir.Type{DType: dtype.F32, Shape: shape}, Name: name}
	c := &ir.Cell{Name: name, Kind: kind, Type: v.Type}
	r.m.Cells = append(r.m.Cells, c)
	r.g.Args = append(r.g.Args, &ir.Arg{Name: name, Role: ir.CellOf, Cell: c, Value: v})
	if kind == ir.ParamCell {
		r.params = append(r.params, v)
	}
	return v
}

// pick draws a value, late ones more often.
func (r *random) pick() *ir.Value {
	n := len(r.pool)
	return r.pool[max(r.rng.IntN(n), r.rng.IntN(n))]
}

// pickRank draws a value of a rank, or nil.
func (r *random) pickRank(rank int) *ir.Value {
	for range 8 {
		if v := r.pick(); v.Type.Rank() == rank {
			return v
		}
	}
	return nil
}

// moves are the ways to make a value of others; nil means that it did not work out this time.
var moves = []func(r *random) *ir.Value{
	(*random).unary, (*random).unary, (*random).binary, (*random).binary, (*random).binary, (*random).relu, (*random).masked,
	(*random).conv, (*random).conv, (*random).conv, (*random).transposedConv, (*random).pool2, (*random).pool2,
	(*random).concat, (*random).concat, (*random).slice, (*random).pad, (*random).transpose, (*random).reshape, (*random).reshape,
	(*random).reduce, (*random).reduce, (*random).softmax, (*random).bias, (*random).dot, (*random).dot, (*random).linear, (*random).gather,
	(*random).reverse, (*random).normalise, (*random).state, (*random).literal, (*random).position,
}

func (r *random) step() {
	before := len(r.g.Nodes)
	v := moves[r.rng.IntN(len(moves))](r)
	if v == nil || slices.ContainsFunc(r.g.Nodes[before:], func(n *ir.Node) bool { return !r.proper(n.Result()) }) {
		r.g.Nodes = r.g.Nodes[:before]
		return
	}
	if v.Type.DType != dtype.F32 {
		v = r.make().Cast(v, dtype.F32)
	}
	r.pool = append(r.pool, v)
}

// try appends a node if its operands fit.
func (r *random) try(o *ir.Op, attrs ir.Attrs, args ...*ir.Value) *ir.Value {
	if slices.Contains(args, nil) {
		return nil
	}
	out, err := r.Try(o, attrs, args...)
	if err != nil {
		return nil
	}
	return out[0]
}

func (r *random) unary() *ir.Value {
	ops := []*ir.Op{op.Tanh, op.Sigmoid, op.Neg, op.Abs, op.Sin, op.Tanh}
	return r.try(ops[r.rng.IntN(len(ops))], nil, r.pick())
}

// sameShape draws a value of v's shape.
func (r *random) sameShape(v *ir.Value) *ir.Value {
	for range 12 {
		if w := r.pick(); w.Type.Equal(v.Type, r.Facts) {
			return w
		}
	}
	return v
}

func (r *random) binary() *ir.Value {
	ops := []*ir.Op{op.Add, op.Sub, op.Max, op.Min, op.Mul}
	x := r.pick()
	return r.try(op.Tanh, nil, r.try(ops[r.rng.IntN(len(ops))], nil, x, r.sameShape(x)))
}

func (r *random) relu() *ir.Value {
	x := r.pick()
	return r.make().Op(op.Max, nil, x, r.make().Like(0, x))
}

func (r *random) masked() *ir.Value {
	x := r.pick()
	y, m := r.sameShape(x), r.make()
	return m.Select(m.Gt(x, m.Zeros(x)), y, m.Times(y, 0.5))
}

func ints(n int64, rank int) []int64 {
	return slices.Repeat([]int64{n}, rank)
}

func exprs(n int64, rank int) []dim.Expr {
	return slices.Repeat([]dim.Expr{dim.Int(n)}, rank)
}

// geometry draws strides, paddings and dilations of two axes.
func (r *random) geometry(kernel int64) ir.Attrs {
	return ir.Attrs{"stride": ints(1+r.rng.Int64N(2), 2), "dilation": ints(1+r.rng.Int64N(8)/7, 2),
		"pad_low": exprs(r.rng.Int64N(kernel), 2), "pad_high": exprs(r.rng.Int64N(kernel), 2)}
}

// weight is a parameter, or sometimes a value that comes with the call.
func (r *random) weight(shape ...dim.Expr) *ir.Value {
	if r.rng.IntN(4) == 0 {
		return r.input(dtype.F32, shape...)
	}
	return r.param(shape...)
}

func (r *random) conv() *ir.Value {
	x := r.pickRank(4)
	if x == nil {
		return nil
	}
	channels, known := x.Type.Shape[1].Const()
	if !known || channels < 1 || channels > 12 {
		return nil
	}
	groups := int64(1)
	if r.rng.IntN(4) == 0 {
		groups = channels
	}
	k := 1 + 2*r.rng.Int64N(2)
	attrs := r.geometry(k)
	attrs["groups"] = groups
	w := r.weight(dim.Int(groups*(1+r.rng.Int64N(4))), dim.Int(channels/groups), dim.Int(k), dim.Int(k))
	y := r.try(op.Conv, attrs, x, w)
	if y != nil && r.rng.IntN(2) == 0 {
		y = r.biased(y, 1)
	}
	if y == nil {
		return nil
	}
	return r.try(op.Tanh, nil, y)
}

func (r *random) transposedConv() *ir.Value {
	x := r.pickRank(4)
	if x == nil {
		return nil
	}
	attrs := ir.Attrs{"stride": ints(2, 2), "pad_low": exprs(1, 2), "pad_high": exprs(0, 2), "dilation": ints(1, 2),
		"sizes": []dim.Expr{x.Type.Shape[2].Mul(dim.Int(2)), x.Type.Shape[3].Mul(dim.Int(2))}}
	w := r.weight(x.Type.Shape[1], dim.Int(1+r.rng.Int64N(3)), dim.Int(3), dim.Int(3))
	if _, known := x.Type.Shape[1].Const(); !known {
		return nil
	}
	return r.try(op.Tanh, nil, r.try(op.ConvInputGrad, attrs, x, w))
}

func (r *random) pool2() *ir.Value {
	ops := []*ir.Op{op.WindowMax, op.WindowMax, op.WindowSum, op.WindowArgMax}
	k := 1 + r.rng.Int64N(3)
	attrs := r.geometry(k)
	attrs["kernel"] = ints(k, 2)
	x := r.pickRank(4)
	y := r.try(ops[r.rng.IntN(len(ops))], attrs, x)
	if y != nil && y.Node.Op == op.WindowMax && r.rng.IntN(3) == 0 {
		taps := r.try(op.WindowArgMax, attrs, x)
		y = r.make().Add(y, r.try(op.WindowPick, attrs, x, taps))
	}
	if y == nil || y.Type.DType != dtype.F32 {
		return y
	}
	return r.try(op.Tanh, nil, y)
}

func (r *random) concat() *ir.Value {
	x := r.pick()
	if x.Type.Rank() == 0 {
		return nil
	}
	axis := r.rng.IntN(x.Type.Rank())
	if r.rng.IntN(2) == 0 {
		axis = min(1, x.Type.Rank()-1)
	}
	list := []*ir.Value{x}
	for range 1 + r.rng.IntN(2) {
		y := r.sameShape(x)
		for range 6 {
			if z := r.pick(); r.fits(x, z, axis) {
				y = z
			}
		}
		list = append(list, y)
	}
	return r.try(op.Concat, ir.Attrs{"axis": axis}, list...)
}

func (r *random) fits(x, y *ir.Value, axis int) bool {
	if x.Type.Rank() != y.Type.Rank() {
		return false
	}
	for i, d := range x.Type.Shape {
		if i != axis && !d.Equal(y.Type.Shape[i]) {
			return false
		}
	}
	return true
}

func (r *random) slice() *ir.Value {
	x := r.pick()
	rank := x.Type.Rank()
	if rank == 0 {
		return nil
	}
	starts, sizes, steps := exprs(0, rank), slices.Clone(x.Type.Shape), ints(1, rank)
	axis := r.rng.IntN(rank)
	if !r.Facts.Positive(x.Type.Shape[axis]) {
		return nil
	}
	switch r.rng.IntN(3) {
	case 0:
		sizes[axis] = dim.Int(1)
	case 1:
		steps[axis], sizes[axis] = 2, x.Type.Shape[axis].CeilDiv(dim.Int(2))
	case 2:
		starts[axis], sizes[axis] = dim.Int(1), x.Type.Shape[axis].Sub(dim.Int(1))
	}
	return r.try(op.Slice, ir.Attrs{"starts": starts, "sizes": sizes, "steps": steps}, x)
}

func (r *random) pad() *ir.Value {
	x := r.pick()
	low, high := exprs(0, x.Type.Rank()), exprs(0, x.Type.Rank())
	for i := range low {
		low[i], high[i] = dim.Int(r.rng.Int64N(2)), dim.Int(r.rng.Int64N(2))
	}
	return r.try(op.Pad, ir.Attrs{"low": low, "high": high, "value": float64(r.rng.IntN(4) / 3)}, x)
}

func (r *random) transpose() *ir.Value {
	x := r.pick()
	perm := make([]int64, x.Type.Rank())
	for i, p := range r.rng.Perm(len(perm)) {
		perm[i] = int64(p)
	}
	return r.try(op.Transpose, ir.Attrs{"perm": perm}, x)
}

// reshape joins two neighbouring axes, splits a constant one, or adds an axis of one.
func (r *random) reshape() *ir.Value {
	x := r.pick()
	shape := slices.Clone(x.Type.Shape)
	if len(shape) == 0 {
		return r.make().Reshape(x, exprs(1, 1))
	}
	i := r.rng.IntN(len(shape))
	switch c, known := shape[i].Const(); {
	case known && c > 1 && c%2 == 0 && len(shape) < 5:
		shape = slices.Insert(shape, i, dim.Int(2))
		shape[i+1] = dim.Int(c / 2)
	case i+1 < len(shape) && r.rng.IntN(3) > 0:
		shape[i] = shape[i].Mul(shape[i+1])
		shape = slices.Delete(shape, i+1, i+2)
	case len(shape) < 5:
		shape = slices.Insert(shape, i, dim.Int(1))
	}
	return r.make().Reshape(x, shape)
}

func (r *random) axes(x *ir.Value) []int64 {
	var out []int64
	for i := range x.Type.Rank() {
		if r.rng.IntN(2) == 0 {
			out = append(out, int64(i))
		}
	}
	return out
}

func (r *random) reduce() *ir.Value {
	x := r.pick()
	axes := r.axes(x)
	if len(axes) == 0 {
		return nil
	}
	ops := []*ir.Op{op.Sum, op.Sum, op.AMax, op.AMin}
	m := r.make()
	if r.rng.IntN(3) == 0 { // siblings: two sums of one operand
		return r.try(op.Tanh, nil, m.Add(m.Sum(x, axes, true), m.Sum(m.Mul(x, r.sameShape(x)), axes, true)))
	}
	y := r.try(ops[r.rng.IntN(len(ops))], ir.Attrs{"axes": axes, "keep": r.rng.IntN(2) == 0}, x)
	return r.try(op.Sigmoid, nil, y)
}

func (r *random) softmax() *ir.Value {
	x := r.pick()
	if x.Type.Rank() == 0 {
		return nil
	}
	m, axes := r.make(), []int64{int64(r.rng.IntN(x.Type.Rank()))}
	top := m.Op(op.AMax, ir.Attrs{"axes": axes, "keep": true}, x)
	e := m.Exp(m.Sub(x, m.Broadcast(top, x.Type.Shape)))
	return m.Div(e, m.Broadcast(m.Sum(e, axes, true), x.Type.Shape))
}

// biased adds a parameter that varies along one axis.
func (r *random) biased(x *ir.Value, axis int) *ir.Value {
	m := r.make()
	shape := exprs(1, x.Type.Rank()-axis)
	shape[0] = x.Type.Shape[axis]
	if _, known := shape[0].Const(); !known {
		return nil
	}
	return m.Add(x, m.Broadcast(m.Reshape(r.param(x.Type.Shape[axis]), shape), x.Type.Shape))
}

func (r *random) bias() *ir.Value {
	x := r.pick()
	if x.Type.Rank() == 0 {
		return nil
	}
	return r.biased(x, r.rng.IntN(x.Type.Rank()))
}

func (r *random) dot() *ir.Value {
	x := r.pick()
	spec := map[int]string{2: "a k, b k -> a b", 3: "n a k, n b k -> n a b", 4: "n a b k, n c b k -> n b a c"}[x.Type.Rank()]
	return r.try(op.Tanh, nil, r.try(op.Dot, ir.Attrs{"spec": spec}, x, r.sameShape(x)))
}

func (r *random) linear() *ir.Value {
	x := r.pick()
	rank := x.Type.Rank()
	specs := map[int][]string{
		2: {"n i, o i -> n o", "n i, i o -> n o", "i n, o i -> n o"}, 3: {"m n i, o i -> m n o"}, 4: {"n c h w, o c -> n o h w"},
	}[rank]
	if len(specs) == 0 {
		return nil
	}
	spec := specs[r.rng.IntN(len(specs))]
	axis := rank - 1
	if rank == 4 {
		axis = 1
	} else if spec[0] == 'i' {
		axis = 0
	}
	in := x.Type.Shape[axis]
	if c, known := in.Const(); !known || c == 0 || c > 24 {
		return nil
	}
	out := dim.Int(1 + r.rng.Int64N(5))
	w := []dim.Expr{out, in}
	if spec == "n i, i o -> n o" {
		w = []dim.Expr{in, out}
	}
	return r.try(op.Tanh, nil, r.try(op.Dot, ir.Attrs{"spec": spec}, x, r.weight(w...)))
}

func (r *random) gather() *ir.Value {
	x := r.pick()
	if x.Type.Rank() == 0 {
		return nil
	}
	if c, known := x.Type.Shape[0].Const(); !known || c < 2 {
		return nil
	}
	return r.try(op.Gather, nil, x, r.input(dtype.I32, dim.Sym("N"), dim.Int(2)))
}

func (r *random) reverse() *ir.Value {
	x := r.pick()
	return r.try(op.Reverse, ir.Attrs{"axes": r.axes(x)}, x)
}

// normalise is what batch normalisation does in training.
func (r *random) normalise() *ir.Value {
	x := r.pickRank(4)
	if x == nil {
		return nil
	}
	m, axes := r.make(), []int64{0, 2, 3}
	mean := m.Broadcast(m.Times(m.Sum(x, axes, true), 0.25), x.Type.Shape)
	centred := m.Sub(x, mean)
	v := m.Add(m.Sum(m.Square(centred), axes, true), m.Like(1, m.Sum(x, axes, true)))
	return m.Mul(centred, m.Broadcast(m.Op(op.Rsqrt, nil, v), x.Type.Shape))
}

// state moves a cell of the caller towards a value.
func (r *random) state() *ir.Value {
	x, m := r.pick(), r.make()
	h := r.cell(ir.InOutCell, x.Type.Shape)
	next := m.Add(m.Times(h, 0.5), x)
	switch r.rng.IntN(4) {
	case 0:
		next = x
	case 1:
		next = m.Add(next, m.Op(op.Reverse, ir.Attrs{"axes": r.axes(x)}, h))
	}
	c := r.g.Args[len(r.g.Args)-1].Cell
	r.g.Results = append(r.g.Results, &ir.Result{Name: c.Name, Role: ir.CellOf, Cell: c, Value: next})
	if r.rng.IntN(2) == 0 {
		return h
	}
	return next
}

func (r *random) literal() *ir.Value {
	x := r.pick()
	rank := x.Type.Rank()
	if rank == 0 {
		return nil
	}
	n, known := x.Type.Shape[rank-1].Const()
	if !known || n < 1 || n > 20 {
		return nil
	}
	data := make([]float64, n)
	for i := range data {
		data[i] = float64(i) / 8
	}
	v := r.try(op.Literal, ir.Attrs{"data": data, "shape": []int64{n}, "dtype": dtype.F32})
	return r.make().Add(x, r.make().Broadcast(v, x.Type.Shape))
}

func (r *random) position() *ir.Value {
	x := r.pick()
	rank := x.Type.Rank()
	if rank == 0 {
		return nil
	}
	i := r.try(op.Iota, ir.Attrs{"n": x.Type.Shape[rank-1], "dtype": dtype.F32})
	return r.try(op.Sin, nil, r.make().Add(x, r.make().Broadcast(i, x.Type.Shape)))
}

// results hands out the last values and some others.
func (r *random) results() {
	for i, v := range r.pool {
		if i >= len(r.pool)-2 || r.rng.IntN(6) == 0 {
			r.g.Results = append(r.g.Results, &ir.Result{Name: fmt.Sprintf("y%d", i), Value: v})
		}
	}
}

// train adds a step of descent on all parameters: plain, or with two slots each.
func (r *random) train() {
	if len(r.params) == 0 {
		return
	}
	m := r.make()
	r.g.Train = true
	v := r.pool[len(r.pool)-1]
	all := make([]int64, v.Type.Rank())
	for i := range all {
		all[i] = int64(i)
	}
	loss := m.Sum(m.Mul(v, v), all, false)
	r.g.Results = append(r.g.Results, &ir.Result{Name: "loss", Role: ir.Loss, Value: loss})
	grads := r.Ops(op.Grad, nil, append([]*ir.Value{loss}, r.params...)...)
	slots := r.rng.IntN(2) == 0
	params := slices.Clone(r.params)
	for i, p := range params {
		next := m.Sub(p, m.Times(grads[i], 0.01))
		if slots {
			next = r.scaledStep(p, grads[i])
		}
		r.update(p, next)
	}
}

func (r *random) scaledStep(p, g *ir.Value) *ir.Value {
	m := r.make()
	mean, square := r.cell(ir.SlotCell, p.Type.Shape), r.cell(ir.SlotCell, p.Type.Shape)
	mean2 := m.Add(m.Times(mean, 0.9), m.Times(g, 0.1))
	square2 := m.Add(m.Times(m.Square(square), 0.99), m.Times(m.Square(g), 0.01))
	r.update(mean, mean2)
	r.update(square, square2)
	return m.Sub(p, m.Div(mean2, m.Add(m.Sqrt(square2), m.Like(0.001, p))))
}

func (r *random) update(cell, next *ir.Value) {
	for _, a := range r.g.Args {
		if a.Value == cell {
			r.g.Results = append(r.g.Results, &ir.Result{Name: a.Name, Role: ir.CellOf, Cell: a.Cell, Value: next})
		}
	}
}

package op

import (
	"fmt"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/loop"
)

// channels counts the channels of a tensor group by group.
type channels struct{ group loop.Index }

// group adds the axis of the groups, where there are several.
func (v convolution) group(k *nest) channels {
	if v.groups == 1 {
		return channels{fixed(zero)}
	}
	return channels{k.axis("g", konst(v.groups))}
}

// of is the channel of the tensor that is number c in the group, of per channels.
func (g channels) of(c loop.Index, per dim.Expr) loop.Index { return plus(scale(g.group, per), c) }

func lowerConv(n *ir.Node) []*loop.Nest {
	x, w := n.Args[0], n.Args[1]
	v, k := convOf(n, x.Type, w.Type, n.Result().Type), newNest()
	batch, groups := k.axis("n", v.n), v.group(k)
	o := k.axis("o", v.perOut)
	at := k.spatial("p", v.out, (*nest).axis)
	c := k.reduce("c", v.perIn)
	taps := k.spatial("k", v.kernel, (*nest).reduce)
	a := k.guarded(v.guard(), 0, 0, x, index(batch, groups.of(c, v.perIn), v.source(at, taps))...)
	b := k.load(1, w, index(groups.of(o, v.perOut), c, taps)...)
	return k.store(0, k.sumOfProducts(a, b), index(batch, groups.of(o, v.perOut), at)...)
}

func lowerConvInputGrad(n *ir.Node) []*loop.Nest {
	dy, w := n.Args[0], n.Args[1]
	v := convOf(n, n.Result().Type, w.Type, dy.Type)
	head := func(k *nest, ps []phase) (batch, c loop.Index, groups channels, q []loop.Index) {
		batch, groups = k.axis("n", v.n), v.group(k)
		c = k.axis("c", v.perIn)
		return batch, c, groups, k.phaseAxes(ps)
	}
	return v.adjoint(v.in, func(k *nest, ps []phase) {
		batch, c, groups, q := head(k, ps)
		o := k.reduce("o", v.perOut)
		t := k.tapAxes(ps)
		a := k.guarded(!v.always(), 0, 0, dy, index(batch, groups.of(o, v.perOut), outputs(ps, q, t))...)
		b := k.load(1, w, index(groups.of(o, v.perOut), c, tapNumbers(ps, t))...)
		k.store(0, k.sumOfProducts(a, b), index(batch, groups.of(c, v.perIn), images(ps, q))...)
	}, func(k *nest, ps []phase) {
		batch, c, groups, q := head(k, ps)
		k.store(0, k.constant(0, computed(dy.Type.DType)), index(batch, groups.of(c, v.perIn), images(ps, q))...)
	})
}

func lowerConvWeightGrad(n *ir.Node) []*loop.Nest {
	x, dy := n.Args[0], n.Args[1]
	v, k := convOf(n, x.Type, n.Result().Type, dy.Type), newNest()
	groups := v.group(k)
	o, c := k.axis("o", v.perOut), k.axis("c", v.perIn)
	taps := k.spatial("k", v.kernel, (*nest).axis)
	batch := k.reduce("n", v.n)
	at := k.spatial("p", v.out, (*nest).reduce)
	a := k.guarded(v.guard(), 0, 0, x, index(batch, groups.of(c, v.perIn), v.source(at, taps))...)
	b := k.load(1, dy, index(batch, groups.of(o, v.perOut), at)...)
	return k.store(0, k.sumOfProducts(a, b), index(groups.of(o, v.perOut), c, taps)...)
}

// index joins two leading indices and the spatial ones.
func index(a, b loop.Index, rest []loop.Index) []loop.Index {
	return append([]loop.Index{a, b}, rest...)
}

// spatial adds an axis for each extent.
func (k *nest) spatial(name string, extents []dim.Expr, add func(*nest, string, dim.Expr) loop.Index) []loop.Index {
	out := make([]loop.Index, len(extents))
	for i, d := range extents {
		out[i] = add(k, fmt.Sprintf("%s%d", name, i), d)
	}
	return out
}

func (k *nest) phaseAxes(ps []phase) []loop.Index {
	extents := make([]dim.Expr, len(ps))
	for i, p := range ps {
		extents[i] = p.count
	}
	return k.spatial("q", extents, (*nest).axis)
}

func (k *nest) tapAxes(ps []phase) []loop.Index {
	extents := make([]dim.Expr, len(ps))
	for i, p := range ps {
		extents[i] = p.taps
	}
	return k.spatial("k", extents, (*nest).reduce)
}

func images(ps []phase, q []loop.Index) []loop.Index {
	out := make([]loop.Index, len(ps))
	for i, p := range ps {
		out[i] = p.image(q[i])
	}
	return out
}

func tapNumbers(ps []phase, t []loop.Index) []loop.Index {
	out := make([]loop.Index, len(ps))
	for i, p := range ps {
		out[i] = p.tap(t[i])
	}
	return out
}

func outputs(ps []phase, q, t []loop.Index) []loop.Index {
	out := make([]loop.Index, len(ps))
	for i, p := range ps {
		out[i] = p.output(q[i], t[i])
	}
	return out
}

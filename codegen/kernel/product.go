package kernel

import (
	"slices"

	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
	"mmc/ir/plan"
)

// product is a sum of products in the form that the matrix driver computes: for each position on the outer axes a batch of
// matrices, whose rows are runs of evenly spaced rows, and whose inner length is segments of consecutive elements; longer
// inner lengths are added up one after the other. Each axis has a stride for every reference of the nest.
type product struct {
	nest              *Nest
	a, b, c           int // references: the operands, the result
	outer             []axis
	more              []axis // of the inner length, beyond segments: walked one after the other
	batch, runs, run  axis
	segments, k, cols axis
	trans             bool // elements of A are consecutive along the run, not along k
	panel             *Check
}

// axis is one or several axes of the nest, walked as one. An axis that does not exist has extent 1.
type axis struct {
	extent dim.Expr
	stride []dim.Expr // per reference
}

// productOf brings a step's nest into that form. It reports false where the form does not fit.
func productOf(s *plan.Step, facts *dim.Facts) (*product, bool) {
	b := &binder{step: s, nest: s.Nest, facts: facts}
	n := b.bind()
	if b.err != nil || s.Product == nil || len(n.Accs) != 1 || len(n.Clear) > 0 {
		return nil, false
	}
	if i := slices.IndexFunc(n.Stores, func(s Store) bool { return s.storage() == dtype.F32 }); i > 0 { // sums need a float32 result
		n.Stores[0], n.Stores[i] = n.Stores[i], n.Stores[0]
	}
	p := &product{nest: n, c: len(n.Loads)}
	if p.a, p.b = n.Load[s.Product.A], n.Load[s.Product.B]; p.a < 0 || p.b < 0 || p.a == p.b || !p.simple() {
		return nil, false
	}
	roles := make([][]axis, 0, 4)
	for _, list := range [][]int{s.Product.Batch, s.Product.M, s.Product.N, s.Product.K} {
		roles = append(roles, p.fuse(list, b.order))
	}
	return p, p.assign(roles[0], roles[1], roles[2], roles[3])
}

// simple reports whether accesses are plain: float32 factors and result, no index that must be computed but B's panels, and an
// epilogue that vector code has.
func (p *product) simple() bool {
	refs := p.nest.refs()
	for i, r := range refs {
		switch {
		case i == p.b && len(r.Checks) == 1 && r.Checks[0].Width == PanelCols && !r.Checks[0].Open && r.Checks[0].Via == loop.NoReg:
			p.panel = &r.Checks[0]
		case len(r.Checks) > 0 || slices.ContainsFunc(r.Way, func(w way) bool { return w&walksBack != 0 }):
			return false
		}
	}
	for _, i := range []int{p.a, p.b, p.c} {
		if refs[i].storage() != dtype.F32 {
			return false
		}
	}
	for k := p.nest.Split; k < len(p.nest.Body); k++ {
		if !p.nest.onLanes(k) || p.nest.Body[k].Op == loop.Position {
			return false
		}
	}
	return !slices.ContainsFunc(p.nest.Stores, func(s Store) bool {
		return s.Accumulate || int(s.Value) < p.nest.Split || !castable(p.nest.Body[s.Value].Type, s.storage())
	})
}

// fuse joins the axes of a role, which are given innermost last, where every reference walks two of them as one.
func (p *product) fuse(list []int, order []int) []axis {
	var out []axis
	for _, x := range list {
		k := slices.Index(order, x)
		if p.nest.Axes[k].Extent.IsConst(1) {
			continue
		}
		next := axis{extent: p.nest.Axes[k].Extent}
		for i, r := range p.nest.refs() {
			stride := r.Stride[k]
			if i == p.b && p.panel != nil && !p.panel.Coef[k].IsConst(0) {
				stride = panelled // the columns' own axis
			}
			next.stride = append(next.stride, stride)
		}
		if last := len(out) - 1; last >= 0 && out[last].joins(next) {
			out[last] = axis{out[last].extent.Mul(next.extent), next.stride}
			continue
		}
		out = append(out, next)
	}
	return out
}

// panelled stands for the stride of the axis that panels are cut along; it equals nothing that an address has.
var panelled = dim.Sym("panel of columns")

// joins reports whether the outer axis a continues the inner one b.
func (a axis) joins(b axis) bool {
	for i := range a.stride {
		if !a.stride[i].Equal(b.stride[i].Mul(b.extent)) {
			return false
		}
	}
	return true
}

// none is an axis of one position.
func (p *product) none() axis {
	return axis{dim.Int(1), make([]dim.Expr, len(p.nest.refs()))}
}

// assign gives the fused axes their places in the driver, and checks the strides that it cannot choose.
func (p *product) assign(batch, m, n, k []axis) bool {
	take := func(list *[]axis) axis {
		if len(*list) == 0 {
			return p.none()
		}
		x := (*list)[len(*list)-1]
		*list = (*list)[:len(*list)-1]
		return x
	}
	p.cols, p.run, p.runs = take(&n), take(&m), take(&m)
	p.k, p.segments = take(&k), take(&k)
	if len(batch) == 0 {
		p.batch = take(&m)
	} else {
		p.batch = take(&batch)
	}
	p.outer, p.more = slices.Concat(batch, m, n), k
	return p.columnsFit() && p.rowsFit() && p.epilogueFits()
}

// columnsFit checks C and B along the columns, and B along k.
func (p *product) columnsFit() bool {
	one := p.cols.extent.IsConst(1)
	if !one && !p.cols.stride[p.c].IsConst(1) {
		return false
	}
	if p.panel != nil {
		whole := p.segments.extent.IsConst(1) || p.gap(PanelCols).IsConst(0)
		return (one || p.cols.stride[p.b].Equal(panelled)) && whole && (p.k.extent.IsConst(1) || p.k.stride[p.b].IsConst(PanelCols))
	}
	return one || p.cols.stride[p.b].IsConst(1)
}

// gap is what B's rows leave out between segments, where k steps by ldb.
func (p *product) gap(ldb int64) dim.Expr {
	return p.segments.stride[p.b].Sub(p.k.extent.Mul(dim.Int(ldb)))
}

// rowsFit decides how A is read: along k, or along the run.
func (p *product) rowsFit() bool {
	if p.k.stride[p.a].IsConst(1) || p.k.extent.IsConst(1) {
		return true
	}
	p.trans = p.run.stride[p.a].IsConst(1) || p.run.extent.IsConst(1)
	return p.trans
}

// epilogueFits checks that the operands and further results of the epilogue run along the columns or not at all.
func (p *product) epilogueFits() bool {
	for i, r := range p.nest.refs() {
		if i == p.a || i == p.b || i == p.c {
			continue
		}
		s := p.cols.stride[i]
		one := p.cols.extent.IsConst(1)
		if _, ok := vecElems[r.storage()]; !ok || !one && !s.IsConst(1) && (i > p.c || !s.IsConst(0)) {
			return false
		}
	}
	return true
}

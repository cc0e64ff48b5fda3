package kernel

import (
	"fmt"
	"strconv"

	"mmc/codegen/emit"
)

// driver writes the body of Chunk: loops over the outer parallel axes around calls.
func (r *reducer) driver() string {
	for k := range r.nest.Axes {
		r.extent(k)
	}
	r.parallel(0)
	inner := r.w.String()
	var head emit.Go
	r.locals(&head, inner)
	return head.String() + inner
}

// parallel writes the loop over parallel axis k, or the call.
func (r *reducer) parallel(k int) {
	if k == r.row || k == r.firstReduce() || r.across && k == r.inner {
		r.calls()
		return
	}
	a := r.axis[k]
	r.w.Block("for "+a+" := "+a+"0; "+a+" < "+a+"1; "+a+"++", func() {
		for _, x := range r.nest.refs() {
			r.advance(x, k)
		}
		r.parallel(k + 1)
	})
}

// calls writes the calls for the row axis, if there is one, and the lanes.
func (r *reducer) calls() {
	c := span{rows: "1", at: "0", n: r.extent(r.inner)}
	if r.across {
		a := r.axis[r.inner]
		c.at, c.n = a+"0", a+"1-"+a+"0"
	}
	if r.row < 0 {
		r.one(c)
		return
	}
	per := c.n
	for _, k := range r.loops {
		per += "*" + r.extent(k)
	}
	if r.across {
		per = "(" + c.n + ")" + per[len(c.n):]
	}
	row := r.axis[r.row]
	r.w.Linef("step := max(1, %d/max(1, %s))", callElements, per)
	r.w.Block(fmt.Sprintf("for %s := %s0; %s < %s1; %s += step", row, row, row, row, row), func() {
		c.rows, c.row = fmt.Sprintf("min(step, %s1-%s)", row, row), row
		r.one(c)
	})
}

// one writes one call, the reduce loops cut to where a guarded load is inside.
func (r *reducer) one(c span) {
	from := map[int]string{}
	count := map[int]string{}
	for _, k := range r.loops {
		count[k] = r.extent(k)
	}
	if x := r.guarded(); x != nil {
		for n := range x.Checks {
			k := r.checkLoop(&x.Checks[n])
			from[k], count[k] = r.clip(x, n, k)
		}
	}
	ints := r.intArgs(c, func(k int) string { return from[k] }, func(k int) string { return count[k] })
	r.callWith(ints, func(x *Ref) string {
		text := r.place(x, c)
		for _, k := range r.loops {
			if from[k] != "" && r.reduceStride(x, k) {
				text += " + " + from[k] + "*" + r.stride(x, k)
			}
		}
		return text
	})
}

// clip writes where reduce loop k begins, and how far it goes, so that check n of a load holds.
func (r *reducer) clip(x *Ref, n, k int) (from, count string) {
	c := x.Checks[n]
	id := r.slice(x) + "k" + strconv.Itoa(n)
	start := r.once(id, c.Base)
	for a := range r.firstReduce() {
		if !c.Coef[a].IsConst(0) {
			start += " + " + r.axis[a] + "*" + r.once(id+r.axis[a], c.Coef[a])
		}
	}
	from, count = r.axis[k]+"From", r.axis[k]+"Count"
	r.w.Linef("%s, %s := rt.Clip(%s, %s, %s, %s)", from, count, start, r.once(id+r.axis[k], c.Coef[k]), r.once(id+"len", c.Extent), r.extent(k))
	return from, count
}

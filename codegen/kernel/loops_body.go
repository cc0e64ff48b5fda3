package kernel

import (
	"strconv"
	"strings"

	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// level writes what happens once the first k axes have a position: instructions, then the loop over axis k, then, outside of
// the reduction, the instructions that use its results.
func (l *loops) level(k int) {
	n := l.nest
	p := n.Parallel()
	l.instructions(0, n.Split, k)
	if k < p {
		l.instructions(n.Split, len(n.Body), k) // what the epilogue reads per row or column, not per element
	}
	if k == p {
		l.startAccs()
	}
	if k < len(n.Axes) {
		l.loop(k)
	} else {
		l.updateAccs()
		if len(n.Axes) > p {
			l.stores(func(v loop.Reg) bool { return int(v) < n.Split })
		}
	}
	if k == p {
		l.instructions(n.Split, len(n.Body), k)
		l.stores(func(v loop.Reg) bool { return int(v) >= n.Split || len(n.Axes) == p })
	}
}

func (l *loops) loop(k int) {
	a := l.axis[k]
	l.size("n"+a, l.nest.Axes[k].Extent)
	head := "for " + a + " := range n" + a
	if k < l.nest.Parallel() {
		head = "for " + a + " := " + a + "0; " + a + " < " + a + "1; " + a + "++"
	}
	l.w.Block(head, func() {
		for _, r := range l.nest.refs() {
			l.advance(r, k)
		}
		l.level(k + 1)
	})
}

// advance adds the position on axis k to an address, as a new variable unless it is the address's last axis.
func (l *loops) advance(r *Ref, k int) {
	if r.Stride[k].IsConst(0) {
		return
	}
	text := l.at[r] + " + " + l.axis[k]
	if !(k == len(l.nest.Axes)-1 && r.Stride[k].IsConst(1)) {
		text += "*" + l.size(strings.TrimPrefix(l.base(r), "p")+l.axis[k], r.Stride[k])
	}
	for _, s := range r.Stride[k+1:] {
		if !s.IsConst(0) {
			v := l.base(r) + strings.Join(l.axis[:k+1], "")
			l.w.Line(v, " := ", text)
			text = v
			break
		}
	}
	l.at[r] = text
}

// base is the name of a reference's offset.
func (l *loops) base(r *Ref) string {
	for i := range l.nest.Loads {
		if r == &l.nest.Loads[i] {
			return "px" + strconv.Itoa(i)
		}
	}
	for i := range l.nest.Stores {
		if r == &l.nest.Stores[i].Ref {
			return "py" + strconv.Itoa(i)
		}
	}
	return ""
}

// slice is the name of a reference's memory.
func (l *loops) slice(r *Ref) string { return strings.TrimPrefix(l.base(r), "p") }

// instructions writes those from first to end that belong to level k.
func (l *loops) instructions(first, end, k int) {
	for i := first; i < end; i++ {
		if l.uses[i] > 0 && l.levelOf(i) == k {
			l.instruction(i)
		}
	}
}

// levelOf is how many axes must have a position before instruction i can be computed. Constants and the like go where they
// are used.
func (l *loops) levelOf(i int) int {
	for k := len(l.nest.Axes); k > 0; k-- {
		if l.deps[i]&(1<<(k-1)) != 0 {
			return k
		}
	}
	return 0
}

// instruction writes instruction i, or keeps its text for its only user.
func (l *loops) instruction(i int) {
	in := l.nest.Body[i]
	if in.Op == loop.Load && len(l.nest.Loads[l.nest.Load[i]].Checks) > 0 {
		l.guardedLoad(i)
		return
	}
	e := l.spell(i)
	if !e.literal && !(l.uses[i] <= 1 && l.inlines(i)) {
		e = l.variable(i, e)
	}
	l.value[i] = e
}

// inlines reports whether an instruction may be written inside of its user: in the same loop, and with no store between.
func (l *loops) inlines(i int) bool {
	if len(l.nest.Stores) > 1 {
		return false
	}
	for k := i + 1; k < len(l.nest.Body); k++ {
		for _, a := range l.nest.Body[k].Args {
			if int(a) == i {
				return l.levelOf(k) == l.levelOf(i) && (k < l.nest.Split) == (i < l.nest.Split)
			}
		}
	}
	last := len(l.nest.Axes)
	if i >= l.nest.Split {
		last = l.nest.Parallel()
	}
	return l.levelOf(i) == last
}

func (l *loops) variable(i int, e expr) expr {
	v := "v" + strconv.Itoa(i)
	l.w.Line(v, " := ", e.text)
	return name(v)
}

// spell is the Go text of instruction i.
func (l *loops) spell(i int) expr {
	in := l.nest.Body[i]
	switch in.Op {
	case loop.Const:
		return constant(in.Type, in.Imm)
	case loop.DimValue:
		return convert(name(l.size("d"+strconv.Itoa(i), in.Dim)), dtype.I64, in.Type).force(in.Type)
	case loop.Position:
		return call(goType(in.Type), l.axis[in.Axis])
	case loop.Result:
		a := l.nest.Accs[in.Axis]
		return convert(name("acc"+strconv.Itoa(in.Axis)), accType(a), in.Type)
	case loop.Load:
		r := &l.nest.Loads[l.nest.Load[i]]
		e := fromMemory(name(l.slice(r)+"["+l.at[r]+"]"), r.storage())
		return convert(e, register(r.storage()), in.Type)
	case loop.Cast:
		return convert(l.value[in.Args[0]], l.typeOf(in.Args[0]), in.Type)
	}
	args := make([]expr, len(in.Args))
	for k, a := range in.Args {
		args[k] = l.value[a]
	}
	t := in.Type
	if in.Op.Compare {
		t = l.typeOf(in.Args[0])
	}
	return round(goScalars[in.Op](t, args), t)
}

// force converts an int even to i64.
func (e expr) force(t dtype.DType) expr {
	if t == dtype.I64 {
		return call("int64", e.text)
	}
	return e
}

func (l *loops) typeOf(r loop.Reg) dtype.DType { return l.nest.Body[r].Type }

// guardedLoad reads an element whose index may lie outside, or goes through a register.
func (l *loops) guardedLoad(i int) {
	in := l.nest.Body[i]
	r := &l.nest.Loads[l.nest.Load[i]]
	v := "v" + strconv.Itoa(i)
	at, conditions := l.checks(r, v)
	element := convert(fromMemory(name(l.slice(r)+"["+at+"]"), r.storage()), register(r.storage()), in.Type)
	l.value[i] = name(v)
	if !r.Guard {
		l.w.Line(v, " := ", element.text)
		return
	}
	l.w.Line(v, " := ", constant(in.Type, r.Fill).typed(goType(in.Type)))
	l.w.Block("if "+strings.Join(conditions, " && "), func() { l.w.Line(v, " = ", element.text) })
}

// checks computes the indices that may leave their dimension, and gives the address with the conditions under which it is
// inside. An index through a register without guard is clamped instead.
func (l *loops) checks(r *Ref, v string) (at string, conditions []string) {
	at = l.at[r]
	for c, check := range r.Checks {
		id := l.slice(r) + "k" + strconv.Itoa(c)
		index := l.index(id, check)
		if !check.apart() {
			conditions = append(conditions, "uint("+index+") < uint("+l.size(id+"len", check.Extent)+")")
			continue
		}
		whole := v + "k" + strconv.Itoa(c)
		if check.Open && !r.Guard {
			index = "rt.Clamp(" + index + ", " + l.size(id+"len", check.Extent) + ")"
		}
		l.w.Line(whole, " := ", index)
		if check.Open && r.Guard {
			conditions = append(conditions, "uint("+whole+") < uint("+l.size(id+"len", check.Extent)+")")
		}
		if check.Width > 0 {
			width := strconv.FormatInt(check.Width, 10)
			at += " + " + whole + "/" + width + "*" + l.size(id+"step", check.Stride) + " + " + whole + "%" + width
		} else {
			at += " + " + whole + "*" + l.size(id+"step", check.Stride)
		}
	}
	return at, conditions
}

// index is the text of a check's index.
func (l *loops) index(id string, c Check) string {
	text := l.size(id, c.Base)
	for k, coef := range c.Coef {
		if !coef.IsConst(0) {
			text += " + " + l.axis[k] + "*" + l.size(id+l.axis[k], coef)
		}
	}
	if c.Via != loop.NoReg {
		text += " + int(" + l.value[c.Via].text + ")"
	}
	return text
}

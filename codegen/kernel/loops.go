package kernel

import (
	"strconv"
	"strings"
	"unicode"

	"mmc/codegen/emit"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// Loops makes scalar Go of any nest: one loop per axis, each instruction in the outermost loop that knows its operands.
func Loops(n *Nest) *Code {
	l := newLoops(n)
	body := l.body()
	return &Code{Family: "loops", Source: l.source(body), Fields: l.fields}
}

// loops writes one kernel. Positions are variables a, b, c, … and r, s, t, … of reduce axes; strides are fields named by
// operand and axis (x0a), offsets px0; the address of operand x0 inside of loop a is px0a.
type loops struct {
	nest   *Nest
	deps   []uint64
	axis   []string // names of positions
	fields []Field
	ints   []string // names of the integer fields that the body uses
	uses   []int
	value  []expr // per instruction, once written
	at     map[*Ref]string
	w      emit.Go

	vectors int // one more than the parallel axis that vectors lie along; 0 where none does
}

func newLoops(n *Nest) *loops {
	l := &loops{nest: n, deps: n.deps(), value: make([]expr, len(n.Body)), at: map[*Ref]string{}}
	l.nameAxes()
	l.count()
	return l
}

var parallelNames, reduceNames = [...]string{"a", "b", "c", "d", "e"}, [...]string{"r", "s", "t", "u", "w"}

func (l *loops) nameAxes() {
	p := l.nest.Parallel()
	for k := range l.nest.Axes {
		names, at := parallelNames, k
		if k >= p {
			names, at = reduceNames, k-p
		}
		if at < len(names) {
			l.axis = append(l.axis, names[at])
		} else {
			l.axis = append(l.axis, names[len(names)-1]+strconv.Itoa(at))
		}
	}
}

// count counts the uses of each instruction by instructions that are needed, so that what is used once is written where it
// is used.
func (l *loops) count() {
	n := l.nest
	l.uses = make([]int, len(n.Body))
	index := func(r *Ref) {
		for _, c := range r.Checks {
			if c.Via != loop.NoReg {
				l.uses[c.Via] += 2 // an index is always a variable
			}
		}
	}
	for i := range n.Stores {
		l.uses[n.Stores[i].Value]++
		index(&n.Stores[i].Ref)
	}
	for _, a := range n.Accs {
		l.uses[a.Value]++
		if positional(a.Combine) {
			l.uses[a.Value]++
		}
	}
	for k := len(n.Body) - 1; k >= 0; k-- {
		if l.uses[k] == 0 {
			continue
		}
		for _, a := range n.Body[k].Args {
			l.uses[a]++
		}
		if n.Load[k] >= 0 {
			index(&n.Loads[n.Load[k]])
		}
	}
}

// size declares an integer field and gives its name.
func (l *loops) size(name string, value dim.Expr) string {
	l.fields = append(l.fields, Field{Name: name, Size: value})
	l.ints = append(l.ints, name)
	return name
}

// source is the type with its methods around the body of Chunk.
func (l *loops) source(body string) string {
	var w emit.Go
	l.structType(&w)
	w.Line()
	l.chunksMethod(&w, l.cost())
	w.Line()
	param := "chunk int"
	if l.nest.Parallel() == 0 {
		param = "int"
	}
	w.Block("func (k *"+Placeholder+") Chunk("+param+")", func() { w.Text(body) })
	return w.String()
}

func (l *loops) structType(w *emit.Go) {
	w.Block("type "+Placeholder+" struct", func() {
		w.Line("rt.Split")
		for _, f := range l.fields {
			if f.Buf != nil {
				w.Line(f.Name, " []", memType(f.Buf.DType))
			}
		}
		for names := l.ints; len(names) > 0; {
			k := min(16, len(names))
			w.Line(strings.Join(names[:k], ", "), " int")
			names = names[k:]
		}
	})
}

// chunksMethod prints how the space is cut. Each point costs so many tenths of a nanosecond.
func (l *loops) chunksMethod(w *emit.Go, cost int) {
	safe := l.nest.SafeAxes()
	work, cuts := strconv.Itoa(cost), ""
	for k, a := range l.axis {
		work += "*k.n" + a
		if k < len(safe) && safe[k] {
			cuts += ", k.n" + a
			if l.lanes(k) {
				cuts += "/rt.LaneUnit"
			}
		} else if k < len(safe) {
			cuts += ", 0"
		}
	}
	w.Block("func (k *"+Placeholder+") Chunks() int", func() { w.Line("return k.Cut(", work, cuts, ")") })
}

// lanes reports whether vectors lie along an axis.
func (l *loops) lanes(axis int) bool { return l.vectors > 0 && axis == l.vectors-1 }

// cost estimates one point of the nest in tenths of a nanosecond: scalar code takes about half a nanosecond an instruction, the
// functions of package math about ten.
func (l *loops) cost() int {
	c := 5
	for _, in := range l.nest.Body {
		if in.Op.Arity == 1 && in.Type.IsFloat() {
			c += 50
		} else {
			c += 5
		}
	}
	return c
}

func (l *loops) body() string {
	l.declareAll()
	l.level(0)
	inner := l.anonymous(l.w.String())
	var head emit.Go
	l.locals(&head, inner)
	return head.String() + inner
}

// anonymous takes the names from positions that nothing depends on, as in the sum of a repeated element: Go wants no unused names.
func (l *loops) anonymous(text string) string {
	for _, a := range l.axis[l.nest.Parallel():] {
		named := "for " + a + " := range"
		if !identifiers(strings.Replace(text, named, "", 1))[a] {
			text = strings.Replace(text, named, "for range", 1)
		}
	}
	return text
}

func (l *loops) declareAll() {
	for _, r := range l.nest.refs() {
		l.declare(r, l.slice(r))
	}
}

// declare gives a reference its fields.
func (l *loops) declare(r *Ref, name string) {
	l.fields = append(l.fields, Field{Name: name, Buf: r.View.Buf})
	l.at[r] = l.size("p"+name, r.Offset)
}

// locals copies the fields that the loops use into variables, which the compiler can keep in registers.
func (l *loops) locals(w *emit.Go, body string) {
	for k, a := range l.axis {
		if k < l.nest.Parallel() {
			method := "Range"
			if l.lanes(k) {
				method = "Lanes"
			}
			w.Linef("%s0, %s1 := k.%s(%d, chunk, k.n%s)", a, a, method, k, a)
		}
	}
	used := identifiers(body)
	var names, from []string
	for _, f := range l.fields {
		if used[f.Name] {
			names, from = append(names, f.Name), append(from, "k."+f.Name)
		}
	}
	for len(names) > 0 {
		k := min(8, len(names))
		w.Line(strings.Join(names[:k], ", "), " := ", strings.Join(from[:k], ", "))
		names, from = names[k:], from[k:]
	}
}

// identifiers is the set of words in Go text.
func identifiers(text string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }) {
		set[word] = true
	}
	return set
}

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

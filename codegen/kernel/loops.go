package kernel

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"mmc/codegen/emit"
	"mmc/ir/dim"
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
		for names := slices.Sorted(slices.Values(l.ints)); len(names) > 0; {
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
			names = append(names, f.Name)
		}
	}
	slices.Sort(names) // kernels that differ in the order of their fields alone are one
	for _, name := range names {
		from = append(from, "k."+name)
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

package kernel

import (
	"strconv"

	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// accType is the type of an accumulator's variable: float32 sums and products are accumulated in float64, which costs scalar
// code nothing and makes long reductions accurate.
func accType(a loop.Acc) dtype.DType {
	switch a.Combine {
	case loop.ReduceArgMax, loop.ReduceArgMin:
		return dtype.I64
	case loop.ReduceSum, loop.ReduceProd:
		if a.Type.IsFloat() {
			return dtype.F64
		}
	}
	return register(a.Type)
}

// combining is how scalar Go starts and continues a reduction: the value before the first element and the operation.
type combining struct {
	start func(t dtype.DType) expr
	op    *loop.Scalar
}

var combinings = map[loop.Combine]combining{
	loop.ReduceSum:  {func(t dtype.DType) expr { return constant(t, 0) }, loop.Add},
	loop.ReduceProd: {func(t dtype.DType) expr { return constant(t, 1) }, loop.Mul},
	loop.ReduceMax:  {lowest, loop.Max},
	loop.ReduceMin:  {highest, loop.Min},
}

// lowest is the least value of a type, highest the greatest.
func lowest(t dtype.DType) expr {
	return constants(t, "math.Inf(-1)", "math.MinInt32", "math.MinInt64", "0", "false")
}
func highest(t dtype.DType) expr {
	return constants(t, "math.Inf(1)", "math.MaxInt32", "math.MaxInt64", "255", "true")
}

func constants(t dtype.DType, float, i32, i64, u8, boolean string) expr {
	text := map[dtype.DType]string{dtype.I32: i32, dtype.I64: i64, dtype.U8: u8, dtype.Bool: boolean}[t]
	if text == "" {
		text = float
	}
	return name(text)
}

// positional reports whether a reduction yields a position.
func positional(c loop.Combine) bool { return c == loop.ReduceArgMax || c == loop.ReduceArgMin }

func (l *loops) startAccs() {
	for i, a := range l.nest.Accs {
		id := strconv.Itoa(i)
		if positional(a.Combine) {
			l.w.Line("acc", id, ", best", id, " := int64(-1), ", goType(l.typeOf(a.Value)), zeroOf(l.typeOf(a.Value)))
			continue
		}
		t := accType(a)
		l.w.Line("acc", id, " := ", goType(t), "(", combinings[a.Combine].start(t).text, ")")
	}
}

func zeroOf(t dtype.DType) string {
	if t == dtype.Bool {
		return "(false)"
	}
	return "(0)"
}

func (l *loops) updateAccs() {
	for i, a := range l.nest.Accs {
		id, v, from := strconv.Itoa(i), l.value[a.Value], l.typeOf(a.Value)
		if positional(a.Combine) {
			l.updateBest(id, a, v.typed(goType(from)))
			continue
		}
		t := accType(a)
		acc := "acc" + id
		l.w.Line(acc, " = ", goScalars[combinings[a.Combine].op](t, []expr{name(acc), convert(v, from, t)}).text)
	}
}

// updateBest keeps the first extreme value and its position; NaN counts as the extreme, as in the evaluator.
func (l *loops) updateBest(id string, a loop.Acc, v string) {
	op := " > "
	if a.Combine == loop.ReduceArgMin {
		op = " < "
	}
	from := l.typeOf(a.Value)
	better := v + op + "best" + id
	if from == dtype.Bool {
		better = v + " != best" + id + " && " + v + " == " + strconv.FormatBool(a.Combine == loop.ReduceArgMax)
	}
	if from.IsFloat() {
		better += " || " + v + " != " + v + " && best" + id + " == best" + id
	}
	l.w.Block("if acc"+id+" < 0 || "+better, func() {
		l.w.Line("acc", id, ", best", id, " = int64(", l.flatPosition(), "), ", v)
	})
}

// flatPosition is the row-major position along the reduce axes.
func (l *loops) flatPosition() string {
	text := "0"
	for k := l.nest.Parallel(); k < len(l.nest.Axes); k++ {
		if k == l.nest.Parallel() {
			text = l.axis[k]
		} else {
			text = "(" + text + ")*n" + l.axis[k] + " + " + l.axis[k]
		}
	}
	return text
}

// stores writes the stores whose value belongs to this part of the nest.
func (l *loops) stores(mine func(loop.Reg) bool) {
	for i := range l.nest.Stores {
		s := &l.nest.Stores[i]
		if !mine(s.Value) {
			continue
		}
		from, to := l.typeOf(s.Value), s.storage()
		at, _ := l.checks(&s.Ref, "w"+strconv.Itoa(i))
		place := l.slice(&s.Ref) + "[" + at + "]"
		value := convert(l.value[s.Value], from, register(to))
		if s.Accumulate {
			old := fromMemory(name(place), to)
			value = goScalars[loop.Add](register(to), []expr{old, value})
		}
		l.w.Line(place, " = ", toMemory(value, to).text)
	}
}

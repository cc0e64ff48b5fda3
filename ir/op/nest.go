package op

import (
	"fmt"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// nest builds one loop nest. Instructions come in order; acc ends the part that runs for every point.
type nest struct{ loop.Nest }

func newNest() *nest { return &nest{loop.Nest{Split: -1}} }

// axis adds a parallel axis and returns the index that walks along it.
func (k *nest) axis(name string, extent dim.Expr) loop.Index { return k.addAxis(name, extent, false) }

// reduce adds a reduce axis.
func (k *nest) reduce(name string, extent dim.Expr) loop.Index { return k.addAxis(name, extent, true) }

func (k *nest) addAxis(name string, extent dim.Expr, reduce bool) loop.Index {
	k.Axes = append(k.Axes, loop.Axis{Name: name, Extent: extent, Reduce: reduce})
	return loop.Index{Terms: []loop.Term{{Axis: len(k.Axes) - 1, Coef: one}}, Off: zero, Via: loop.NoReg}
}

// axes adds a parallel axis for each dim.
func (k *nest) axes(shape []dim.Expr) []loop.Index {
	out := make([]loop.Index, len(shape))
	for i, d := range shape {
		out[i] = k.axis(fmt.Sprintf("i%d", i), d)
	}
	return out
}

func (k *nest) emit(i loop.Inst) loop.Reg {
	k.Body = append(k.Body, i)
	return loop.Reg(len(k.Body) - 1)
}

// load reads an element of an operand, whose element type decides the type computed in.
func (k *nest) load(arg int, v *ir.Value, index ...loop.Index) loop.Reg {
	return k.emit(loop.Inst{Op: loop.Load, Type: computed(v.Type.DType), Access: &loop.Access{Arg: arg, Index: index}})
}

// guarded reads an element that may lie outside the operand and is fill there. Without guard it is load.
func (k *nest) guarded(guard bool, fill float64, arg int, v *ir.Value, index ...loop.Index) loop.Reg {
	a := &loop.Access{Arg: arg, Index: index, Guard: guard}
	if guard {
		a.Fill = fill
	}
	return k.emit(loop.Inst{Op: loop.Load, Type: computed(v.Type.DType), Access: a})
}

// do applies a scalar operation.
func (k *nest) do(s *loop.Scalar, t dtype.DType, args ...loop.Reg) loop.Reg {
	return k.emit(loop.Inst{Op: s, Type: t, Args: args})
}

func (k *nest) constant(x float64, t dtype.DType) loop.Reg {
	return k.emit(loop.Inst{Op: loop.Const, Type: t, Imm: x})
}

func (k *nest) dimValue(d dim.Expr, t dtype.DType) loop.Reg {
	return k.emit(loop.Inst{Op: loop.DimValue, Type: t, Dim: d})
}

// position is the number of the iteration along an axis.
func (k *nest) position(i loop.Index, t dtype.DType) loop.Reg {
	return k.emit(loop.Inst{Op: loop.Position, Type: t, Axis: i.Terms[0].Axis})
}

// acc joins v over the reduce axes and returns the joined value, of type t.
func (k *nest) acc(c loop.Combine, v loop.Reg, t dtype.DType) loop.Reg {
	k.Split = len(k.Body)
	k.Accs = append(k.Accs, loop.Acc{Combine: c, Value: v, Type: k.Body[v].Type})
	return k.emit(loop.Inst{Op: loop.Result, Type: t, Axis: len(k.Accs) - 1})
}

// store ends the nest.
func (k *nest) store(out int, v loop.Reg, index ...loop.Index) []*loop.Nest {
	return k.storeTo(loop.Store{Out: out, Index: index, Value: v})
}

// add ends the nest with a store that adds.
func (k *nest) add(out int, v loop.Reg, index ...loop.Index) []*loop.Nest {
	k.InitOut = append(k.InitOut, out)
	return k.storeTo(loop.Store{Out: out, Index: index, Value: v, Accumulate: true})
}

func (k *nest) storeTo(s loop.Store) []*loop.Nest {
	k.Stores = append(k.Stores, s)
	if k.Split < 0 {
		k.Split = len(k.Body)
	}
	return []*loop.Nest{&k.Nest}
}

// ranged is an integer that must lie in 0 .. size-1, which need not fit into the integer's own type.
func (k *nest) ranged(r loop.Reg, size dim.Expr) loop.Reg {
	if k.Body[r].Type != dtype.I64 {
		r = k.do(loop.Cast, dtype.I64, r)
	}
	return k.do(loop.Ranged, dtype.I64, r, k.dimValue(size, dtype.I64))
}

// clamp keeps an integer in 0 .. size-1, so that no index read from memory leaves its operand.
func (k *nest) clamp(r loop.Reg, size dim.Expr) loop.Reg {
	t := k.Body[r].Type
	low := k.do(loop.Max, t, r, k.constant(0, t))
	return k.do(loop.Min, t, low, k.dimValue(size.Sub(one), t))
}

// computed is the type that elements are computed in: halves are for storage only.
func computed(t dtype.DType) dtype.DType {
	if t.IsHalf() {
		return dtype.F32
	}
	return t
}

// Index arithmetic.

func fixed(off dim.Expr) loop.Index { return loop.Index{Off: off, Via: loop.NoReg} }

func via(r loop.Reg) loop.Index { return loop.Index{Off: zero, Via: r} }

func shift(i loop.Index, by dim.Expr) loop.Index {
	i.Off = i.Off.Add(by)
	return i
}

func scale(i loop.Index, by dim.Expr) loop.Index {
	terms := make([]loop.Term, len(i.Terms))
	for t, term := range i.Terms {
		terms[t] = loop.Term{Axis: term.Axis, Coef: term.Coef.Mul(by)}
	}
	return loop.Index{Terms: terms, Off: i.Off.Mul(by), Via: i.Via}
}

// plus adds two indices, of which one at most is indirect.
func plus(a, b loop.Index) loop.Index {
	out := loop.Index{Terms: append(append([]loop.Term(nil), a.Terms...), b.Terms...), Off: a.Off.Add(b.Off), Via: a.Via}
	if out.Via == loop.NoReg {
		out.Via = b.Via
	}
	return out
}

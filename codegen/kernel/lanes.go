package kernel

import (
	"mmc/codegen/vec"
	"mmc/ir/dtype"
	"mmc/ir/loop"
)

// lane is the value of an instruction in vector code: a vector of float32 or int32 lanes, or a mask for bools.
type lane struct {
	v vec.V
	m vec.M
}

// laneSpelling records one scalar operation on vectors. t is the type that it computes in.
type laneSpelling func(b *vec.Builder, t dtype.DType, a []lane) lane

// vecScalars spells the operations that vector code has. What is missing here stays scalar.
var vecScalars = map[*loop.Scalar]laneSpelling{
	loop.Add:     onNumbers((*vec.Builder).Add),
	loop.Sub:     onNumbers((*vec.Builder).Sub),
	loop.Mul:     onNumbers((*vec.Builder).Mul),
	loop.Div:     onNumbers((*vec.Builder).Div),
	loop.FMA:     func(b *vec.Builder, _ dtype.DType, a []lane) lane { return lane{v: b.Madd(a[0].v, a[1].v, a[2].v)} },
	loop.Max:     extremeLane((*vec.Builder).Max, (*vec.Builder).OrM),
	loop.Min:     extremeLane((*vec.Builder).Min, (*vec.Builder).AndM),
	loop.Neg:     onVector((*vec.Builder).Neg),
	loop.Abs:     onVector((*vec.Builder).Abs),
	loop.Sqrt:    onVector((*vec.Builder).Sqrt),
	loop.Floor:   onWhole((*vec.Builder).Floor),
	loop.Ceil:    onWhole((*vec.Builder).Ceil),
	loop.Round:   onWhole((*vec.Builder).Round),
	loop.Trunc:   onWhole((*vec.Builder).Trunc),
	loop.Exp:     onVector(Exp),
	loop.Log:     onVector(Log),
	loop.Rsqrt:   onVector(Rsqrt),
	loop.Tanh:    onVector(Tanh),
	loop.Sigmoid: onVector(Sigmoid),
	loop.Erf:     onVector(Erf),
	loop.Erfc:    onVector(Erfc),
	loop.Eq:      comparison(vec.EQ, (*vec.Builder).XorM, true),
	loop.Ne:      comparison(vec.NE, (*vec.Builder).XorM, false),
	loop.Lt:      comparison(vec.LT, nil, false),
	loop.Le:      comparison(vec.LE, nil, false),
	loop.And:     onMasks((*vec.Builder).AndM),
	loop.Or:      onMasks((*vec.Builder).OrM),
	loop.Not:     func(b *vec.Builder, _ dtype.DType, a []lane) lane { return lane{m: b.NotM(a[0].m)} },
	loop.Select:  selectLane,
}

func onNumbers(f func(b *vec.Builder, x, y vec.V) vec.V) laneSpelling {
	return func(b *vec.Builder, _ dtype.DType, a []lane) lane { return lane{v: f(b, a[0].v, a[1].v)} }
}

func onVector(f func(b *vec.Builder, x vec.V) vec.V) laneSpelling {
	return func(b *vec.Builder, _ dtype.DType, a []lane) lane { return lane{v: f(b, a[0].v)} }
}

// onWhole is a rounding: integers are whole already.
func onWhole(f func(b *vec.Builder, x vec.V) vec.V) laneSpelling {
	return func(b *vec.Builder, t dtype.DType, a []lane) lane {
		if t != dtype.F32 {
			return a[0]
		}
		return lane{v: f(b, a[0].v)}
	}
}

func onMasks(f func(b *vec.Builder, x, y vec.M) vec.M) laneSpelling {
	return func(b *vec.Builder, _ dtype.DType, a []lane) lane { return lane{m: f(b, a[0].m, a[1].m)} }
}

func extremeLane(f func(b *vec.Builder, x, y vec.V) vec.V, g func(b *vec.Builder, x, y vec.M) vec.M) laneSpelling {
	return func(b *vec.Builder, t dtype.DType, a []lane) lane {
		if t == dtype.Bool {
			return lane{m: g(b, a[0].m, a[1].m)}
		}
		return lane{v: f(b, a[0].v, a[1].v)}
	}
}

// comparison compares numbers by a predicate, bools by what onBools makes of them.
func comparison(p vec.Pred, onBools func(b *vec.Builder, x, y vec.M) vec.M, not bool) laneSpelling {
	return func(b *vec.Builder, t dtype.DType, a []lane) lane {
		if t != dtype.Bool {
			return lane{m: b.Cmp(p, a[0].v, a[1].v)}
		}
		m := onBools(b, a[0].m, a[1].m)
		if not {
			m = b.NotM(m)
		}
		return lane{m: m}
	}
}

func selectLane(b *vec.Builder, t dtype.DType, a []lane) lane {
	if t == dtype.Bool {
		return lane{m: b.OrM(b.AndM(a[0].m, a[1].m), b.AndNotM(a[0].m, a[2].m))}
	}
	return lane{v: b.Select(a[0].m, a[1].v, a[2].v)}
}

// vecTypes are the types that lanes hold; vecElems how they lie in memory.
var vecElems = map[dtype.DType]vec.Elem{dtype.F32: vec.F32, dtype.I32: vec.I32, dtype.U8: vec.U8, dtype.Bool: vec.U8}

// onLanes reports whether vector code has an instruction of the nest.
func (n *Nest) onLanes(k int) bool {
	in := n.Body[k]
	if _, ok := vecElems[in.Type]; !ok {
		return false
	}
	arg := in.Type
	if len(in.Args) > 0 {
		arg = n.Body[in.Args[0]].Type
	}
	switch in.Op {
	case loop.Const, loop.Result:
		return true
	case loop.DimValue, loop.Position:
		return in.Type == dtype.F32 || in.Type == dtype.I32
	case loop.Load:
		return n.Load[k] < 0 || vecLoads(n.Loads[n.Load[k]].storage(), in.Type)
	case loop.Cast:
		return castable(arg, in.Type)
	case loop.Div, loop.Sqrt, loop.Exp, loop.Log, loop.Rsqrt, loop.Tanh, loop.Sigmoid, loop.Erf, loop.Erfc, loop.FMA:
		return in.Type == dtype.F32 && vecScalars[in.Op] != nil
	case loop.Add, loop.Sub, loop.Mul:
		return in.Type == dtype.F32 || in.Type == dtype.I32
	case loop.Neg, loop.Abs:
		return in.Type == dtype.F32
	case loop.Lt, loop.Le:
		return arg != dtype.Bool
	}
	return vecScalars[in.Op] != nil
}

// vecLoads reports whether elements in memory of one type become lanes of another as they are loaded.
func vecLoads(from, to dtype.DType) bool {
	_, ok := vecElems[from]
	return ok && (from == to || castable(from, to))
}

// castable reports whether lanes convert from one type to another.
func castable(from, to dtype.DType) bool {
	return from == to || to != dtype.U8 // narrowing would have to wrap
}

// cast converts lanes.
func cast(b *vec.Builder, x lane, from, to dtype.DType) lane {
	whole := func(t dtype.DType) bool { return t == dtype.I32 || t == dtype.U8 }
	switch {
	case from == to || whole(from) && whole(to):
		return x
	case to == dtype.Bool && from == dtype.F32:
		return lane{m: b.Cmp(vec.NE, x.v, b.Const(0))}
	case to == dtype.Bool:
		return lane{m: b.Cmp(vec.NE, x.v, b.ConstI(0))}
	case from == dtype.Bool && to == dtype.F32:
		return lane{v: b.Select(x.m, b.Const(1), b.Const(0))}
	case from == dtype.Bool:
		return lane{v: b.Ones(x.m)}
	case to == dtype.F32:
		return lane{v: b.ToF(x.v)}
	}
	return lane{v: b.TruncI(x.v)}
}

// constLane is a number in every lane.
func constLane(b *vec.Builder, t dtype.DType, x float64) lane {
	switch t {
	case dtype.F32:
		return lane{v: b.Const(float32(x))}
	case dtype.Bool:
		n := b.IConst(0)
		if x != 0 {
			n = b.IConst(-1)
		}
		return lane{m: b.Bits(n, 0)}
	}
	return lane{v: b.ConstI(int32(x))}
}

// loadLane loads a vector: contiguous elements, or one element for all lanes.
func loadLane(b *vec.Builder, at vec.Mem, m vec.M, all bool, from, to dtype.DType) lane {
	var v vec.V
	if all {
		v = b.Bcast(at)
	} else {
		v = b.Load(at, m)
	}
	x := lane{v: v}
	if from == dtype.Bool {
		x = lane{m: b.Cmp(vec.NE, v, b.ConstI(0))}
	}
	return cast(b, x, from, to)
}

// storeLane stores a vector.
func storeLane(b *vec.Builder, x lane, at vec.Mem, m vec.M, from, to dtype.DType) {
	x = cast(b, x, from, to)
	if to == dtype.Bool {
		b.StoreMask(x.m, at, m)
		return
	}
	b.Store(x.v, at, m)
}

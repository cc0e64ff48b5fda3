package op

import (
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
)

// Make builds nodes in the notation of formulas; gradients, expansions and passes write op.On(b).Mul(x, y).
type Make struct{ *ir.Builder }

// On returns the constructors that append to b.
func On(b *ir.Builder) Make { return Make{b} }

// Elementwise operators on values of equal shape.
func (m Make) Neg(x *ir.Value) *ir.Value              { return m.Op(Neg, nil, x) }
func (m Make) Exp(x *ir.Value) *ir.Value              { return m.Op(Exp, nil, x) }
func (m Make) Log(x *ir.Value) *ir.Value              { return m.Op(Log, nil, x) }
func (m Make) Sqrt(x *ir.Value) *ir.Value             { return m.Op(Sqrt, nil, x) }
func (m Make) Sin(x *ir.Value) *ir.Value              { return m.Op(Sin, nil, x) }
func (m Make) Cos(x *ir.Value) *ir.Value              { return m.Op(Cos, nil, x) }
func (m Make) Sign(x *ir.Value) *ir.Value             { return m.Op(Sign, nil, x) }
func (m Make) Floor(x *ir.Value) *ir.Value            { return m.Op(Floor, nil, x) }
func (m Make) Not(x *ir.Value) *ir.Value              { return m.Op(Not, nil, x) }
func (m Make) Add(x, y *ir.Value) *ir.Value           { return m.Op(Add, nil, x, y) }
func (m Make) Sub(x, y *ir.Value) *ir.Value           { return m.Op(Sub, nil, x, y) }
func (m Make) Mul(x, y *ir.Value) *ir.Value           { return m.Op(Mul, nil, x, y) }
func (m Make) Div(x, y *ir.Value) *ir.Value           { return m.Op(Div, nil, x, y) }
func (m Make) Pow(x, y *ir.Value) *ir.Value           { return m.Op(Pow, nil, x, y) }
func (m Make) Eq(x, y *ir.Value) *ir.Value            { return m.Op(Eq, nil, x, y) }
func (m Make) Lt(x, y *ir.Value) *ir.Value            { return m.Op(Lt, nil, x, y) }
func (m Make) Gt(x, y *ir.Value) *ir.Value            { return m.Op(Gt, nil, x, y) }
func (m Make) And(x, y *ir.Value) *ir.Value           { return m.Op(And, nil, x, y) }
func (m Make) Select(c, x, y *ir.Value) *ir.Value     { return m.Op(Select, nil, c, x, y) }
func (m Make) Square(x *ir.Value) *ir.Value           { return m.Mul(x, x) }
func (m Make) Times(x *ir.Value, c float64) *ir.Value { return m.Mul(x, m.Like(c, x)) }

// Cast converts x, or returns it where it has that type.
func (m Make) Cast(x *ir.Value, t dtype.DType) *ir.Value {
	if x.Type.DType == t {
		return x
	}
	return m.Op(Cast, ir.Attrs{"dtype": t}, x)
}

// Scalar is a constant without axes.
func (m Make) Scalar(c float64, t dtype.DType) *ir.Value {
	return m.Op(Const, ir.Attrs{"value": c, "dtype": t})
}

// Full is a tensor of constants.
func (m Make) Full(c float64, t ir.Type) *ir.Value { return m.Broadcast(m.Scalar(c, t.DType), t.Shape) }

// Like is a tensor of constants with the type of x.
func (m Make) Like(c float64, x *ir.Value) *ir.Value { return m.Full(c, x.Type) }

// Zeros is a tensor of zeros with the type of x.
func (m Make) Zeros(x *ir.Value) *ir.Value { return m.Like(0, x) }

// Broadcast repeats x, right-aligned; a scalar stays where the shape is one.
func (m Make) Broadcast(x *ir.Value, shape []dim.Expr) *ir.Value {
	if len(shape) == 0 && x.Type.Rank() == 0 {
		return x
	}
	return m.Op(Broadcast, ir.Attrs{"shape": shape}, x)
}

// Reshape sees x under another shape, or returns it where it has that one.
func (m Make) Reshape(x *ir.Value, shape []dim.Expr) *ir.Value {
	if x.Type.Equal(ir.Type{DType: x.Type.DType, Shape: shape}, m.Facts) {
		return x
	}
	return m.Op(Reshape, ir.Attrs{"shape": shape}, x)
}

// Transpose puts the axes of x into the order perm.
func (m Make) Transpose(x *ir.Value, perm []int64) *ir.Value {
	return m.Op(Transpose, ir.Attrs{"perm": perm}, x)
}

// Slice takes sizes elements from starts on.
func (m Make) Slice(x *ir.Value, starts, sizes []dim.Expr, steps []int64) *ir.Value {
	return m.Op(Slice, ir.Attrs{"starts": starts, "sizes": sizes, "steps": steps}, x)
}

// Pad surrounds x by zeros.
func (m Make) Pad(x *ir.Value, low, high []dim.Expr) *ir.Value {
	return m.Op(Pad, ir.Attrs{"low": low, "high": high}, x)
}

// Sum adds over axes.
func (m Make) Sum(x *ir.Value, axes []int64, keep bool) *ir.Value {
	if len(axes) == 0 {
		return x
	}
	return m.Op(Sum, ir.Attrs{"axes": axes, "keep": keep}, x)
}

// Dot contracts x and y as an einsum specification says.
func (m Make) Dot(x, y *ir.Value, spec string) *ir.Value {
	return m.Op(Dot, ir.Attrs{"spec": spec}, x, y)
}

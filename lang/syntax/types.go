package syntax

import "mmc/internal/diag"

// typ reads a type: `f32[N, C]`, `[N, C]`, `i32`, `block`, `[[int]]`, `like p`.
func (x *exprs) typ() Type {
	t := *x.peek()
	second := x.peek2()
	switch {
	case x.atWord("like") && isWord(&second):
		x.next()
		path := x.path()
		return &LikeType{At: x.from(rangeOf(&t)), Path: path}
	case t.Type == tIdent || x.atWord("block"):
		x.next()
		if !x.at("[") {
			return &NamedType{At: x.from(rangeOf(&t)), Name: t.Value}
		}
		dims := x.dims()
		return &TensorType{At: x.from(rangeOf(&t)), DType: t.Value, Dims: dims}
	case isOp(&t, "["):
		return x.bracketType()
	}
	x.fail(x.expectedAfter("a type", &t))
	return &NamedType{At: At{rangeOf(&t)}}
}

// bracketType reads a type that begins with a [: a shape, or the type of a list of lists.
func (x *exprs) bracketType() Type {
	t := *x.peek()
	second := x.peek2()
	if !isOp(&second, "[") {
		dims := x.dims()
		return &TensorType{At: x.from(rangeOf(&t)), Dims: dims}
	}
	x.next()
	elem := x.bracketType()
	x.want("]", " after the list's element type")
	return &ListType{At: x.from(rangeOf(&t)), Elem: elem}
}

// dims reads `[N, ..., ?K <= n]`.
func (x *exprs) dims() []*Dim {
	x.next()
	dims := []*Dim{}
	for x.err == nil && !x.at("]") {
		dims = append(dims, x.dim())
		if !x.accept(",") {
			break
		}
	}
	x.want("]", " or `,` in the shape")
	return dims
}

func (x *exprs) dim() *Dim {
	d, t := &Dim{}, *x.peek()
	second := x.peek2()
	switch {
	case x.accept("..."):
		d.Ellipsis = true
	case x.accept("?"):
		d.Unknown = x.name("the size's name after `?`").Name
		if x.accept("<=") {
			d.Expr = x.expr(rangeLevel)
		}
	case x.atWord("block") && isOp(&second, "]"): // [block], a list of blocks
		name := x.ident()
		d.Expr = plainName(name.At, name.Name)
	case x.at(":"):
		x.fail(diag.New("syntax.type", rangeOf(&t), "a shape holds sizes, not `:`").WithHint("give the axis a name, e.g. `[N, D]`"))
	default:
		d.Expr = x.expr(lowest)
	}
	d.At = x.from(rangeOf(&t))
	return d
}

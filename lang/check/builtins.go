package check

import (
	"slices"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
)

// builtins are the elaborator's own functions: what asks for shapes and lists, notation that no operator record can
// carry, and draws. Everything else is an operator record or a fn of the library.
var builtins map[string]builtin

func init() { // the functions evaluate expressions, which look builtins up
	builtins = map[string]builtin{}
	for name, call := range map[string]func(*elab, *callSite) value{
		"len": lenOf, "reverse": reversed, "shape": shapeOfValue, "rank": rankOfValue, "size": sizeOfValue, "dtype": dtypeOfValue,
		"grad": (*elab).gradCall, "rearrange": (*elab).rearrange, "einsum": (*elab).einsum, "matmul": matmulCall,
		"fan_in": fanIn, "fan_out": fanOut, "string": stringOf, "is_tensor": isTensorValue, "is_list": isListValue,
	} {
		builtins[name] = builtin{name, call}
	}
	for name := range distributions {
		builtins[name] = builtin{name, (*elab).distributionOf}
	}
}

// unary checks that a call has exactly one argument.
func unary(e *elab, c *callSite) (value, bool) {
	if len(c.args) == 1 && c.args[0].name == "" {
		return c.args[0].value, true
	}
	e.fail("call.arity", c.at, "%s takes one argument", c.name)
	return nil, false
}

func lenOf(e *elab, c *callSite) value {
	v, ok := unary(e, c)
	switch v := v.(type) {
	case list:
		return whole(int64(len(v)))
	case tuple:
		return whole(int64(len(v.elems)))
	}
	if !ok {
		return poison{}
	}
	return e.fail("call.type", c.at, "len counts the elements of a list, not of %s", e.describe(v))
}

func reversed(e *elab, c *callSite) value {
	if len(c.args) > 0 {
		if _, data := c.args[0].value.(tensor); data && e.userOp("reverse") != nil {
			return e.callOperator(e.userOp("reverse"), c)
		}
	}
	v, ok := unary(e, c)
	if l, isList := v.(list); isList {
		out := slices.Clone(l)
		slices.Reverse(out)
		return out
	}
	if !ok {
		return poison{}
	}
	return e.fail("call.type", c.at, "reverse turns a list round, not %s", e.describe(v))
}

// typed is the type of the only argument: a tensor or a tensor type. Numbers are scalars.
func typed(e *elab, c *callSite) (ir.Type, bool) {
	v, ok := unary(e, c)
	switch v := v.(type) {
	case tensor:
		return v.Type, true
	case tensorType:
		return v.Type, true
	case number:
		return ir.Type{DType: e.float}, true
	case boolean:
		return ir.Type{DType: dtype.Bool}, true
	}
	if t, isType := typeValue(e, v).(tensorType); isType && ok {
		return t.Type, true
	}
	if ok {
		e.fail("call.type", c.at, "%s needs a tensor, not %s", c.name, e.describe(v))
	}
	return ir.Type{}, false
}

func shapeOfValue(e *elab, c *callSite) value {
	t, ok := typed(e, c)
	if !ok {
		return poison{}
	}
	out := make(list, len(t.Shape))
	for i, d := range t.Shape {
		out[i] = sized(d)
	}
	return out
}

func rankOfValue(e *elab, c *callSite) value {
	t, ok := typed(e, c)
	if !ok {
		return poison{}
	}
	return whole(int64(len(t.Shape)))
}

func sizeOfValue(e *elab, c *callSite) value {
	t, ok := typed(e, c)
	if !ok {
		return poison{}
	}
	return sized(dim.Product(t.Shape...))
}

func dtypeOfValue(e *elab, c *callSite) value {
	t, ok := typed(e, c)
	if !ok {
		return poison{}
	}
	return element(t.DType)
}

func isTensorValue(e *elab, c *callSite) value {
	v, ok := unary(e, c)
	if !ok {
		return poison{}
	}
	_, is := v.(tensor)
	return boolean(is)
}

func isListValue(e *elab, c *callSite) value {
	v, ok := unary(e, c)
	if !ok {
		return poison{}
	}
	_, is := v.(list)
	return boolean(is)
}

func stringOf(e *elab, c *callSite) value {
	v, ok := unary(e, c)
	if !ok {
		return poison{}
	}
	if t, isText := v.(text); isText {
		return t
	}
	return text(e.show(v))
}

// fans gives the numbers of inputs and outputs of a weight whose initial value is evaluated: axis 0 are outputs, axis 1
// inputs, the others the receptive field.
func fans(e *elab, c *callSite) (in, out dim.Expr, ok bool) {
	if e.init == nil || len(e.init.Type.Shape) < 2 {
		e.fail("init.fan", c.at, "%s is known in the initial value of a parameter with two axes or more", c.name)
		return in, out, false
	}
	shape := e.init.Type.Shape
	field := dim.Product(shape[2:]...)
	return shape[1].Mul(field), shape[0].Mul(field), true
}

func fanIn(e *elab, c *callSite) value {
	in, _, ok := fans(e, c)
	if !ok {
		return poison{}
	}
	return sized(in)
}

func fanOut(e *elab, c *callSite) value {
	_, out, ok := fans(e, c)
	if !ok {
		return poison{}
	}
	return sized(out)
}

func matmulCall(e *elab, c *callSite) value {
	if len(c.args) != 2 {
		return e.fail("call.arity", c.at, "matmul takes two tensors")
	}
	return e.matmul(c.args[0].value, c.args[1].value, c.site)
}

package check

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/lang/check/core"
)

// attrs are the attributes of an operator call by name.
type attrs = ir.Attrs

// site is where an operation stands.
type site struct {
	at    diag.Range
	frame *frame
}

// apply calls an operator on tensors whose types fit its rule as they are. It returns nil after a type error.
func (e *elab) apply(op *ir.Op, given attrs, s site, args ...*core.Value) []*core.Value {
	list, err := op.Fill(given)
	if err != nil {
		e.fail("call.attr", s.at, "%s", err.Error())
		return nil
	}
	in := &ir.Inference{Op: op, Attrs: list, Facts: e.facts, Args: make([]ir.Type, len(args))}
	for i, a := range args {
		in.Args[i] = a.Type
	}
	types, err := e.infer(in, s, args)
	if err != nil {
		return nil
	}
	i := &core.Apply{Origin: e.origin(s.at, s.frame), Op: op, Attrs: list, Args: args}
	i.Results = make([]*core.Value, len(types))
	for k, t := range types {
		i.Results[k] = &core.Value{Type: t, Def: i, Index: k, Pos: s.at}
		if !e.exists(t, s.at, in.Args...) {
			return nil
		}
	}
	e.emit(i)
	return i.Results
}

// infer applies the type rule. An equality that the facts leave undecided is noted and then assumed, so that one
// missing fact gives one diagnostic.
func (e *elab) infer(in *ir.Inference, s site, args []*core.Value) ([]ir.Type, error) {
	for {
		types, err := in.Op.Infer(in)
		if err == nil {
			return types, nil
		}
		var te *ir.TypeError
		if !errors.As(err, &te) {
			te = &ir.TypeError{Code: "op.type", Message: err.Error()}
		}
		d := e.typeDiagnostic(te, s, args)
		if !e.undecided(te.Equal, d) {
			e.report(d)
			return nil, te
		}
	}
}

// typeDiagnostic turns a type error into a diagnostic that shows the operands at fault.
func (e *elab) typeDiagnostic(te *ir.TypeError, s site, args []*core.Value) diag.Diagnostic {
	d := diag.New(te.Code, s.at, te.Message)
	d.Hint = te.Hint
	for _, i := range te.Operands {
		if i < len(args) {
			d = d.WithRelated(args[i].Pos, e.named(args[i])+" has type "+e.showType(args[i].Type))
		}
	}
	return d
}

func (e *elab) named(v *core.Value) string {
	if v.Name != "" {
		return v.Name
	}
	return "this"
}

// op finds an operator that the elaborator itself needs; one that is missing is a compiler bug.
func (e *elab) op(name string) *ir.Op {
	op := e.ops(name)
	if op == nil {
		panic("check: the operator table lacks " + name)
	}
	return op
}

// userOp finds an operator that the user may call.
func (e *elab) userOp(name string) *ir.Op {
	op := e.ops(name)
	if op == nil || op.Has(ir.Hidden) {
		return nil
	}
	return op
}

// one applies an operator with one result.
func (e *elab) one(name string, given attrs, s site, args ...*core.Value) value {
	rs := e.apply(e.op(name), given, s, args...)
	if rs == nil {
		return poison{}
	}
	return tensor{rs[0]}
}

// must is one for uses that cannot fail on types already checked; nil after an error.
func (e *elab) must(name string, given attrs, s site, args ...*core.Value) *core.Value {
	rs := e.apply(e.op(name), given, s, args...)
	if rs == nil {
		return nil
	}
	return rs[0]
}

// scalar makes a compile-time number a tensor scalar of type t.
func (e *elab) scalar(n number, t dtype.DType, s site) *core.Value {
	if n.symbolic() {
		return e.dimScalar(n, t, s)
	}
	c, _ := n.constant()
	if !t.IsFloat() && t != dtype.Bool && c != math.Trunc(c) {
		e.fail("number.type", s.at, "%s is not an %s", n.show(e), t)
		return nil
	}
	return e.must("const", attrs{"value": c, "dtype": t}, s)
}

// dimScalar makes a number that depends on dims a tensor scalar: a quotient of two sizes at run time.
func (e *elab) dimScalar(n number, t dtype.DType, s site) *core.Value {
	if d, ok := e.facts.Exact(n.ratio); ok {
		return e.must("dim_value", attrs{"value": d, "dtype": t}, s)
	}
	if !t.IsFloat() {
		e.fail("number.type", s.at, "%s is not known to be whole; write floor(..) or ceil(..), or add a where that says so", n.show(e))
		return nil
	}
	num, den := n.ratio.Parts()
	a := e.must("dim_value", attrs{"value": num, "dtype": t}, s)
	b := e.must("dim_value", attrs{"value": den, "dtype": t}, s)
	if a == nil || b == nil {
		return nil
	}
	return e.must("div", nil, s, a, b)
}

// asTensor makes v a tensor; numbers and bools take type t. It returns nil after an error.
func (e *elab) asTensor(v value, t dtype.DType, s site) *core.Value {
	switch v := v.(type) {
	case tensor:
		return v.Value
	case number:
		if t == dtype.Bool {
			t = e.float
		}
		return e.scalar(v, t, s)
	case boolean:
		c := 0.0
		if v {
			c = 1
		}
		return e.must("const", attrs{"value": c, "dtype": dtype.Bool}, s)
	case distribution:
		if d := e.initDraw(v, s); d != nil {
			return d
		}
	case list:
		return e.literal(v, t, s)
	case poison:
		return nil
	}
	d := diag.New("type.tensor", s.at, "a tensor is needed, not "+v.kind())
	switch v := v.(type) {
	case place:
		d.Hint = fmt.Sprintf("%s is an instance: call it, or name one of its parameters", v)
	case tuple:
		d.Hint = "take the results apart: a, b = .., or select one: f(x).a"
	}
	e.report(d)
	return nil
}

// literal makes a list of constants a tensor.
func (e *elab) literal(l list, t dtype.DType, s site) *core.Value {
	shape, data, ok := flatten(l)
	if !ok {
		e.fail("type.tensor", s.at, "a tensor is needed, not a list; only a regular list of constants is one (stack(..) joins tensors)")
		return nil
	}
	if !t.IsFloat() {
		for _, x := range data {
			if x != math.Trunc(x) {
				e.fail("number.type", s.at, "%g is not an %s", x, t)
				return nil
			}
		}
	}
	return e.must("literal", attrs{"data": data, "shape": shape, "dtype": t}, s)
}

// flatten gives the shape and the elements of a regular nested list of constants.
func flatten(l list) (shape []int64, data []float64, ok bool) {
	for i, v := range l {
		var inner []int64
		switch v := v.(type) {
		case number:
			c, ok := v.constant()
			if !ok {
				return nil, nil, false
			}
			data = append(data, c)
		case list:
			s, d, ok := flatten(v)
			if !ok {
				return nil, nil, false
			}
			inner, data = s, append(data, d...)
		default:
			return nil, nil, false
		}
		if i == 0 {
			shape = append([]int64{int64(len(l))}, inner...)
		} else if !slices.Equal(shape[1:], inner) {
			return nil, nil, false
		}
	}
	return shape, data, len(l) > 0
}

// broadcast stretches v to a shape that is known to fit.
func (e *elab) broadcast(v *core.Value, shape []dim.Expr, s site) *core.Value {
	if v == nil || e.sameShape(v.Type.Shape, shape) {
		return v
	}
	return e.must("broadcast", attrs{"shape": shape}, s, v)
}

func (e *elab) sameShape(a, b []dim.Expr) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !e.facts.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// joint is the shape to which all operands stretch: right-aligned, where missing and literal-1 axes stretch and all
// others must be equal. ok is false after an error.
func (e *elab) joint(args []*core.Value, s site, what string) (shape []dim.Expr, ok bool) {
	for i, a := range args {
		shape, ok = e.join(shape, a.Type.Shape, func(axis int) diag.Diagnostic { return e.clash(args[:i+1], s, what, axis) })
		if !ok {
			return nil, false
		}
	}
	return shape, true
}

// join is joint for two shapes; clash makes the diagnostic for an axis counted from the right.
func (e *elab) join(a, b []dim.Expr, clash func(axis int) diag.Diagnostic) ([]dim.Expr, bool) {
	if len(a) < len(b) {
		a, b = b, a
	}
	out := make([]dim.Expr, len(a))
	copy(out, a)
	for i := range b {
		at := len(a) - len(b) + i
		x, y := a[at], b[i]
		switch {
		case y.IsConst(1):
		case x.IsConst(1):
			out[at] = y
		case e.facts.Equal(x, y):
		default:
			d := clash(len(b) - 1 - i)
			if d.Hint != "" || !e.undecided([][2]dim.Expr{{x, y}}, d) {
				e.report(d)
				return nil, false
			}
		}
	}
	return out, true
}

// clash says that the shapes of args do not fit at an axis counted from the right.
func (e *elab) clash(args []*core.Value, s site, what string, axis int) diag.Diagnostic {
	last := args[len(args)-1]
	culprit := args[0]
	for _, a := range args[:len(args)-1] {
		if n := len(a.Type.Shape); n > axis && !a.Type.Shape[n-1-axis].IsConst(1) {
			culprit = a
		}
	}
	x, y := culprit.Type, last.Type
	msg := fmt.Sprintf("%s: shapes %s and %s do not fit: %s is not %s", what, e.showShape(x.Shape), e.showShape(y.Shape),
		e.facts.Show(x.Shape[len(x.Shape)-1-axis]), e.facts.Show(y.Shape[len(y.Shape)-1-axis]))
	d := diag.New("shape.mismatch", s.at, msg)
	d = d.WithRelated(culprit.Pos, e.named(culprit)+" has type "+e.showType(x))
	d = d.WithRelated(last.Pos, e.named(last)+" has type "+e.showType(y))
	d.Hint = e.clashHint(x, y)
	return d
}

// clashHint offers what people usually mean when two shapes clash.
func (e *elab) clashHint(x, y ir.Type) string {
	short := y
	if len(x.Shape) < len(y.Shape) {
		x, short = y, x
	}
	if len(short.Shape) == 1 && len(x.Shape) > 2 && e.facts.Equal(x.Shape[1], short.Shape[0]) {
		return "a vector of channels is written v[:, new, new]"
	}
	return ""
}

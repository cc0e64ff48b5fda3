package check

import (
	"fmt"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dtype"
	"mmc/lang/syntax"
)

// This file converts compile-time arguments to their declared types.

// hyperKinds are the types of compile-time parameters: each converts a value or returns nil.
var hyperKinds = map[string]func(e *elab, v value) value{
	"int":    func(e *elab, v value) value { return wholeNumber(e, v) },
	"float":  func(_ *elab, v value) value { return keep[number](v) },
	"bool":   func(_ *elab, v value) value { return keep[boolean](v) },
	"string": func(_ *elab, v value) value { return keep[text](v) },
	"block":  func(_ *elab, v value) value { return keep[template](v) },
	"dtype":  func(_ *elab, v value) value { return keep[element](v) },
	"list":   func(_ *elab, v value) value { return keep[list](v) },
	"any":    func(_ *elab, v value) value { return v },
	"dim":    dimNumber,
	"ints":   intsValue,
	"type":   typeValue,
}

func keep[T value](v value) value {
	if t, ok := v.(T); ok {
		return t
	}
	return nil
}

func wholeNumber(e *elab, v value) value {
	n, ok := v.(number)
	if !ok || !n.integral() {
		return nil
	}
	c, _ := n.constant()
	return whole(int64(c))
}

func dimNumber(e *elab, v value) value {
	n, ok := v.(number)
	if !ok || !n.exact {
		return nil
	}
	d, ok := e.facts.Exact(n.ratio)
	if !ok {
		return nil
	}
	return sized(d)
}

// intsValue is an int, which stands for every axis, or a list of ints.
func intsValue(e *elab, v value) value {
	l, ok := v.(list)
	if !ok {
		return dimNumber(e, v)
	}
	out := make(list, len(l))
	for i, x := range l {
		if out[i] = dimNumber(e, x); out[i] == nil {
			return nil
		}
	}
	return out
}

// typeValue is a tensor type; a bare shape is one of the default float type.
func typeValue(e *elab, v value) value {
	switch v := v.(type) {
	case tensorType:
		return v
	case element:
		return tensorType{ir.Type{DType: dtype.DType(v)}}
	case list:
		t := ir.Type{DType: e.float}
		for _, x := range v {
			n, ok := dimNumber(e, x).(number)
			if !ok {
				return nil
			}
			d, _ := e.facts.Exact(n.ratio)
			t.Shape = append(t.Shape, d)
		}
		return tensorType{t}
	}
	return nil
}

// listElement is the element type's name of a list type such as [int], or "".
func listElement(t syntax.Type) string {
	tt, ok := t.(*syntax.TensorType)
	if !ok || tt.DType != "" || len(tt.Dims) != 1 || tt.Dims[0].Ellipsis {
		return ""
	}
	p, ok := tt.Dims[0].Expr.(*syntax.PathExpr)
	if !ok || hyperKinds[p.Name.Word()] == nil {
		return ""
	}
	return p.Name.Word()
}

// isData tells whether a parameter takes a tensor: a tensor type that is no list, or a bare element type.
func isData(p *syntax.Param) bool {
	switch t := p.Type.(type) {
	case *syntax.TensorType:
		return listElement(t) == ""
	case *syntax.NamedType:
		_, ok := dtype.Parse(t.Name)
		return ok && t.Name != "bool"
	}
	return false
}

// convert makes v a value of a compile-time type; nil where it is none.
func (e *elab) convert(v value, t syntax.Type) value {
	switch t := t.(type) {
	case nil:
		return v
	case *syntax.NamedType:
		if k := hyperKinds[t.Name]; k != nil {
			return k(e, v)
		}
	case *syntax.TensorType:
		if name := listElement(t); name != "" {
			return e.convertList(v, func(x value) value { return hyperKinds[name](e, x) })
		}
	case *syntax.ListType:
		return e.convertList(v, func(x value) value { return e.convert(x, t.Elem) })
	}
	return nil
}

func (e *elab) convertList(v value, elem func(value) value) value {
	l, ok := v.(list)
	if !ok {
		return nil
	}
	out := make(list, len(l))
	for i, x := range l {
		if out[i] = elem(x); out[i] == nil {
			return nil
		}
	}
	return out
}

// bindHyper binds the hyperparameters of a template in f.
func (e *elab) bindHyper(f *frame, params []*syntax.Param, args []*argument, callee string, at diag.Range) bool {
	slots, good := e.assign(params, args, callee, at)
	if slots == nil {
		return false
	}
	for i, p := range params {
		if !e.bindCompileTime(f, p, slots[i], callee) {
			good = false
		}
	}
	return good
}

// bindCompileTime binds one compile-time parameter to its argument or default.
func (e *elab) bindCompileTime(f *frame, p *syntax.Param, a *argument, callee string) bool {
	if a == nil {
		if p.Default == nil {
			f.fix(p.Name.Name, poison{}, p.Name.Range)
			return false
		}
		a = &argument{name: p.Name.Name, value: e.eval(p.Default, f), at: p.Default.Span()}
	}
	v := a.value
	if !isPoison(v) {
		if v = e.accept(v, p); v == nil {
			v = e.badArgument(p, a, callee)
		}
	}
	if _, data := v.(tensor); data {
		f.vars[p.Name.Name] = v
	} else {
		f.fix(p.Name.Name, v, p.Name.Range)
	}
	return !isPoison(v)
}

// accept converts an argument to a compile-time type; none is accepted where it is the default.
func (e *elab) accept(v value, p *syntax.Param) value {
	if _, absent := v.(none); absent {
		if w, ok := p.Default.(*syntax.Word); ok && w.Name == "none" {
			return v
		}
	}
	return e.convert(v, p.Type)
}

func (e *elab) badArgument(p *syntax.Param, a *argument, callee string) value {
	d := diag.New("call.type", a.at, fmt.Sprintf("%s of %s must be %s, not %s", p.Name.Name, callee, e.typeText(p.Type), e.describe(a.value)))
	d = d.WithRelated(p.Range, "declared here")
	if _, data := a.value.(tensor); data {
		d.Hint = "it is needed at compile time, and a tensor is known only when the graph runs"
	}
	return e.report(d)
}

// typeText says what a parameter's type asks for.
func (e *elab) typeText(t syntax.Type) string {
	if n, ok := t.(*syntax.NamedType); ok {
		switch n.Name {
		case "int", "ints":
			return "an " + n.Name
		}
		return "a " + n.Name
	}
	return e.showDeclared(t)
}

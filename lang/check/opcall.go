package check

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/lang/check/core"
)

// This file calls operators as users write them: compile-time folding, operands apart from attributes, attributes
// converted to what the record declares.

// foldCall computes a call on compile-time numbers alone; ok is false where it has to happen at run time.
func (e *elab) foldCall(op *ir.Op, c *callSite) (v value, ok bool) {
	var ns []number
	for _, a := range c.args {
		n, isNumber := a.value.(number)
		if !isNumber || a.name != "" {
			return nil, false
		}
		ns = append(ns, n)
	}
	if fold := folds[op.Name]; fold != nil && len(ns) > 0 {
		return fold(ns)
	}
	if f := mathFunctions[op.Name]; f != nil && len(ns) == 1 {
		if x, ok := ns[0].constant(); ok {
			return real64(f(x)), true
		}
	}
	return nil, false
}

// folds are the compile-time meanings of operators that keep exactness.
var folds = map[string]func(ns []number) (value, bool){
	"floor": func(ns []number) (value, bool) {
		return rounded(ns, dim.Ratio.Floor, math.Floor)
	},
	"ceil": func(ns []number) (value, bool) {
		return rounded(ns, dim.Ratio.Ceil, math.Ceil)
	},
	"max": func(ns []number) (value, bool) { return extreme(ns, dim.Max, math.Max) },
	"min": func(ns []number) (value, bool) { return extreme(ns, dim.Min, math.Min) },
	"abs": func(ns []number) (value, bool) {
		if x, ok := ns[0].integer(); ok && len(ns) == 1 {
			return whole(max(x, -x)), true
		}
		x, ok := ns[0].constant()
		return real64(math.Abs(x)), ok && len(ns) == 1
	},
}

func rounded(ns []number, exact func(dim.Ratio) dim.Expr, float func(float64) float64) (value, bool) {
	if len(ns) != 1 {
		return nil, false
	}
	if ns[0].exact {
		return sized(exact(ns[0].ratio)), true
	}
	x := float(ns[0].float)
	if math.Abs(x) < 1<<53 {
		return whole(int64(x)), true
	}
	return real64(x), true
}

func extreme(ns []number, exact func(a, b dim.Expr) dim.Expr, float func(a, b float64) float64) (value, bool) {
	acc := ns[0]
	for _, n := range ns[1:] {
		a, ok := exactDim(acc)
		b, ok2 := exactDim(n)
		x, okX := acc.constant()
		y, okY := n.constant()
		switch {
		case ok && ok2:
			acc = sized(exact(a, b))
		case okX && okY:
			acc = real64(float(x, y))
		default:
			return nil, false
		}
	}
	return acc, true
}

func exactDim(n number) (dim.Expr, bool) {
	if !n.exact {
		return dim.Expr{}, false
	}
	return n.ratio.Exact()
}

// splitOperands separates the operands from the attributes of a call. Lists of tensors are spread where the operator
// takes any number of operands.
func (e *elab) splitOperands(op *ir.Op, c *callSite) (operands []value, rest []*argument) {
	fixed := len(op.Operands)
	if op.Variadic() {
		fixed--
	}
	for i, a := range c.args {
		switch {
		case a.name != "":
			if k := slices.Index(op.Operands, a.name); k >= 0 && k == len(operands) {
				operands = append(operands, a.value)
			} else {
				rest = append(rest, a)
			}
		case i < fixed:
			operands = append(operands, a.value)
		case op.Variadic():
			if l, ok := a.value.(list); ok {
				operands = append(operands, l...)
			} else {
				operands = append(operands, a.value)
			}
		default:
			rest = append(rest, a)
		}
	}
	return operands, rest
}

// opAttrs converts attributes to the types that the record declares.
func (e *elab) opAttrs(op *ir.Op, operands []value, rest []*argument, c *callSite) (attrs, bool) {
	given := attrs{}
	rank := rankOf(operands)
	next, good := 0, true
	for _, a := range rest {
		i := next
		if a.name != "" {
			i = slices.IndexFunc(op.Params, func(p ir.ParamSpec) bool { return p.Name == a.name })
		} else {
			next++
		}
		if i < 0 || i >= len(op.Params) {
			e.badAttr(op, a, c)
			good = false
			continue
		}
		p := op.Params[i]
		v, ok := e.attribute(p, a.value, rank)
		if !ok {
			e.fail("call.type", a.at, "%s of %s must be %s, not %s", p.Name, op.Name, attrText[p.Kind], e.describe(a.value))
			good = false
			continue
		}
		given[p.Name] = v
	}
	for _, p := range op.Params {
		if _, ok := given[p.Name]; !ok && p.Default == nil && !e.usual(given, op, p, rank) && good {
			e.fail("call.missing", c.at, "%s needs %s", op.Name, p.Name)
			good = false
		}
	}
	return given, good
}

// usual supplies what a user may leave out though the record has no default: all axes of a reduction, i32 of a leaf.
func (e *elab) usual(given attrs, op *ir.Op, p ir.ParamSpec, rank int) bool {
	switch {
	case op.Kind == ir.Reduction && p.Kind == ir.PInts:
		axes := make([]int64, rank)
		for i := range axes {
			axes[i] = int64(i)
		}
		given[p.Name] = axes
	case len(op.Operands) == 0 && p.Kind == ir.PDType:
		given[p.Name] = dtype.I32
	default:
		return false
	}
	return true
}

func (e *elab) badAttr(op *ir.Op, a *argument, c *callSite) {
	names := []string{}
	for _, p := range op.Params {
		names = append(names, p.Name)
	}
	all := strings.Join(append(slices.Clone(op.Operands), names...), ", ")
	if a.name == "" {
		e.fail("call.arity", a.at, "%s takes (%s), and this is one more", op.Name, all)
		return
	}
	e.report(withSuggestion(diag.New("call.name", a.nameAt(), fmt.Sprintf("%s has no parameter %s; it takes (%s)", op.Name, a.name, all)), a.name, append(slices.Clone(op.Operands), names...)))
}

var attrText = map[ir.ParamKind]string{
	ir.PInt: "an int", ir.PFloat: "a float", ir.PBool: "a bool", ir.PText: "a string", ir.PInts: "a list of ints",
	ir.PDim: "a size", ir.PDims: "a list of sizes", ir.PDType: "an element type", ir.PFloats: "a list of floats",
}

// attribute converts a value to an attribute. Negative axes count from the last.
func (e *elab) attribute(p ir.ParamSpec, v value, rank int) (any, bool) {
	switch p.Kind {
	case ir.PInt:
		n, ok := e.attrInt(v)
		if isAxis(p.Name) && n < 0 {
			n += int64(rank)
		}
		return n, ok
	case ir.PInts:
		return e.attrInts(v, p.Name, rank)
	case ir.PFloat:
		n, ok := v.(number)
		if !ok {
			return nil, false
		}
		return n.constant()
	case ir.PBool:
		b, ok := v.(boolean)
		return bool(b), ok
	case ir.PText:
		t, ok := v.(text)
		return string(t), ok
	case ir.PDType:
		t, ok := v.(element)
		return dtype.DType(t), ok
	case ir.PDim:
		return e.attrDim(v)
	case ir.PDims:
		return attrList(v, e.attrDim)
	case ir.PFloats:
		return attrList(v, func(v value) (float64, bool) {
			n, ok := v.(number)
			if !ok {
				return 0, false
			}
			return n.constant()
		})
	}
	return nil, false
}

// isAxis tells by its name that an attribute counts axes of the first operand.
func isAxis(name string) bool { return name == "axis" || name == "axes" || name == "perm" }

func (e *elab) attrInt(v value) (int64, bool) {
	n, ok := v.(number)
	if !ok || !n.integral() {
		return 0, false
	}
	c, _ := n.constant()
	return int64(c), true
}

func (e *elab) attrInts(v value, name string, rank int) (any, bool) {
	out, ok := attrList(v, e.attrInt)
	if isAxis(name) {
		for i := range out {
			if out[i] < 0 {
				out[i] += int64(rank)
			}
		}
		if name == "axes" {
			slices.Sort(out)
		}
	}
	return out, ok
}

func (e *elab) attrDim(v value) (dim.Expr, bool) {
	n, ok := dimNumber(e, v).(number)
	if !ok {
		return dim.Expr{}, false
	}
	return e.facts.Exact(n.ratio)
}

func attrList[T any](v value, elem func(value) (T, bool)) ([]T, bool) {
	l, ok := v.(list)
	if !ok {
		return nil, false
	}
	out := make([]T, len(l))
	for i, x := range l {
		if out[i], ok = elem(x); !ok {
			return nil, false
		}
	}
	return out, true
}

// rankOf is the number of axes of the first tensor.
func rankOf(operands []value) int {
	for _, v := range operands {
		if t, ok := v.(tensor); ok {
			return t.Type.Rank()
		}
	}
	return 0
}

// commonOperandType is the element type that constants among operands take.
func (e *elab) commonOperandType(operands []value) (dtype.DType, bool) {
	for _, v := range operands {
		if t, ok := v.(tensor); ok {
			return t.Type.DType, true
		}
		if isPoison(v) {
			return dtype.Invalid, false
		}
	}
	return e.float, true
}

// operandTensors makes the operands of a call tensors and checks their number.
func (e *elab) operandTensors(op *ir.Op, operands []value, t dtype.DType, s site) ([]*core.Value, bool) {
	if n := len(op.Operands); len(operands) < n && !(op.Variadic() && len(operands) == n-1) {
		e.fail("call.missing", s.at, "%s needs %s", op.Name, op.Operands[len(operands)])
		return nil, false
	}
	vs := make([]*core.Value, len(operands))
	for i, v := range operands {
		if vs[i] = e.asTensor(v, t, s); vs[i] == nil {
			return nil, false
		}
	}
	return vs, true
}

// resultsOf makes the results of an instruction a value.
func resultsOf(rs []*core.Value) value {
	if len(rs) == 1 {
		return tensor{rs[0]}
	}
	t := tuple{}
	for _, r := range rs {
		t.elems = append(t.elems, tensor{r})
	}
	return t
}

// castTo is f32(x) and the like.
func (e *elab) castTo(t element, c *callSite) value {
	if len(c.args) != 1 {
		return e.fail("call.arity", c.at, "%s converts one value", dtype.DType(t))
	}
	v := e.asTensor(c.args[0].value, dtype.DType(t), c.site)
	if v == nil {
		return poison{}
	}
	if v.Type.DType == dtype.DType(t) {
		return tensor{v}
	}
	return e.one("cast", attrs{"dtype": dtype.DType(t)}, c.site, v)
}

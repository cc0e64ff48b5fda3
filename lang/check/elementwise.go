package check

import (
	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dtype"
	"mmc/lang/check/core"
)

// elementwise calls an operator element by element: constants take the other operands' type, shapes are stretched.
func (e *elab) elementwise(op *ir.Op, given attrs, args []value, s site) value {
	t, ok := e.commonType(op, args, s)
	if !ok {
		return poison{}
	}
	vs := make([]*core.Value, len(args))
	for i, a := range args {
		if vs[i] = e.asTensor(a, t, s); vs[i] == nil {
			return poison{}
		}
	}
	if op == e.op("mul") && t != dtype.Bool {
		vs = e.masks(vs, t, s)
	}
	shape, ok := e.joint(vs, s, symbolOf(op.Name))
	if !ok {
		return poison{}
	}
	for i, v := range vs {
		if vs[i] = e.broadcast(v, shape, s); vs[i] == nil {
			return poison{}
		}
	}
	rs := e.apply(op, given, s, vs...)
	if rs == nil {
		return poison{}
	}
	return tensor{rs[0]}
}

// commonType is the element type that constants among args take: that of the tensors that are no masks, else the
// default float. Tensors of different types are an error that offers the conversion.
func (e *elab) commonType(op *ir.Op, args []value, s site) (dtype.DType, bool) {
	var first *core.Value
	masks := false
	for _, a := range args {
		v, ok := a.(tensor)
		if !ok {
			if isPoison(a) {
				return dtype.Invalid, false
			}
			continue
		}
		switch {
		case v.Type.DType == dtype.Bool:
			masks = true
		case first == nil:
			first = v.Value
		case first.Type.DType != v.Type.DType:
			d := diag.New("dtype.mismatch", s.at, symbolOf(op.Name)+": "+e.showTyped(first)+" and "+e.showTyped(v.Value)+" have different element types")
			d = d.WithRelated(first.Pos, e.named(first)+" is "+e.showTyped(first)).WithRelated(v.Pos, e.named(v.Value)+" is "+e.showTyped(v.Value))
			e.report(d.WithHint(conversionHint(first, v.Value)))
			return dtype.Invalid, false
		}
	}
	switch {
	case first != nil:
		return first.Type.DType, true
	case masks && !hasNumber(args):
		return dtype.Bool, true
	}
	return e.float, true
}

// conversionHint offers the conversion that loses least: of integers to floats.
func conversionHint(a, b *core.Value) string {
	to, from := a, b
	if !a.Type.DType.IsFloat() && b.Type.DType.IsFloat() {
		to, from = b, a
	}
	what := "the other"
	if from.Name != "" {
		what = from.Name
	}
	return "nothing is converted silently: write " + to.Type.DType.String() + "(..) around " + what
}

func hasNumber(args []value) bool {
	for _, a := range args {
		if _, ok := a.(number); ok {
			return true
		}
	}
	return false
}

// showTyped prints a type with its element type, always.
func (e *elab) showTyped(v *core.Value) string {
	return v.Type.DType.String() + e.showShape(v.Type.Shape)
}

// masks converts the bool operands of a product to numbers.
func (e *elab) masks(vs []*core.Value, t dtype.DType, s site) []*core.Value {
	for i, v := range vs {
		if v != nil && v.Type.DType == dtype.Bool {
			vs[i] = e.must("cast", attrs{"dtype": t}, s, v)
		}
	}
	return vs
}

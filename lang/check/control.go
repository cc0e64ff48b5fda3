package check

import (
	"mmc/internal/diag"
	"mmc/ir/dtype"
	"mmc/lang/check/core"
	"mmc/lang/syntax"
)

// evalIf evaluates `if c { a } else { b }` as a value.
func (e *elab) evalIf(x *syntax.IfExpr, f *frame) value {
	c, ok := e.evalBool(x.Cond, f)
	if !ok {
		e.poisonArm(x.Then, f)
		e.poisonArm(x.Else, f)
		return poison{}
	}
	taken, other := x.Then, x.Else
	if !c {
		taken, other = other, taken
	}
	e.skipArm(other, f)
	return e.runBody(taken, f)
}

// modes are the words after `in` beside the float types.
var modes = map[string]func(m *mode){
	"eval":     func(m *mode) { m.training = false },
	"train":    func(m *mode) { m.training = true },
	"decoding": func(m *mode) { m.decoding = true },
}

// evalIn evaluates `in mode { .. }`. A float type converts floats of the type around it where they are used inside, and
// the block's value back.
func (e *elab) evalIn(x *syntax.In, f *frame) value {
	saved := e.mode
	if set := modes[x.Mode.Name]; set != nil {
		set(&e.mode)
		v := e.runBody(x.Body, f)
		e.mode = saved
		return v
	}
	t, ok := dtype.Parse(x.Mode.Name)
	if !ok || !t.IsFloat() {
		names := []string{"eval", "train", "decoding", "f32", "f64", "f16", "bf16"}
		return e.report(withSuggestion(diag.New("in.mode", x.Mode.Range, "there is no mode "+x.Mode.Name), x.Mode.Name, names))
	}
	e.float, e.outside = t, saved.float
	if t == saved.float {
		e.outside = saved.outside
	}
	v := e.runBody(x.Body, f)
	e.mode = saved
	return e.castBack(v, t, site{x.Range, f})
}

// castBack converts floats of type t to the default float.
func (e *elab) castBack(v value, t dtype.DType, s site) value {
	switch v := v.(type) {
	case tensor:
		if v.Type.DType == t && t != e.float {
			return e.one("cast", attrs{"dtype": e.float}, s, v.Value)
		}
	case tuple:
		out := tuple{names: v.names}
		for _, x := range v.elems {
			out.elems = append(out.elems, e.castBack(x, t, s))
		}
		return out
	}
	return v
}

// bindConst executes `const name = e` in a body.
func (e *elab) bindConst(x *syntax.Cell, name string, f *frame) {
	v := e.eval(x.Value, f)
	f.fix(name, v, x.Name.Range)
}

// constant is the value of a declared constant: a tensor is computed once in each graph that uses it, before anything
// that may run more than once.
func (e *elab) constant(x *syntax.Cell, s *scope) value {
	if t, ok := e.consts[x]; ok {
		return t
	}
	f := newFrame(s.frame, s, nil, "const "+x.Name.Word())
	f.pure = x.Name.Word()
	body, open := e.body, e.open
	if len(open) > 0 {
		e.body, e.open = open[0], open[:1]
	}
	v := e.constantIn(x, f)
	e.body, e.open = body, open
	if t, ok := v.(tensor); ok {
		e.consts[x] = t
	}
	return v
}

func (e *elab) constantIn(x *syntax.Cell, f *frame) value {
	var v value = poison{}
	e.depth++
	if e.depth > maxDepth {
		e.fail("limit.depth", x.Range, "constants are nested deeper than %d: does %s use itself?", maxDepth, x.Name.Word())
		panic(abandon{})
	}
	v = e.eval(x.Value, f)
	e.depth--
	if x.Type == nil || isPoison(v) {
		return v
	}
	if tt, ok := x.Type.(*syntax.TensorType); ok && listElement(tt) == "" {
		p := &syntax.Param{At: x.At, Name: syntax.Ident{At: x.Name.At, Name: x.Name.Word()}, Type: tt}
		return e.dataArgument(f, p, &argument{value: v, at: x.Value.Span()}, "const")
	}
	if w := e.convert(v, x.Type); w != nil {
		return w
	}
	return e.fail("const.type", x.Value.Span(), "%s must be %s, not %s", x.Name.Word(), e.typeText(x.Type), e.describe(v))
}

// clockNames are the scalars that the trainer keeps.
var clockNames = map[string]bool{"step": true, "epoch": true, "epoch_steps": true}

// clock is the value of a trainer's scalar in a train graph; nil elsewhere.
func (e *elab) clock(name string) value {
	if !clockNames[name] || e.graph == nil || !e.graph.Train {
		return nil
	}
	v := e.clocks[name]
	if v == nil {
		v = &core.Value{Name: name, Pos: e.graph.Pos}
		v.Type.DType = e.prog.opts.Float
		e.clocks[name] = v
		e.graph.Clocks = append(e.graph.Clocks, &core.Clock{Name: name, Value: v})
	}
	return tensor{v}
}

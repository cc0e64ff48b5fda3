package check

import (
	"fmt"
	"strings"

	"mmc/internal/diag"
	"mmc/ir"
	"mmc/lang/check/core"
	"mmc/lang/syntax"
)

// distributions are the functions that name a distribution, with the defaults of their parameters.
var distributions = map[string]*struct {
	dist   ir.Dist
	params []string
	values []float64 // defaults; fewer than params where the first must be given
}{
	"uniform":     {ir.Uniform, []string{"lo", "hi"}, []float64{0, 1}},
	"normal":      {ir.Normal, []string{"mean", "std"}, []float64{0, 1}},
	"bernoulli":   {ir.Bernoulli, []string{"p"}, []float64{0.5}},
	"randint":     {ir.RandInt, []string{"lo", "hi"}, nil},
	"permutation": {ir.Permutation, nil, nil},
}

// distributionOf evaluates a call such as normal(0, 0.02): its parameters are compile-time numbers.
func (e *elab) distributionOf(c *callSite) value {
	d := distributions[c.name]
	params := append([]float64{}, d.values...)
	for len(params) < len(d.params) {
		params = append(params, 0)
	}
	for i, a := range c.args {
		k := i
		if a.name != "" {
			k = indexOf(d.params, a.name)
		}
		if k < 0 || k >= len(d.params) {
			wrong := diag.New("call.name", a.nameAt(), fmt.Sprintf("%s takes (%s)", c.name, strings.Join(d.params, ", ")))
			return e.report(withSuggestion(wrong, a.name, d.params))
		}
		n, ok := a.value.(number)
		if !ok || n.symbolic() {
			return e.fail("draw.param", a.at, "the parameters of a distribution are compile-time numbers, and this is %s; scale and shift the draw instead", e.describe(a.value))
		}
		params[k], _ = n.constant()
	}
	if len(c.args) < len(d.params)-len(d.values) {
		return e.fail("call.missing", c.at, "%s takes (%s)", c.name, strings.Join(d.params, ", "))
	}
	out := distribution{dist: d.dist}
	if len(params) > 0 {
		out.a = params[0]
	}
	if len(params) > 1 {
		out.b = params[1]
	}
	return out
}

// newDraw makes a draw at an address; equal addresses are told apart by the ordinal of the call.
func (e *elab) newDraw(address string, d distribution, t ir.Type, at diag.Range) *core.Draw {
	n := e.ordinals[address]
	e.ordinals[address]++
	dr := &core.Draw{Address: fmt.Sprintf("%s#%d", address, n), Dist: d.dist, A: d.a, B: d.b, Pos: at}
	dr.Value = &core.Value{Type: t, Name: address, Pos: at}
	e.graph.Draws = append(e.graph.Draws, dr)
	return dr
}

// declareRandom executes `random keep: [...] = bernoulli(p)`.
func (e *elab) declareRandom(x *syntax.Cell, name string, f *frame) {
	if f.inst != nil && f.inst.bare {
		e.needsLabel(f.inst, x.Range, "draws "+name)
		f.fix(name, poison{}, x.Name.Range)
		return
	}
	t, ok := e.typeOf(x.Type, f)
	v := e.drawOf(x.Value, t, name, x.Range, f, ok)
	f.fix(name, v, x.Name.Range)
}

// drawOf evaluates a distribution and draws from it.
func (e *elab) drawOf(x syntax.Expr, t ir.Type, name string, at diag.Range, f *frame, ok bool) value {
	v := e.eval(x, f)
	if !ok || isPoison(v) {
		return poison{}
	}
	d, isDist := v.(distribution)
	if !isDist {
		return e.fail("draw.dist", x.Span(), "a draw needs a distribution such as normal(), not %s", e.describe(v))
	}
	path := ""
	if f.inst != nil {
		path = f.inst.path
	}
	return tensor{e.newDraw(join(path, name), d, t, at).Value}
}

// bindDrawn binds a parameter whose default is a distribution, and whose dims are known by now, to a draw.
func (e *elab) bindDrawn(f *frame, p *syntax.Param) bool {
	tt, isTensor := p.Type.(*syntax.TensorType)
	if isTensor {
		for _, d := range tt.Dims {
			if name := newDim(d.Expr, f); name != "" {
				msg := fmt.Sprintf("%s is drawn, and its dim %s is not known from other arguments", p.Name.Name, name)
				d := diag.New("draw.dim", e.callAt(p.Range), msg).WithRelated(p.Range, "declared here")
				e.report(d.WithHint(fmt.Sprintf("draw it in the caller and pass it: %s: ..", p.Name.Name)))
				f.vars[p.Name.Name] = poison{}
				return false
			}
		}
	}
	t, ok := e.typeOf(p.Type, f)
	v := e.drawOf(p.Default, t, p.Name.Name, p.Range, f, ok)
	f.vars[p.Name.Name] = v
	return !isPoison(v)
}

// initDraw is a draw with the type of the cell whose initial value is evaluated; nil elsewhere.
func (e *elab) initDraw(d distribution, s site) *core.Value {
	if e.init == nil {
		return nil
	}
	return e.newDraw(e.init.Name, d, e.init.Type, s.at).Value
}

func indexOf(list []string, s string) int {
	for i, x := range list {
		if x == s {
			return i
		}
	}
	return -1
}

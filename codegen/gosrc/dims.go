package gosrc

import (
	"slices"
	"strconv"
	"strings"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/plan"
)

// sizes are the symbols of one program: how a call finds their values and what it checks.
type sizes struct {
	symbols  []string          // the user's, sorted
	internal []dim.Definition  // derived ones that the plan uses
	field    map[string]string // Go field of each
	offsets  map[string]string // local variables that hold offsets while the arena is laid out
	explicit []string          // symbols that no argument's shape tells: the caller says them
}

// newSizes collects the symbols that a program's expressions and its signature use.
func newSizes(p *plan.Program) *sizes {
	s := &sizes{field: map[string]string{}}
	used := map[string]bool{}
	each := func(e dim.Expr) {
		for _, name := range e.Syms() {
			used[name] = true
		}
	}
	exprsOf(p, each)
	var defs map[string]dim.Expr
	if p.Graph != nil && p.Graph.Facts != nil {
		defs = map[string]dim.Expr{}
		for _, d := range p.Graph.Facts.Internal() {
			if defs[d.Sym] = d.Value; used[d.Sym] {
				s.internal = append(s.internal, d)
				each(d.Value)
			}
		}
		for _, c := range p.Graph.Facts.Conditions() {
			each(c.A)
			each(c.B)
		}
	}
	s.offsets = map[string]string{}
	for _, b := range p.Arena.Order {
		s.offsets[plan.OffsetSymbol(b.ID)] = "at" + strconv.Itoa(b.ID)
	}
	for name := range used {
		if _, internal := defs[name]; !internal && s.offsets[name] == "" {
			s.symbols = append(s.symbols, name)
		}
	}
	slices.Sort(s.symbols)
	scope := newNames()
	for _, name := range s.symbols {
		s.field[name] = scope.give(exported(name))
	}
	for _, d := range s.internal {
		s.field[d.Sym] = scope.give(local(strings.ReplaceAll(d.Sym, "'", " part ")))
	}
	return s
}

// exprsOf calls f for every size expression of a program that generated code may evaluate.
func exprsOf(p *plan.Program, f func(dim.Expr)) {
	view := func(v plan.View) {
		f(v.Offset)
		for i := range v.Shape {
			f(v.Shape[i])
			f(v.Strides[i])
		}
	}
	f(p.Arena.Bytes)
	for _, b := range p.Buffers {
		f(b.Size)
		f(b.Offset)
		for _, e := range b.Borders {
			view(e.View)
			f(e.Low)
			f(e.High)
		}
	}
	for _, s := range p.Steps {
		for _, v := range slices.Concat(s.In, s.Out) {
			view(v)
		}
		nestExprs(s.Nest, f)
	}
	if p.Graph == nil {
		return
	}
	for _, a := range p.Graph.Args {
		for _, d := range a.Value.Type.Shape {
			f(d)
		}
	}
	for _, r := range p.Graph.Results {
		for _, d := range r.Value.Type.Shape {
			f(d)
		}
	}
}

// text is an expression in Go over the fields of a variable.
func (s *sizes) text(e dim.Expr, of string) string {
	return e.GoExpr(func(sym string) string {
		if v := s.offsets[sym]; v != "" {
			return v
		}
		return of + "." + s.field[sym]
	})
}

// solve finds the symbols from the shapes of arguments that the caller must give, in order. It returns, per symbol, where
// its value comes from; what is left over is explicit.
func (s *sizes) solve(args []*ir.Arg) []source {
	var out []source
	known := map[string]bool{}
	learn := func(compound bool) (progress bool) {
		for i, a := range args {
			for axis, d := range a.Value.Type.Shape {
				if src, ok := s.sourceOf(d, known, compound); ok {
					src.arg, src.axis = i, axis
					out = append(out, src)
					known[src.symbol] = true
					progress = true
				}
			}
		}
		return progress
	}
	learn(false)
	for learn(true) {
	}
	for _, name := range s.symbols {
		if !known[name] {
			s.explicit = append(s.explicit, name)
		}
	}
	return out
}

// source says that a symbol is (size of an axis - minus) / by.
type source struct {
	symbol    string
	arg, axis int
	minus, by int64
}

// sourceOf reads an axis whose size is a symbol that is not known yet; with compound, also a multiple of one plus a constant.
func (s *sizes) sourceOf(d dim.Expr, known map[string]bool, compound bool) (source, bool) {
	syms := d.Syms()
	if len(syms) != 1 || known[syms[0]] || !slices.Contains(s.symbols, syms[0]) {
		return source{}, false
	}
	name := syms[0]
	if d.Equal(dim.Sym(name)) {
		return source{symbol: name, by: 1}, true
	}
	if !compound {
		return source{}, false
	}
	at := func(x int64) dim.Expr { return d.Subst(map[string]dim.Expr{name: dim.Int(x)}) }
	base, ok := at(0).Const()
	one, ok2 := at(1).Const()
	by := one - base
	if !ok || !ok2 || by <= 0 || !d.Equal(dim.Sym(name).Mul(dim.Int(by)).Add(dim.Int(base))) {
		return source{}, false
	}
	return source{symbol: name, minus: base, by: by}, true
}

// shapeText is a shape as the .mm file says it.
func shapeText(f *dim.Facts, t ir.Type) string {
	texts := make([]string, len(t.Shape))
	for i, d := range t.Shape {
		texts[i] = showDim(f, d)
	}
	prefix := ""
	if t.DType.String() != "f32" {
		prefix = t.DType.String()
	}
	return prefix + "[" + strings.Join(texts, ", ") + "]"
}

// showDim is a size in the user's symbols.
func showDim(f *dim.Facts, d dim.Expr) string {
	if f == nil {
		return d.String()
	}
	return f.Show(d)
}

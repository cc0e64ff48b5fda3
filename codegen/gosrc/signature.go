package gosrc

import (
	"slices"
	"strconv"
	"strings"

	"mmc/codegen/emit"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/plan"
)

// signature is a graph as a Go method: positional arguments, the struct of optional ones, results.
type signature struct {
	positional []*ir.Arg
	fields     []*ir.Arg // optional scalars and declared draws: fields of the argument struct
	draws      []*ir.Arg // draws inside of blocks: drawn always, or read from a noise tape
	clocks     []*ir.Arg
	params     map[*ir.Arg]string // Go names of positional arguments
	at         map[*ir.Arg]string // and of what the door knows of them
	names      map[*ir.Arg]string // fields of the argument struct
	argsType   string             // "" where no struct is needed
	outputs    []output
	resultType string
}

// output is one result that the caller sees.
type output struct {
	*ir.Result
	field  string // exported, in the result struct
	own    string // field of the graph that holds a copy, where the value does not lie dense in the arena
	shape  string // field of the graph that holds the shape
	scalar bool
}

// sign sorts arguments and results.
func (gr *graph) sign() {
	s := &gr.sig
	s.params, s.at, s.names = map[*ir.Arg]string{}, map[*ir.Arg]string{}, map[*ir.Arg]string{}
	scope := newNames("ctx", "s", "t", "g", "d", "err", "out", "args", "rt", "door", "drawn", "taped", "context", "floorDiv",
		"copy", "append", "nil", "int", "float32", "float64", "int32", "int64", "uint8", "bool", "max", "min", "error", "true", "false")
	for _, a := range gr.ir.Args {
		switch {
		case a.Role == ir.Clock:
			s.clocks = append(s.clocks, a)
		case a.Role == ir.Draw && isIdentifier(a.Name), a.Role == ir.Input && a.Default != nil:
			s.fields = append(s.fields, a)
		case a.Role == ir.Draw:
			s.draws = append(s.draws, a)
		case a.Role == ir.Input, a.Role == ir.CellOf && a.Cell.Kind == ir.InOutCell:
			s.positional = append(s.positional, a)
			s.params[a] = scope.give(local(a.Name))
		}
	}
	for _, a := range s.positional {
		s.at[a] = scope.give(s.params[a] + "Arg")
	}
	gr.sources = gr.sizes.solve(s.positional)
	fields := newNames("Seed")
	for _, name := range gr.sizes.explicit {
		fields.give(gr.sizes.field[name])
	}
	for _, a := range s.fields {
		s.names[a] = fields.give(exported(a.Name))
	}
	gr.sortOutputs()
	if len(s.fields) > 0 || len(gr.sizes.explicit) > 0 || len(s.draws) > 0 && !gr.ir.Train {
		s.argsType = gr.gen.top.give(gr.method + "Args")
	}
}

func (gr *graph) sortOutputs() {
	s := &gr.sig
	fields := newNames()
	for _, r := range gr.ir.Results {
		if r.Role == ir.CellOf || r.Role == ir.Prepared {
			continue
		}
		name := r.Name
		if name == "" {
			name = "output"
		}
		o := output{Result: r, field: fields.give(exported(name)), scalar: r.Value.Type.Rank() == 0}
		if !o.scalar {
			o.shape = gr.scope.give(local(name) + "Shape")
		}
		if !gr.inArena(r) && !o.scalar {
			o.own = gr.scope.give(local(name) + "Own")
		}
		s.outputs = append(s.outputs, o)
	}
	switch len(s.outputs) {
	case 0:
	case 1:
		s.resultType = gr.resultElem(s.outputs[0])
	default:
		s.resultType = gr.gen.top.give(gr.method + "Result")
	}
}

// inArena reports whether a result lies dense in the arena, so that the caller may see it there.
func (gr *graph) inArena(r *ir.Result) bool {
	v := gr.plan.Results[r]
	return v.Buf != nil && v.Buf.Space == plan.ArenaSpace && dense(v)
}

// dense reports whether a view's elements lie one after another in row-major order. Axes of size 1 may have any stride.
func dense(v plan.View) bool {
	stride := dim.Int(1)
	for i := len(v.Shape) - 1; i >= 0; i-- {
		if v.Shape[i].IsConst(1) {
			continue
		}
		if !v.Strides[i].Equal(stride) {
			return false
		}
		stride = stride.Mul(v.Shape[i])
	}
	return v.Panel == nil
}

func (gr *graph) resultElem(o output) string {
	if o.scalar {
		return elem(o.Value.Type.DType)
	}
	return "Tensor[" + elem(o.Value.Type.DType) + "]"
}

// isIdentifier reports whether a name was given to a graph's own argument; the addresses of draws inside of blocks have dots
// and ordinals.
func isIdentifier(name string) bool {
	return name != "" && !strings.ContainsAny(name, ".#@/")
}

// argFields prints the fields that hold an argument during a call.
func (gr *graph) argFields(w *emit.Go, a *ir.Arg) {
	f, ok := gr.argField[a]
	if !ok || a.Role == ir.Prepared {
		return
	}
	w.Linef("%s []%s // %s", f, elem(a.Value.Type.DType), shapeText(gr.ir.Facts, a.Value.Type))
	if a.Role == ir.Draw {
		w.Linef("%sOwn []%s", f, elem(a.Value.Type.DType))
	}
}

func (gr *graph) resultFields(w *emit.Go) {
	for _, o := range gr.sig.outputs {
		if o.shape != "" {
			w.Linef("%s [%d]int", o.shape, o.Value.Type.Rank())
		}
		if o.own != "" {
			w.Linef("%s []%s", o.own, elem(o.Value.Type.DType))
		}
	}
}

// placeResults prints the shapes of the results.
func (gr *graph) placeResults(w *emit.Go) {
	for _, o := range gr.sig.outputs {
		if o.shape == "" {
			continue
		}
		var sizes []string
		for _, d := range o.Value.Type.Shape {
			sizes = append(sizes, gr.sizes.text(d, "d"))
		}
		w.Linef("g.%s = [%d]int{%s}", o.shape, len(sizes), strings.Join(sizes, ", "))
		if o.own != "" {
			w.Linef("g.%s = rt.Room(g.%s, %s)", o.own, o.own, gr.sizes.text(o.Value.Type.Size(), "d"))
		}
	}
}

// types prints the argument struct and the result struct.
func (gr *graph) types(w *emit.Go) {
	s := &gr.sig
	if s.argsType != "" {
		w.Doc(s.argsType + " are the optional and drawn arguments of " + gr.method + ".")
		w.Block("type "+s.argsType+" struct", func() { gr.argsFields(w) })
		w.Line()
	}
	if len(s.outputs) > 1 {
		w.Doc(s.resultType + " are the results of " + gr.method + ".")
		w.Block("type "+s.resultType+" struct", func() {
			for _, o := range s.outputs {
				w.Linef("%s %s // %s", o.field, gr.resultElem(o), shapeText(gr.ir.Facts, o.Value.Type))
			}
		})
		w.Line()
	}
}

func (gr *graph) argsFields(w *emit.Go) {
	for _, name := range gr.sizes.explicit {
		w.Linef("%s int // the size %s", gr.sizes.field[name], name)
	}
	for _, a := range gr.sig.fields {
		doc := shapeText(gr.ir.Facts, a.Value.Type)
		if a.Role == ir.Draw {
			w.Linef("%s Tensor[%s] // %s, %s where it is left out", gr.argsField(a), elem(a.Value.Type.DType), doc, lawText(a.Random, a.Value.Type.DType))
		} else {
			w.Linef("%s *%s // %s where it is left out", gr.argsField(a), elem(a.Value.Type.DType), numberOf(*a.Default, a.Value.Type.DType))
		}
	}
	if gr.seeded() && !gr.ir.Train {
		w.Line("Seed uint64 // of the draws")
	}
}

// argsField is the name of an argument in the argument struct.
func (gr *graph) argsField(a *ir.Arg) string { return gr.sig.names[a] }

// seeded reports whether the graph draws what is not certain.
func (gr *graph) seeded() bool {
	return slices.ContainsFunc(gr.ir.Args, func(a *ir.Arg) bool {
		if a.Role != ir.Draw {
			return false
		}
		_, certain := a.Random.Certain()
		return !certain
	})
}

// lawText is a distribution as the language writes it.
func lawText(r *ir.Random, t dtype.DType) string {
	if r == nil {
		return "drawn"
	}
	if value, ok := r.Certain(); ok {
		return numberOf(value, t)
	}
	return "drawn from " + r.Dist.String() + "(" + number(r.A) + ", " + number(r.B) + ")"
}

// numberOf is a number as the language writes it.
func numberOf(value float64, t dtype.DType) string {
	if t == dtype.Bool {
		return strconv.FormatBool(value != 0)
	}
	return number(value)
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// parameters is the parameter list of the method after the receiver.
func (gr *graph) parameters(withContext bool) string {
	var list []string
	if withContext {
		list = append(list, "ctx context.Context")
	}
	for _, a := range gr.sig.positional {
		list = append(list, gr.sig.params[a]+" "+gr.paramType(a))
	}
	if gr.sig.argsType != "" {
		list = append(list, "args "+gr.sig.argsType)
	}
	return strings.Join(list, ", ")
}

// arguments are the names of the parameters, to pass them on.
func (gr *graph) arguments() string {
	var list []string
	for _, a := range gr.sig.positional {
		list = append(list, gr.sig.params[a])
	}
	if gr.sig.argsType != "" {
		list = append(list, "args")
	}
	return strings.Join(list, ", ")
}

func (gr *graph) paramType(a *ir.Arg) string {
	if a.Value.Type.Rank() == 0 && a.Role == ir.Input {
		return elem(a.Value.Type.DType)
	}
	return "Tensor[" + elem(a.Value.Type.DType) + "]"
}

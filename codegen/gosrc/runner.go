package gosrc

import (
	_ "embed"
	"strconv"
	"strings"

	"mmc/codegen"
	"mmc/codegen/emit"
	"mmc/ir"
	"mmc/ir/plan"
)

// runnerSupport is what every runner shares: flags, tensors by name, timing.
//
//go:embed runner.go.tmpl
var runnerSupport string

// Runner prints a program that calls the package's graphs on tensors from safetensors files: `mmc run` and `mmc bench` build
// it. It lies in the folder run of the package, from where it may import the package's runtime.
func (t Target) Runner(p *plan.Package) ([]codegen.File, error) {
	g, err := newGenerator(t.Options, p)
	if err != nil {
		return nil, err
	}
	var w emit.Go
	w.Line(g.header())
	w.Line()
	w.Line("// Command run calls the graphs of package ", t.Options.Package, " on files.")
	w.Line("package main")
	w.Line()
	w.Group("import", func() {
		for _, p := range []string{"context", "errors", "flag", "fmt", "os", "os/signal", "slices", "strconv", "strings", "time"} {
			w.Line(strconv.Quote(p))
		}
		w.Line()
		w.Line("model ", strconv.Quote(t.Options.ImportPath))
		w.Line("rt ", strconv.Quote(t.Options.runtimePath()))
	})
	w.Line()
	w.Doc("sessionGraphs and trainerGraphs call the graphs by name.")
	g.runnerTable(&w, "sessionGraphs", "*model.Session", g.inference())
	w.Line()
	trainer := "*model.Trainer"
	if !g.trains() {
		trainer = "*noTrainer"
	}
	g.runnerTable(&w, "trainerGraphs", trainer, g.training())
	w.Text(runnerSupport)
	if g.trains() {
		w.Text(trainerSupport)
	} else {
		w.Text(noTrainerSupport)
	}
	g.runnerProfile(&w)
	data, err := w.Source()
	return []codegen.File{{Path: "run/main.go", Data: data}}, err
}

const trainerSupport = `
func newTrainer(s model.Source, o options) (*model.Trainer, error) {
	return model.NewTrainer(s, model.TrainOptions{Threads: o.threads, Seed: o.seed, Tape: o.tape})
}

func saveTrainer(t *model.Trainer, path string) error { return t.Save(path) }
`

const noTrainerSupport = `
type noTrainer struct{}

func newTrainer(model.Source, options) (*noTrainer, error) {
	return nil, errors.New("the model has no train graph")
}

func saveTrainer(*noTrainer, string) error { return nil }
`

// runnerTable prints the calls of some graphs.
func (g *generator) runnerTable(w *emit.Go, name, receiver string, graphs []*graph) {
	w.Linef("var %s = map[string]func(ctx context.Context, s %s, in *inputs) ([]rt.Source, error){", name, receiver)
	for _, gr := range graphs {
		w.Linef("%q: func(ctx context.Context, s %s, in *inputs) ([]rt.Source, error) {", gr.ir.Name, receiver)
		gr.runnerCall(w)
		w.Line("},")
	}
	w.Line("}")
}

func (gr *graph) runnerCall(w *emit.Go) {
	args := []string{"ctx"}
	for i, a := range gr.sig.positional {
		v := "x" + strconv.Itoa(i)
		call := "tensorOf"
		if !strings.HasPrefix(gr.paramType(a), "Tensor") {
			call = "scalarOf"
		}
		w.Linef("%s := %s[%s](in, %q)", v, call, elem(a.Value.Type.DType), a.Name)
		args = append(args, v)
	}
	if gr.sig.argsType != "" {
		w.Linef("var args model.%s", gr.sig.argsType)
		for _, name := range gr.sizes.explicit {
			w.Linef("args.%s = in.dim(%q)", gr.sizes.field[name], name)
		}
		for _, a := range gr.sig.fields {
			call := "optionalTensorOf"
			if a.Role != ir.Draw {
				call = "optionalScalarOf"
			}
			w.Linef("args.%s = %s[%s](in, %q)", gr.argsField(a), call, elem(a.Value.Type.DType), a.Name)
		}
		if gr.seeded() && !gr.ir.Train {
			w.Line("args.Seed = in.seed")
		}
		args = append(args, "args")
	}
	w.Line("if in.err != nil { return nil, in.err }")
	call := "s." + gr.method + "(" + strings.Join(args, ", ") + ")"
	if len(gr.sig.outputs) == 0 {
		w.Line("return nil, ", call)
		return
	}
	w.Linef("out, err := %s", call)
	w.Line("if err != nil { return nil, err }")
	var list []string
	for _, o := range gr.sig.outputs {
		value := "out"
		if len(gr.sig.outputs) > 1 {
			value += "." + o.field
		}
		if o.scalar {
			value = "scalar(" + value + ")"
		} else if gr.ir.Train {
			value += ".Clone()" // kept beyond the next step
		}
		name := o.Name
		if name == "" {
			name = "output"
		}
		list = append(list, "rt.SourceOf("+strconv.Quote(name)+", "+value+")")
	}
	w.Line("return []rt.Source{", strings.Join(list, ", "), "}, nil")
}

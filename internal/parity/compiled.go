package parity

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"mmc/codegen/gosrc"
	"mmc/internal/compiled"
	"mmc/internal/golden"
	"mmc/interop"
	"mmc/interop/tensor"
	"mmc/ir"
	"mmc/passes"
)

// Compiled runs models as users do: as generated packages, with weights, inputs and results in files.
type Compiled struct {
	Dir   string // of the files
	Exact golden.Tolerance
}

// Tolerance implements Runner.
func (c Compiled) Tolerance() golden.Tolerance { return c.Exact }

// Run implements Runner. Calls in a row of one graph are one run of the program; a training goes on from its checkpoint in the next.
func (c Compiled) Run(p Program) (*Transcript, error) {
	mod, err := Build(p)
	if err != nil {
		return nil, err
	}
	types, err := signatures(mod, p.Calls)
	if err != nil {
		return nil, err
	}
	training := mod.Graph(p.Calls[0].Graph).Train
	out := &Transcript{Cells: Tensors{}, Slots: Tensors{}}
	for _, cell := range mod.Cells {
		if t := p.Weights[cell.Name]; t != nil {
			out.Cells[cell.Name] = t // an inference changes none
		}
	}
	pkg, err := passes.Plan(mod, passes.Options{Verify: ir.Verify})
	if err != nil {
		return nil, err
	}
	binary, err := compiled.Program(context.Background(), pkg, gosrc.Options{Version: "test"})
	if err != nil {
		return nil, err
	}
	if err := c.write("weights", p.Weights); err != nil {
		return nil, err
	}
	weights := "weights"
	for len(p.Calls) > 0 {
		n := slices.IndexFunc(p.Calls, func(call Call) bool { return call.Graph != p.Calls[0].Graph })
		if n < 0 {
			n = len(p.Calls)
		}
		results, err := c.row(binary, weights, p.Calls[:n], types, training)
		if err != nil {
			return nil, err
		}
		out.Results, p.Calls = append(out.Results, results...), p.Calls[n:]
		if training {
			weights = "after"
		}
	}
	if training {
		err = c.readCheckpoint(out)
	}
	return out, err
}

// row runs the program on calls of one graph.
func (c Compiled) row(binary, weights string, calls []Call, types map[string]tensor.DType, training bool) ([]Tensors, error) {
	args := []string{"-weights", c.file(weights), "-graph", calls[0].Graph, "-out", c.file("results")}
	if training {
		args = append(args, "-save", c.file("after"))
	}
	for i, call := range calls {
		in, err := narrowed(call, types)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("input%d", i)
		if err := c.write(name, in); err != nil {
			return nil, err
		}
		args = append(args, c.file(name))
	}
	if err := compiled.Run(context.Background(), binary, args, io.Discard, io.Discard); err != nil {
		return nil, err
	}
	all, err := interop.ReadTensors(c.file("results"))
	if err != nil {
		return nil, err
	}
	out := make([]Tensors, len(calls))
	for i := range out {
		out[i] = Tensors{}
		prefix := ""
		if training {
			prefix = fmt.Sprintf("step%d/", i)
		}
		for _, t := range all {
			if name, ok := strings.CutPrefix(t.Name, prefix); ok {
				out[i][name] = t.Tensor
			}
		}
	}
	return out, nil
}

// readCheckpoint takes weights and the states of optimisers from the last checkpoint.
func (c Compiled) readCheckpoint(out *Transcript) error {
	all, err := interop.ReadTensors(c.file("after"))
	for _, t := range all {
		if slot, ok := strings.CutPrefix(t.Name, "@opt/"); ok {
			out.Slots[slot] = t.Tensor
		} else {
			out.Cells[strings.TrimPrefix(t.Name, "@state/")] = t.Tensor
		}
	}
	return err
}

func (c Compiled) file(name string) string { return filepath.Join(c.Dir, name+".safetensors") }

func (c Compiled) write(name string, tensors Tensors) error {
	var all []interop.Named
	for n, t := range tensors {
		all = append(all, interop.Named{Name: n, Tensor: t})
	}
	return interop.WriteTensors(c.file(name), all)
}

// signatures are the element types of all arguments, as graph/argument, and tell that the graphs are there.
func signatures(mod *ir.Module, calls []Call) (map[string]tensor.DType, error) {
	types := map[string]tensor.DType{}
	for _, call := range calls {
		g := mod.Graph(call.Graph)
		if g == nil {
			return nil, fmt.Errorf("model %s has no graph %s", mod.Name, call.Graph)
		}
		for _, a := range g.Args {
			types[g.Name+"/"+a.Name] = tensor.DType(a.Value.Type.DType.String())
		}
	}
	return types, nil
}

// narrowed gives inputs the types of the signature: the golden cases have labels as i64.
func narrowed(call Call, types map[string]tensor.DType) (Tensors, error) {
	out := Tensors{}
	for name, t := range call.Inputs {
		want := types[call.Graph+"/"+name]
		if want == "" {
			return nil, fmt.Errorf("graph %s has no argument %s", call.Graph, name)
		}
		if t.DType() != want {
			converted, _, err := tensor.Convert(t, want)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			t = converted
		}
		out[name] = t
	}
	return out, nil
}

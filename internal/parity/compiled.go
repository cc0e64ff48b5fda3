package parity

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
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
	Times int // if set, how often the last call is repeated on one thread and timed
}

// Tolerance implements Runner.
func (c Compiled) Tolerance() golden.Tolerance { return c.Exact }

// Run implements Runner. Calls in a row of one graph are one run of the program; a training goes on from its checkpoint in the next.
func (c Compiled) Run(p Program) (*Transcript, error) {
	mod, err := Build(p)
	if err != nil {
		return nil, err
	}
	sigs, err := signatures(mod, p.Calls)
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
		results, err := c.row(binary, weights, p.Calls[:n], sigs[p.Calls[0].Graph])
		if err != nil {
			return nil, err
		}
		if c.Times > 0 {
			if out.Millis, err = c.time(binary, weights, p.Calls[0], sigs[p.Calls[0].Graph]); err != nil {
				return nil, err
			}
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
func (c Compiled) row(binary, weights string, calls []Call, sig signature) ([]Tensors, error) {
	args := append(c.args(weights, calls[0], sig), "-out", c.file("results"))
	if sig.train {
		args = append(args, "-save", c.file("after"))
	}
	for i, call := range calls {
		in, err := sig.narrowed(call.Inputs)
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
		if sig.train {
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

// args are what all runs of a call need: weights, graph, sizes.
func (c Compiled) args(weights string, call Call, sig signature) []string {
	args := []string{"-weights", c.file(weights), "-graph", call.Graph}
	for dim, size := range sig.sizes(call.Inputs) {
		args = append(args, "-dim", fmt.Sprintf("%s=%d", dim, size))
	}
	return args
}

// time is the median of some calls, in milliseconds, on the inputs that row has written.
func (c Compiled) time(binary, weights string, call Call, sig signature) (float64, error) {
	var out strings.Builder
	args := append(c.args(weights, call, sig), "-threads", "1", "-warm", "1", "-repeat", strconv.Itoa(c.Times), c.file("input0"))
	if err := compiled.Run(context.Background(), binary, args, &out, io.Discard); err != nil {
		return 0, err
	}
	var all []float64
	for _, line := range strings.Fields(out.String()) {
		ms, err := strconv.ParseFloat(line, 64)
		if err != nil {
			return 0, fmt.Errorf("a call's milliseconds: %w", err)
		}
		all = append(all, ms)
	}
	slices.Sort(all)
	return all[len(all)/2], nil
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

// signature is what the arguments of a graph must be.
type signature struct {
	train bool
	types map[string]ir.Type
}

// signatures are those of the called graphs by name; it is an error if one is not there.
func signatures(mod *ir.Module, calls []Call) (map[string]signature, error) {
	out := map[string]signature{}
	for _, call := range calls {
		g := mod.Graph(call.Graph)
		if g == nil {
			return nil, fmt.Errorf("model %s has no graph %s", mod.Name, call.Graph)
		}
		s := signature{g.Train, map[string]ir.Type{}}
		for _, a := range g.Args {
			s.types[a.Name] = a.Value.Type
		}
		out[g.Name] = s
	}
	return out, nil
}

// sizes are the sizes that inputs have where the signature has a name: a graph with drawn arguments alone must be told.
func (s signature) sizes(inputs Tensors) map[string]int {
	out := map[string]int{}
	for name, t := range inputs {
		for i, d := range s.types[name].Shape {
			if symbols := d.Syms(); len(symbols) == 1 && d.String() == symbols[0] && i < len(t.Shape) {
				out[symbols[0]] = t.Shape[i]
			}
		}
	}
	return out
}

// narrowed gives inputs the element types of the signature: the golden cases have labels as i64.
func (s signature) narrowed(inputs Tensors) (Tensors, error) {
	out := Tensors{}
	for name, t := range inputs {
		typ, ok := s.types[name]
		if !ok {
			return nil, fmt.Errorf("there is no argument %s", name)
		}
		if want := tensor.DType(typ.DType.String()); t.DType() != want {
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

package parity

import (
	"fmt"
	"os"
	"path/filepath"

	"mmc/internal/golden"
	"mmc/interop/tensor"
	"mmc/ir"
	"mmc/ir/dtype"
	"mmc/ir/eval"
)

// Reference runs models on the reference evaluator, in float64.
type Reference struct {
	sides *sides // if set, what units take
}

// Tolerance implements Runner.
func (Reference) Tolerance() golden.Tolerance { return golden.Float64 }

// Run implements Runner.
func (r Reference) Run(p Program) (*Transcript, error) {
	mod, err := Build(p)
	if err != nil {
		return nil, err
	}
	cells, err := startCells(mod, p.Weights)
	if err != nil {
		return nil, err
	}
	out := &Transcript{Cells: Tensors{}, Slots: Tensors{}}
	for step, call := range p.Calls {
		results, err := r.call(mod, call, cells, step)
		if err != nil {
			return nil, err
		}
		out.Results = append(out.Results, results)
	}
	for _, c := range mod.Cells {
		into := out.Cells
		if c.Kind == ir.SlotCell {
			into = out.Slots
		}
		if t := cells[c.Name]; t != nil {
			into[c.Name] = narrow(t)
		}
	}
	return out, nil
}

// startCells gives cells the weights of the case; counters and slots start as the model says.
func startCells(mod *ir.Module, weights Tensors) (map[string]*ir.Tensor, error) {
	cells, err := eval.InitCells(mod, 0)
	if err != nil {
		return nil, err
	}
	for _, c := range mod.Cells {
		if w := weights[c.Name]; w != nil {
			if cells[c.Name], err = widen(w, c.Type.DType); err != nil {
				return nil, fmt.Errorf("%s: %w", c.Name, err)
			}
		}
	}
	return cells, nil
}

// call runs one call and puts the new versions of cells in place of the old.
func (r Reference) call(mod *ir.Module, call Call, cells map[string]*ir.Tensor, step int) (Tensors, error) {
	g := mod.Graph(call.Graph)
	if g == nil {
		return nil, fmt.Errorf("model %s has no graph %s", mod.Name, call.Graph)
	}
	in := eval.Inputs{Args: map[string]*ir.Tensor{}, Draws: map[string]*ir.Tensor{}, Cells: cells, Step: uint32(step)}
	if r.sides != nil {
		var err error
		if in.Trace, err = r.sides.trace(g, step); err != nil {
			return nil, err
		}
	}
	used := 0
	for _, a := range g.Args {
		given := call.Inputs[a.Name]
		if given == nil || a.Role != ir.Input && a.Role != ir.Draw {
			continue
		}
		used++
		t, err := widen(given, a.Value.Type.DType)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.Name, err)
		}
		if a.Role == ir.Draw {
			in.Draws[a.Random.Address] = t
		} else {
			in.Args[a.Name] = t
		}
	}
	if used != len(call.Inputs) {
		return nil, fmt.Errorf("graph %s takes %d of the %d inputs", g.Name, used, len(call.Inputs))
	}
	out, err := eval.Run(g, in)
	if err != nil {
		return nil, err
	}
	for name, t := range out.Cells {
		cells[name] = t
	}
	results := Tensors{}
	for name, t := range out.Values {
		results[name] = narrow(t)
	}
	return results, nil
}

// widen makes a tensor of the evaluator, which computes in float64 whatever the type is called.
func widen(t *tensor.Tensor, as dtype.DType) (*ir.Tensor, error) {
	values, err := t.Values()
	return &ir.Tensor{DType: as, Shape: t.Shape, Data: values}, err
}

// narrow is the tensor as it is compared: values that are floats to the evaluator stay floats.
func narrow(t *ir.Tensor) *tensor.Tensor { return &tensor.Tensor{Shape: t.Shape, Data: t.Data} }

// readSource reads a file of the repository.
func readSource(name string) ([]byte, error) {
	root, err := golden.ModuleRoot()
	if err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
}

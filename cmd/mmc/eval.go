package main

import (
	"fmt"
	"strings"

	"mmc/interop"
	"mmc/interop/tensor"
	"mmc/ir"
	"mmc/ir/dtype"
	"mmc/ir/eval"
	"mmc/passes/grad"
	rt "mmc/runtime"
)

// evaluate runs the graph in the reference evaluator.
func (c *runCmd) evaluate(e *env, m *ir.Module, call call) ([]interop.Named, error) {
	in := eval.Inputs{Args: map[string]*ir.Tensor{}, Draws: map[string]*ir.Tensor{}, Dims: c.Dim}
	addresses := map[string]string{}
	for _, a := range call.graph.Args {
		if a.Role == ir.Draw {
			addresses[a.Name] = a.Random.Address
		}
	}
	for _, t := range call.inputs {
		host, err := hostTensor(t.Tensor)
		if err != nil {
			return nil, err
		}
		if address, drawn := addresses[t.Name]; drawn {
			in.Draws[address] = host
		} else {
			in.Args[t.Name] = host
		}
	}
	var err error
	if in.Cells, err = c.cells(e, m); err != nil {
		return nil, err
	}
	if c.Seed != nil {
		in.Seed = *c.Seed
	}
	out, err := compute(e.ctx, func() (*eval.Outputs, error) {
		grad.Expand(call.graph)
		return eval.Run(call.graph, in)
	})
	if err != nil {
		return nil, err
	}
	return outputs(call.graph, out)
}

// outputs are the results that go to the user.
func outputs(g *ir.Graph, out *eval.Outputs) ([]interop.Named, error) {
	var results []interop.Named
	for _, r := range g.Results {
		if r.Role == ir.CellOf {
			continue
		}
		t, err := fileTensor(out.Values[r.Name])
		if err != nil {
			return nil, err
		}
		results = append(results, interop.Named{Name: resultName(r), Tensor: t})
	}
	return results, nil
}

// cells are the weights for the evaluator: read, or drawn.
func (c *runCmd) cells(e *env, m *ir.Module) (map[string]*ir.Tensor, error) {
	file, err := c.weightsFile(c.File)
	if err != nil {
		return nil, err
	}
	if file == "" {
		return compute(e.ctx, func() (map[string]*ir.Tensor, error) { return eval.InitCells(m, *c.Seed) })
	}
	file = shorten(file)
	s, err := rt.OpenSafeTensors(file)
	if err != nil {
		return nil, noFile(err, file)
	}
	defer s.Close()
	list, err := loadedCells(m)
	if err != nil {
		return nil, err
	}
	matched, err := rt.MatchWeights(s, rt.Specs(list.cells), c.IgnoreExtra)
	if err != nil {
		return nil, err
	}
	for _, note := range matched.Notes {
		fmt.Fprintln(e.errOut, "note:", note)
	}
	if err := rt.MakeCells(list.cells); err != nil {
		return nil, err
	}
	if err := rt.ReadCells(list.cells, matched); err != nil {
		return nil, err
	}
	return list.tensors(), nil
}

// cellTable is the table of a model's parameters and states, as a generated package has one, with float64 in the place of all
// real types and int64 in that of all integers.
type cellTable struct {
	cells  []rt.Cell
	values []func() *ir.Tensor
}

// loadedCells makes the table of what a weight file holds.
func loadedCells(m *ir.Module) (*cellTable, error) {
	t := new(cellTable)
	for _, c := range m.Cells {
		if c.Kind != ir.ParamCell && c.Kind != ir.StateCell {
			continue
		}
		kind, ok := rt.ParseDType(strings.ToUpper(c.Type.DType.String()))
		if !ok {
			return nil, fmt.Errorf("%s %s: no file holds %s", c.Kind, c.Name, c.Type.DType)
		}
		spec := rt.ParamSpec{Name: c.Name, DType: kind, Aliases: c.Aliases}
		for _, d := range c.Type.Shape {
			n, ok := d.Const()
			if !ok {
				return nil, fmt.Errorf("%s %s: its shape %s is not known before a call", c.Kind, c.Name, c.Type)
			}
			spec.Shape = append(spec.Shape, int(n))
		}
		if c.Kind == ir.StateCell && c.Init != nil && c.Init.Random == nil && c.Init.Graph == nil {
			spec.Default = &c.Init.Const
		}
		t.add(spec, c.Type.DType)
	}
	return t, nil
}

func (t *cellTable) add(spec rt.ParamSpec, kind dtype.DType) {
	switch {
	case kind == dtype.Bool:
		addCell(t, spec, kind, func(b bool) float64 { return map[bool]float64{true: 1}[b] })
	case kind.IsFloat():
		addCell(t, spec, kind, func(x float64) float64 { return x })
	default:
		addCell(t, spec, kind, func(x int64) float64 { return float64(x) })
	}
}

func addCell[T rt.Elem](t *cellTable, spec rt.ParamSpec, kind dtype.DType, number func(T) float64) {
	data := new([]T)
	t.cells = append(t.cells, rt.Cell{ParamSpec: spec, Data: rt.SliceOf(data)})
	t.values = append(t.values, func() *ir.Tensor { return &ir.Tensor{DType: kind, Shape: spec.Shape, Data: convert(*data, number)} })
}

// tensors are the values that were read, by name.
func (t *cellTable) tensors() map[string]*ir.Tensor {
	out := map[string]*ir.Tensor{}
	for i, c := range t.cells {
		out[c.Name] = t.values[i]()
	}
	return out
}

func hostTensor(t *tensor.Tensor) (*ir.Tensor, error) {
	values, err := t.Values()
	if err != nil {
		return nil, err
	}
	kind, ok := dtype.Parse(string(t.DType()))
	if !ok {
		kind = dtype.I64 // narrower integers
	}
	return &ir.Tensor{DType: kind, Shape: t.Shape, Data: values}, nil
}

// fileTensor gives an evaluator's tensor its element type. Reals keep the evaluator's precision.
func fileTensor(t *ir.Tensor) (*tensor.Tensor, error) {
	switch t.DType {
	case dtype.I32:
		return tensor.Of(t.Shape, convert(t.Data, func(x float64) int32 { return int32(x) }))
	case dtype.I64:
		return tensor.Of(t.Shape, convert(t.Data, func(x float64) int64 { return int64(x) }))
	case dtype.U8:
		return tensor.Of(t.Shape, convert(t.Data, func(x float64) uint8 { return uint8(x) }))
	case dtype.Bool:
		return tensor.Of(t.Shape, convert(t.Data, func(x float64) bool { return x != 0 }))
	}
	return tensor.Of(t.Shape, t.Data)
}

func convert[From, To any](from []From, f func(From) To) []To {
	out := make([]To, len(from))
	for i, x := range from {
		out[i] = f(x)
	}
	return out
}

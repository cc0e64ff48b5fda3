package main

import (
	"mmc/interop"
	"mmc/interop/tensor"
	"mmc/ir"
	"mmc/ir/dtype"
	"mmc/ir/eval"
	"mmc/passes/grad"
)

// evaluate runs the graph in the reference evaluator.
func (c *runCmd) evaluate(_ *env, m *ir.Module, g *ir.Graph, inputs []interop.Named) ([]interop.Named, error) {
	in := eval.Inputs{Args: map[string]*ir.Tensor{}, Draws: map[string]*ir.Tensor{}, Dims: c.Dim}
	for _, t := range inputs {
		host, err := hostTensor(t.Tensor)
		if err != nil {
			return nil, err
		}
		in.Args[t.Name] = host
		for _, a := range g.Args {
			if a.Name == t.Name && a.Role == ir.Draw {
				in.Draws[a.Random.Address] = host
			}
		}
	}
	var err error
	if in.Cells, err = c.cells(m); err != nil {
		return nil, err
	}
	if c.Seed != nil {
		in.Seed = *c.Seed
	}
	grad.Expand(g)
	out, err := eval.Run(g, in)
	if err != nil {
		return nil, err
	}
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
func (c *runCmd) cells(m *ir.Module) (map[string]*ir.Tensor, error) {
	file, err := c.weightsFile(c.File)
	if err != nil {
		return nil, err
	}
	if file == "" {
		return eval.InitCells(m, *c.Seed)
	}
	list, err := interop.ReadTensors(file)
	if err != nil {
		return nil, err
	}
	cells := map[string]*ir.Tensor{}
	for _, t := range list {
		if cells[t.Name], err = hostTensor(t.Tensor); err != nil {
			return nil, err
		}
	}
	for _, cell := range m.Cells {
		for _, alias := range cell.Aliases {
			if t := cells[alias]; t != nil && cells[cell.Name] == nil {
				cells[cell.Name] = t
			}
		}
	}
	return cells, nil
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

// fileTensor gives an evaluator's result its element type.
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

func convert[T any](from []float64, f func(float64) T) []T {
	out := make([]T, len(from))
	for i, x := range from {
		out[i] = f(x)
	}
	return out
}

package eval

import (
	"fmt"
	"strconv"
	"strings"

	"mmc/ir"
	"mmc/ir/dtype"
	rt "mmc/runtime"
)

// draw fills a tensor with random numbers, the same ones that generated packages draw.
func (m *machine) draw(t ir.Type, r *ir.Random) (*ir.Tensor, error) {
	out, err := m.allocate(t)
	if err != nil {
		return nil, fmt.Errorf("draw %s: %w", r.Address, err)
	}
	return out, fill(out, r, m.in.Seed, m.in.Step)
}

// fill draws the elements of a tensor.
func fill(t *ir.Tensor, r *ir.Random, seed uint64, step uint32) error {
	if value, ok := r.Certain(); ok {
		if t.DType != dtype.F64 {
			value = float64(float32(value))
		}
		rt.Set(t.Data, value)
		return nil
	}
	path, ordinal, err := splitAddress(r.Address)
	if err != nil {
		return err
	}
	d := rt.Draw{Seed: seed, Path: path, Step: step, Ordinal: ordinal}
	switch r.Dist {
	case ir.Uniform:
		rt.Uniform(d, t.Data, 0, float32(r.A), float32(r.B))
	case ir.Normal:
		rt.Normal(d, t.Data, 0, float32(r.A), float32(r.B))
	case ir.Bernoulli:
		rt.Bernoulli(d, t.Data, 0, float32(r.A))
	case ir.RandInt:
		return rt.RandInt(d, t.Data, 0, int64(r.A), int64(r.B))
	case ir.Permutation:
		rt.Permutation(d, t.Data)
	default:
		return fmt.Errorf("draw %s: unknown distribution", r.Address)
	}
	return nil
}

// splitAddress parts "h.3.dropout1.keep#0" into path and ordinal; without # the ordinal is 0.
func splitAddress(address string) (path string, ordinal uint32, err error) {
	path, number, ok := strings.Cut(address, "#")
	if !ok {
		return path, 0, nil
	}
	n, err := strconv.ParseUint(number, 10, 32)
	if err != nil {
		return "", 0, fmt.Errorf("draw %s: %q is no ordinal", address, number)
	}
	return path, uint32(n), nil
}

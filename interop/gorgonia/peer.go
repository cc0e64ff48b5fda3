package gorgonia

import (
	"fmt"

	"mmc/interop/tensor"

	gt "gorgonia.org/tensor"
)

// Contract sums products over pairs of axes, axesA[i] of a with axesB[i] of b; the axes that remain follow each other, those of a
// first. It is computed by gorgonia.org/tensor on Gonum's BLAS, which shares no code with mmc: a test may hold a product, a dense
// layer or an einsum against it. Both tensors are f32 or both f64.
func Contract(a, b *tensor.Tensor, axesA, axesB []int) (*tensor.Tensor, error) {
	return binary(a, b, func(x, y *gt.Dense) (gt.Tensor, error) { return gt.Contract(x, y, axesA, axesB) })
}

// MatMul is the product of two matrices.
func MatMul(a, b *tensor.Tensor) (*tensor.Tensor, error) {
	return binary(a, b, func(x, y *gt.Dense) (gt.Tensor, error) { return gt.MatMul(x, y) })
}

// Elementwise applies add, sub, mul, div or pow to tensors of one shape.
func Elementwise(op string, a, b *tensor.Tensor) (*tensor.Tensor, error) {
	f := map[string]func(a, b any, opts ...gt.FuncOpt) (gt.Tensor, error){
		"add": gt.Add, "sub": gt.Sub, "mul": gt.Mul, "div": gt.Div, "pow": gt.Pow,
	}[op]
	if f == nil {
		return nil, fmt.Errorf("no elementwise operation %q", op)
	}
	return binary(a, b, func(x, y *gt.Dense) (gt.Tensor, error) { return f(x, y) })
}

// binary carries two tensors over and the result back. The library panics on some arguments that it should refuse.
func binary(a, b *tensor.Tensor, f func(x, y *gt.Dense) (gt.Tensor, error)) (out *tensor.Tensor, err error) {
	x, err := ToDense(a)
	if err != nil {
		return nil, err
	}
	y, err := ToDense(b)
	if err != nil {
		return nil, err
	}
	defer func() {
		if r := recover(); r != nil {
			out, err = nil, fmt.Errorf("gorgonia.org/tensor, %s and %s: %v", a, b, r)
		}
	}()
	z, err := f(x, y)
	if err != nil {
		return nil, fmt.Errorf("gorgonia.org/tensor, %s and %s: %w", a, b, err)
	}
	d, ok := z.(*gt.Dense)
	if !ok {
		return nil, fmt.Errorf("gorgonia.org/tensor answered with %T", z)
	}
	return FromDense(d)
}

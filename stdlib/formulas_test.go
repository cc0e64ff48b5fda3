package stdlib_test

import "math"

// The formulas of layers, written out for arrays in row-major order, with nothing of the compiler's in them.

// array is a tensor.
type array struct {
	shape []int
	data  []float64
}

func zeros(shape ...int) array {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return array{shape, make([]float64, n)}
}

// at is the place of an element.
func (a array) at(index ...int) int {
	p := 0
	for i, d := range a.shape {
		p = p*d + index[i]
	}
	return p
}

func (a array) get(index ...int) float64 { return a.data[a.at(index...)] }

// each calls f with all indices of a.
func (a array) each(f func(i []int)) {
	index := make([]int, len(a.shape))
	for p := range a.data {
		rest := p
		for k := len(a.shape) - 1; k >= 0; k-- {
			index[k], rest = rest%a.shape[k], rest/a.shape[k]
		}
		f(index)
	}
}

// build is the array of a shape whose elements are f of their indices.
func build(shape []int, f func(i []int) float64) array {
	out := zeros(shape...)
	out.each(func(i []int) { out.data[out.at(i...)] = f(i) })
	return out
}

// of is f of each element.
func (a array) of(f func(x float64) float64) array {
	return build(a.shape, func(i []int) float64 { return f(a.get(i...)) })
}

func scalar(x float64) array { return array{[]int{}, []float64{x}} }

func (a array) sum() (s float64) {
	for _, x := range a.data {
		s += x
	}
	return s
}

// moments are the mean and the biased variance of numbers.
func moments(list []float64) (mean, variance float64) {
	for _, x := range list {
		mean += x / float64(len(list))
	}
	for _, x := range list {
		variance += (x - mean) * (x - mean) / float64(len(list))
	}
	return mean, variance
}

// window is a choice of a convolution on up to three axes of space.
type window struct{ stride, pad, dilation, groups []int }

func (w window) axis(list []int, k, otherwise int) int {
	if list == nil {
		return otherwise
	}
	return list[k]
}

// conv convolves x [N, C, L, H, W] with w [O, C / groups, l, h, w].
func conv(x, w array, c window) array {
	groups := c.axis(c.groups, 0, 1)
	shape := []int{x.shape[0], w.shape[0], 0, 0, 0}
	for k := range 3 {
		reach := c.axis(c.dilation, k, 1)*(w.shape[2+k]-1) + 1
		shape[2+k] = (x.shape[2+k]+2*c.axis(c.pad, k, 0)-reach)/c.axis(c.stride, k, 1) + 1
	}
	return build(shape, func(i []int) (sum float64) {
		per := w.shape[0] / groups
		w.each(func(j []int) {
			if j[0] != i[1] {
				return
			}
			from := []int{i[0], i[1]/per*w.shape[1] + j[1], 0, 0, 0}
			for k := range 3 {
				p := i[2+k]*c.axis(c.stride, k, 1) - c.axis(c.pad, k, 0) + j[2+k]*c.axis(c.dilation, k, 1)
				if p < 0 || p >= x.shape[2+k] {
					return
				}
				from[2+k] = p
			}
			sum += x.get(from...) * w.get(j...)
		})
		return sum
	})
}

// convTranspose adds for each element of x [N, C, H, W] the kernel w [C, O, h, w] at its place.
func convTranspose(x, w array, stride, pad, extra int) array {
	size := func(k int) int { return (x.shape[2+k]-1)*stride - 2*pad + w.shape[2+k] + extra }
	out := zeros(x.shape[0], w.shape[1], size(0), size(1))
	x.each(func(i []int) {
		w.each(func(j []int) {
			h, v := i[2]*stride+j[2]-pad, i[3]*stride+j[3]-pad
			if j[0] == i[1] && h >= 0 && h < out.shape[2] && v >= 0 && v < out.shape[3] {
				out.data[out.at(i[0], j[1], h, v)] += x.get(i...) * w.get(j...)
			}
		})
	})
	return out
}

// with adds a bias to the channels, which are axis 1.
func (a array) with(bias array) array {
	return build(a.shape, func(i []int) float64 { return a.get(i...) + bias.data[i[1]] })
}

// in is a with another shape of the same size.
func (a array) in(shape ...int) array { return array{shape, a.data} }

// pool joins the elements of windows of x [N, C, H, W] with their place in it; those outside are left out.
func pool(x array, kernel, stride, pad int, join func(got float64, has bool, x float64) float64) array {
	size := func(k int) int { return (x.shape[2+k]+2*pad-kernel)/stride + 1 }
	return build([]int{x.shape[0], x.shape[1], size(0), size(1)}, func(i []int) (got float64) {
		has := false
		for a := range kernel {
			for b := range kernel {
				h, w := i[2]*stride-pad+a, i[3]*stride-pad+b
				if h >= 0 && h < x.shape[2] && w >= 0 && w < x.shape[3] {
					got, has = join(got, has, x.get(i[0], i[1], h, w)), true
				}
			}
		}
		return got
	})
}

func larger(got float64, has bool, x float64) float64 {
	if !has || x > got {
		return x
	}
	return got
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

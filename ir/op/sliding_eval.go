package op

import "mmc/ir"

// grid is the geometry with the sizes of a run, for the evaluator.
type grid struct {
	in, out, taps int     // numbers of elements
	source        []int32 // [taps][out] input position, row-major, or -1 in the padding
}

// grid evaluates the geometry for spatial sizes.
func (s sliding) grid(c *ir.EvalCall, in, out []int) grid {
	kernel, low := c.Sizes(s.kernel), c.Sizes(s.low)
	g := grid{in: product(in), out: product(out), taps: product(kernel)}
	g.source = make([]int32, g.taps*g.out)
	k, o := make([]int, len(kernel)), make([]int, len(out))
	for i := range g.source {
		unravel(i/g.out, kernel, k)
		unravel(i%g.out, out, o)
		at := 0
		for a := range in {
			p := o[a]*int(s.stride[a]) + k[a]*int(s.dilation[a]) - low[a]
			if p < 0 || p >= in[a] {
				at = -1
				break
			}
			at = at*in[a] + p
		}
		g.source[i] = int32(at)
	}
	return g
}

// unravel writes the position of element i of a shape.
func unravel(i int, shape, at []int) {
	for a := len(shape) - 1; a >= 0; a-- {
		at[a] = i % shape[a]
		i /= shape[a]
	}
}

// gather copies what tap t meets at positions from .. of one channel x; padding reads as fill.
func (g grid) gather(dst, x []float64, t, from int, fill float64) {
	for i, p := range g.source[t*g.out+from:][:len(dst)] {
		if p >= 0 {
			dst[i] = x[p]
		} else {
			dst[i] = fill
		}
	}
}

// scatter adds src to what tap t meets in one channel x.
func (g grid) scatter(x, src []float64, t int) {
	for i, p := range g.source[t*g.out:][:len(src)] {
		if p >= 0 {
			x[p] += src[i]
		}
	}
}

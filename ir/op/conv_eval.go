package op

import "mmc/ir"

// The evaluator's convolutions: columns of the input are gathered tap by tap and multiplied as matrices. The sums run in
// another order than those of the kernels and share no code with them.

// evalGeometry is a convolution with the sizes of a run.
type evalGeometry struct {
	grid
	n, groups, perIn, perOut int
}

func (v convolution) geometry(c *ir.EvalCall) evalGeometry {
	return evalGeometry{v.grid(c, c.Sizes(v.in), c.Sizes(v.out)), c.Size(v.n), int(v.groups), c.Size(v.perIn), c.Size(v.perOut)}
}

func (g evalGeometry) work() int { return g.n * g.groups * g.perIn * g.perOut * g.taps * g.out }

// x and y are the places of one group of channels of one image.
func (g evalGeometry) x(n, group int) int { return (n*g.groups + group) * g.perIn * g.in }
func (g evalGeometry) y(n, group int) int { return (n*g.groups + group) * g.perOut * g.out }

// evalConv multiplies the weights by blocks of columns.
func evalConv(c *ir.EvalCall) error {
	x, w, y := c.Args[0].Data, c.Args[1].Data, c.Out[0].Data
	v := convOf(c.Node, c.Node.Args[0].Type, c.Node.Args[1].Type, c.Node.Result().Type)
	g := v.geometry(c)
	rows := g.perIn * g.taps
	block := max(64, min(1024, (1<<21)/max(rows, 1)))
	blocks := (g.out + block - 1) / block
	parallel(g.n*g.groups*blocks, g.work(), func(lo, hi int) {
		cols := make([]float64, rows*block)
		for u := lo; u < hi; u++ {
			n, group, from := u/blocks/g.groups, u/blocks%g.groups, u%blocks*block
			width := min(block, g.out-from)
			for r := range rows {
				g.gather(cols[r*block:][:width], x[g.x(n, group)+r/g.taps*g.in:], r%g.taps, from, 0)
			}
			matmul(y[g.y(n, group)+from:], g.out, w[group*g.perOut*rows:], rows, cols, block, g.perOut, rows, width)
		}
	})
	return nil
}

// evalConvInputGrad computes for each input channel what every tap would receive, and adds it up where the taps met.
func evalConvInputGrad(c *ir.EvalCall) error {
	dy, dx := c.Args[0].Data, c.Out[0].Data
	v := convOf(c.Node, c.Node.Result().Type, c.Node.Args[1].Type, c.Node.Args[0].Type)
	g := v.geometry(c)
	w := transposed(c.Args[1].Data, []int{g.groups, g.perOut, g.perIn * g.taps}, []int{0, 2, 1}) // [group][channel, tap][o]
	parallel(g.n*g.groups*g.perIn, g.work(), func(lo, hi int) {
		cols := make([]float64, g.taps*g.out)
		for u := lo; u < hi; u++ {
			n, group, channel := u/g.perIn/g.groups, u/g.perIn%g.groups, u%g.perIn
			clear(cols)
			matmul(cols, g.out, w[(group*g.perIn+channel)*g.taps*g.perOut:], g.perOut, dy[g.y(n, group):], g.out, g.taps, g.perOut, g.out)
			for t := range g.taps {
				g.scatter(dx[u*g.in:][:g.in], cols[t*g.out:][:g.out], t)
			}
		}
	})
	return nil
}

// evalConvWeightGrad sums, for each input channel and tap, the products of what the tap met with every output channel.
func evalConvWeightGrad(c *ir.EvalCall) error {
	x, dy, dw := c.Args[0].Data, c.Args[1].Data, c.Out[0].Data
	v := convOf(c.Node, c.Node.Args[0].Type, c.Node.Result().Type, c.Node.Args[1].Type)
	g := v.geometry(c)
	rows := g.perIn * g.taps
	parallel(g.groups*rows, g.work(), func(lo, hi int) {
		met := make([]float64, g.out)
		for u := lo; u < hi; u++ {
			group, r := u/rows, u%rows
			for n := range g.n {
				g.gather(met, x[g.x(n, group)+r/g.taps*g.in:], r%g.taps, 0, 0)
				for o := range g.perOut {
					dw[(group*g.perOut+o)*rows+r] += inner(met, dy[g.y(n, group)+o*g.out:])
				}
			}
		}
	})
	return nil
}

// inner is the scalar product, in four interleaved sums for speed.
func inner(a, b []float64) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}

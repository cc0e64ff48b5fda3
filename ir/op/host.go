package op

import (
	"fmt"
	"runtime"
	"sync"

	"mmc/ir"
)

// Helpers of Eval: host tensors are row-major []float64.

// strides returns the row-major strides of a shape.
func strides(shape []int) []int {
	out := make([]int, len(shape))
	step := 1
	for i := len(shape) - 1; i >= 0; i-- {
		out[i] = step
		step *= shape[i]
	}
	return out
}

func product(list []int) int {
	p := 1
	for _, n := range list {
		p *= n
	}
	return p
}

// rows walks a shape row-major, a row along the last axis at a time, and yields the offset of the row's beginning under
// each list of strides. The row's own length and strides are those of the last axis.
func rows(shape []int, f func(at []int), steps ...[]int) {
	if product(shape) == 0 {
		return
	}
	at := make([]int, len(steps))
	outer := len(shape) - 1
	index := make([]int, max(outer, 0))
	for {
		f(at)
		axis := outer - 1
		for ; axis >= 0; axis-- {
			index[axis]++
			for s := range steps {
				at[s] += steps[s][axis]
			}
			if index[axis] < shape[axis] {
				break
			}
			for s := range steps {
				at[s] -= steps[s][axis] * shape[axis]
			}
			index[axis] = 0
		}
		if axis < 0 {
			return
		}
	}
}

// row returns the length of a row of the shape and its step under each list of strides.
func row(shape []int, steps ...[]int) (n int, step []int) {
	step = make([]int, len(steps))
	if len(shape) == 0 {
		return 1, step
	}
	last := len(shape) - 1
	for i := range steps {
		step[i] = steps[i][last]
	}
	return shape[last], step
}

// move copies a strided piece of src to a strided piece of dst: dst[to + i*toStep] = src[from + i*fromStep] for i in shape.
func move(shape []int, dst []float64, to int, toStep []int, src []float64, from int, fromStep []int) {
	n, step := row(shape, toStep, fromStep)
	rows(shape, func(at []int) {
		d, s := to+at[0], from+at[1]
		for range n {
			dst[d] = src[s]
			d += step[0]
			s += step[1]
		}
	}, toStep, fromStep)
}

// transposed returns x with its axes in the order perm, dense.
func transposed(x []float64, shape []int, perm []int) []float64 {
	from := strides(shape)
	outShape, step := make([]int, len(perm)), make([]int, len(perm))
	for i, p := range perm {
		outShape[i], step[i] = shape[p], from[p]
	}
	out := make([]float64, len(x))
	move(outShape, out, 0, strides(outShape), x, 0, step)
	return out
}

// split is a shape seen from one axis: outer x size x inner.
func split(shape []int, axis int) (outer, size, inner int) {
	return product(shape[:axis]), shape[axis], product(shape[axis+1:])
}

// ranged checks that an integer read from a tensor is a position in 0 .. size-1.
func ranged(c *ir.EvalCall, id float64, size int) (int, error) {
	i := int(id)
	if float64(i) != id || i < 0 || i >= size {
		return 0, fmt.Errorf("%s: index %v is outside 0 .. %d", c.Node.Op.Name, id, size-1)
	}
	return i, nil
}

// parallel cuts 0 .. n into pieces that run at the same time, where the work (in multiply-adds) is worth it.
func parallel(n, work int, f func(lo, hi int)) {
	pieces := min(n, runtime.GOMAXPROCS(0), 4)
	if pieces < 2 || work < 1<<18 {
		f(0, n)
		return
	}
	var wg sync.WaitGroup
	for p := range pieces {
		wg.Go(func() { f(n*p/pieces, n*(p+1)/pieces) })
	}
	wg.Wait()
}

// axpy4 adds a0*b0 + a1*b1 + a2*b2 + a3*b3 to y: four rows at once keep y in registers for longer.
func axpy4(y, b0, b1, b2, b3 []float64, a0, a1, a2, a3 float64) {
	b0, b1, b2, b3 = b0[:len(y)], b1[:len(y)], b2[:len(y)], b3[:len(y)]
	for j := range y {
		y[j] += a0*b0[j] + a1*b1[j] + a2*b2[j] + a3*b3[j]
	}
}

func axpy(y, b []float64, a float64) {
	b = b[:len(y)]
	for j := range y {
		y[j] += a * b[j]
	}
}

// matmul adds a[m, k] @ b[k, n] to y[m, n]; ld are row strides.
func matmul(y []float64, ldy int, a []float64, lda int, b []float64, ldb int, m, k, n int) {
	const block = 512 // columns, so that the rows of b stay in the cache
	for j0 := 0; j0 < n; j0 += block {
		w := min(block, n-j0)
		for i := range m {
			row, coef := y[i*ldy+j0:][:w], a[i*lda:][:k]
			p := 0
			for ; p+4 <= k; p += 4 {
				at := p*ldb + j0
				axpy4(row, b[at:][:w], b[at+ldb:][:w], b[at+2*ldb:][:w], b[at+3*ldb:][:w], coef[p], coef[p+1], coef[p+2], coef[p+3])
			}
			for ; p < k; p++ {
				axpy(row, b[p*ldb+j0:][:w], coef[p])
			}
		}
	}
}

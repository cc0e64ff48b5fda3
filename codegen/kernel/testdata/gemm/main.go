// Command gemm checks generated matrix kernels and their drivers.
package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
)

var rnd = rand.New(rand.NewPCG(1, 2))

// problem is one product with its operands in guarded memory.
type problem struct {
	shape        gemmShape
	a, b, c      []float32
	row, full    []float32 // a row of N, and a matrix like C
	perRow       []float32
	ints         []int32
	keep         []uint8
	out          []float32
	sign         []uint8
	ldx          int
	before       []float32 // C as it was
	s0, s1       float32
	trans, row32 bool
}

func random(n int) []float32 {
	x := guarded[float32](n)
	for i := range x {
		x[i] = rnd.Float32()*2 - 1
	}
	return x
}

// newProblem makes a product of runs*run rows. extra is what rows of A and C are longer than needed.
func newProblem(runs, run, n, k, nseg, extra int, trans, rowsB bool) *problem {
	m, kk := runs*run, k*nseg
	p := &problem{trans: trans, row32: rowsB, ldx: n + extra}
	s := gemmShape{batch: 1, runs: runs, run: run, n: n, k: k, nseg: nseg, ldc: n + extra, trans: trans, rowsB: rowsB}
	s.runC, s.batchC = run*s.ldc, m*s.ldc
	if trans {
		s.lda, s.seg, s.runA = m+extra, k*(m+extra), run
		p.a = random((kk-1)*s.lda + m)
	} else {
		s.lda, s.seg, s.runA = kk+extra, k, run*(kk+extra)
		p.a = random((m-1)*s.lda + kk)
	}
	if rowsB {
		s.ldb, s.panelB = n+extra, 32
		p.b = random((kk-1)*s.ldb + n)
	} else {
		s.ldb, s.panelB = 32, 32*kk
		p.b = random((n + 31) / 32 * 32 * kk)
	}
	p.c = random((m-1)*s.ldc + n)
	p.before = slices.Clone(p.c)
	p.row, p.full, p.perRow = random(n), random(len(p.c)), random(m)
	p.ints, p.keep = guarded[int32](len(p.c)), guarded[uint8](len(p.c))
	p.out, p.sign = random(len(p.c)), guarded[uint8](len(p.c))
	for i := range p.ints {
		p.ints[i], p.keep[i] = int32(rnd.IntN(9)-4), uint8(rnd.IntN(3))
	}
	p.s0, p.s1 = 0.5, -3
	p.shape = s
	return p
}

func (p *problem) atA(r, k int) float64 {
	if p.trans {
		return float64(p.a[k*p.shape.lda+r])
	}
	return float64(p.a[r*p.shape.lda+k])
}

func (p *problem) atB(k, c int) float64 {
	if p.row32 {
		return float64(p.b[k*p.shape.ldb+c])
	}
	return float64(p.b[c/32*p.shape.panelB+k*32+c%32])
}

// product is element (r, c) of A @ B, and the sum of magnitudes.
func (p *problem) product(r, c int) (sum, size float64) {
	for k := range p.shape.k * p.shape.nseg {
		x := p.atA(r, k) * p.atB(k, c)
		sum += x
		size += math.Abs(x)
	}
	return sum, size
}

// check compares C with want(r, c, product), and what no kernel should write with what it was.
func (p *problem) check(what string, want func(r, c int, x float64) float64) {
	s := &p.shape
	for r := range s.runs * s.run {
		for c := range s.n {
			x, size := p.product(r, c)
			got, w := float64(p.c[r*s.ldc+c]), want(r, c, x)
			if !(math.Abs(got-w) <= 4e-7*(size+8)) {
				fail("%s %+v: C[%d,%d] = %v, want %v", what, *s, r, c, got, w)
				return
			}
		}
		for i := r*s.ldc + s.n; i < min(len(p.c), (r+1)*s.ldc); i++ {
			if p.c[i] != p.before[i] {
				fail("%s %+v: wrote between the rows", what, *s)
				return
			}
		}
	}
}

var failures int

func fail(format string, args ...any) {
	if failures++; failures < 20 {
		fmt.Printf(format+"\n", args...)
	}
	if failures > 200 {
		os.Exit(1)
	}
}

func relu(x float64) float64 { return max(x, 0) }

// family runs one family of kernels on a problem.
type family struct {
	name         string
	trans, rowsB bool
	mr           map[string]int
	run          func(target string, p *problem)
	want         func(p *problem) func(r, c int, x float64) float64
}

func identity(*problem) func(r, c int, x float64) float64 {
	return func(r, c int, x float64) float64 { return x }
}

func chunks(n int, f func(int)) {
	for _, i := range rnd.Perm(n) {
		f(i)
	}
}

func plainOf(tables map[string]*[maxRows + 1][4]gemmKernel) func(target string, p *problem) {
	return func(target string, p *problem) {
		g := &gemm{gemmShape: p.shape, kern: tables[target], a: p.a, b: p.b, c: p.c}
		chunks(g.plan(), g.chunk)
	}
}

var families = []family{
	{"plain", false, false, map[string]int{"avx512": mr_plain_avx512, "go": mr_plain_go},
		plainOf(map[string]*[maxRows + 1][4]gemmKernel{"avx512": &table_plain_avx512, "go": &table_plain_go}), identity},
	{"trans", true, false, map[string]int{"avx512": mr_trans_avx512, "go": mr_trans_go},
		plainOf(map[string]*[maxRows + 1][4]gemmKernel{"avx512": &table_trans_avx512, "go": &table_trans_go}), identity},
	{"rows", false, true, map[string]int{"avx512": mr_rows_avx512, "go": mr_rows_go},
		plainOf(map[string]*[maxRows + 1][4]gemmKernel{"avx512": &table_rows_avx512, "go": &table_rows_go}), identity},
	{"transRows", true, true, map[string]int{"avx512": mr_transRows_avx512, "go": mr_transRows_go},
		plainOf(map[string]*[maxRows + 1][4]gemmKernel{"avx512": &table_transRows_avx512, "go": &table_transRows_go}), identity},
	{"biasRelu", false, false, map[string]int{"avx512": mr_biasRelu_avx512, "go": mr_biasRelu_go},
		func(target string, p *problem) {
			t := map[string]*[maxRows + 1][4]gemm_fKernel{"avx512": &table_biasRelu_avx512, "go": &table_biasRelu_go}
			g := &gemm_f{gemmShape: p.shape, kern: t[target], a: p.a, b: p.b, c: p.c, x0: p.row}
			chunks(g.plan(), g.chunk)
		},
		func(p *problem) func(r, c int, x float64) float64 {
			return func(r, c int, x float64) float64 { return relu(x + float64(p.row[c])) }
		}},
	{"residual", false, false, map[string]int{"avx512": mr_residual_avx512, "go": mr_residual_go},
		func(target string, p *problem) {
			t := map[string]*[maxRows + 1][4]gemm_ffKernel{"avx512": &table_residual_avx512, "go": &table_residual_go}
			g := &gemm_ff{gemmShape: p.shape, kern: t[target], a: p.a, b: p.b, c: p.c, x0: p.row, x1: p.full, ldx1: p.ldx, runx1: p.shape.run * p.ldx}
			chunks(g.plan(), g.chunk)
		},
		func(p *problem) func(r, c int, x float64) float64 {
			return func(r, c int, x float64) float64 { return relu(x + float64(p.row[c]) + float64(p.full[r*p.ldx+c])) }
		}},
	{"everything", false, false, map[string]int{"avx512": mr_everything_avx512, "go": mr_everything_go}, runEverything, wantEverything},
}

func runEverything(target string, p *problem) {
	t := map[string]*[maxRows + 1][4]gemm_brfiofob2Kernel{"avx512": &table_everything_avx512, "go": &table_everything_go}
	by := p.shape.run * p.ldx
	g := &gemm_brfiofob2{gemmShape: p.shape, kern: t[target], a: p.a, b: p.b, c: p.c, x0: p.keep, ldx0: p.ldx, runx0: by,
		x1: p.perRow, ldx1: 1, runx1: p.shape.run, x2: p.ints, ldx2: p.ldx, runx2: by,
		y0: p.out, ldy0: p.ldx, runy0: by, y1: p.sign, ldy1: p.ldx, runy1: by, s0: p.s0, s1: p.s1}
	chunks(g.plan(), g.chunk)
}

func wantEverything(p *problem) func(r, c int, x float64) float64 {
	return func(r, c int, x float64) float64 {
		i := r*p.ldx + c
		if math.Abs(float64(p.out[i])-x) > 1e-4 {
			fail("everything: the first output is %v, want %v", p.out[i], x)
		}
		v := x*float64(p.s0) + float64(p.perRow[r]) + float64(p.ints[i])
		if math.Abs(v) > 1e-4 && (v > 0) != (p.sign[i] == 1) || p.sign[i] > 1 {
			fail("everything: the second output is %d of %v", p.sign[i], v)
		}
		if p.keep[i] != 0 {
			return v
		}
		return float64(p.s1)
	}
}

// tails runs all widths of one and a half panels for every number of rows that has a tile of its own.
func tails(f *family, target string) (done int) {
	for n := 1; n <= 49; n++ {
		for m := 1; m <= 15; m++ {
			p := newProblem(1, m, n, 1+rnd.IntN(11), 1, rnd.IntN(2)*3, f.trans, f.rowsB)
			f.try(target, p)
			done++
			release()
		}
	}
	for n := 57; n <= 170; n += 1 + rnd.IntN(8) {
		for m := range 7 {
			f.try(target, newProblem(1, m+1, n, 1+rnd.IntN(20), 1, 1, f.trans, f.rowsB))
			done++
			release()
		}
	}
	return done
}

func (f *family) try(target string, p *problem) {
	p.shape.mr = f.mr[target]
	f.run(target, p)
	p.check(f.name+" "+target, f.want(p))
}

// blockings runs larger products in many blockings. Each cut of the inner length has sums of its own; the other choices change no
// bit of them.
func blockings(f *family, target string) (done int) {
	for _, s := range [][5]int{{1, 49, 70, 60, 1}, {1, 5, 300, 33, 1}, {7, 7, 40, 24, 3}, {5, 30, 33, 12, 4}, {1, 3, 140, 50, 2}, {3, 1, 64, 31, 1}} {
		p := newProblem(s[0], s[1], s[2], s[3], s[4], 5, f.trans, f.rowsB)
		for range 4 {
			p.shape.blockK = 1 + rnd.IntN(max(s[3], s[4]))
			p.shape.blockRows, p.shape.blockCols = 0, 0
			copy(p.c, p.before)
			f.try(target, p)
			ref := slices.Clone(p.c)
			for range 4 {
				copy(p.c, p.before)
				p.shape.blockRows = 1 + rnd.IntN(s[0]*s[1])
				p.shape.blockCols = 1 + rnd.IntN(5)
				p.shape.mr = 1 + rnd.IntN(f.mr[target])
				f.run(target, p)
				done++
				if !slices.Equal(ref, p.c) {
					fail("%s %s: other bits with %+v", f.name, target, p.shape)
				}
			}
		}
	}
	return done
}

// longSums multiplies with long inner lengths: the error of a float32 sum of equal signs that is taken one by one grows with its length.
func longSums(f *family, target string) (done int) {
	for _, s := range [][2]int{{1 << 15, 1}, {1 << 11, 16}} {
		p := newProblem(1, 9, 40, s[0], s[1], 0, f.trans, f.rowsB)
		for i := range p.a {
			p.a[i] += 1
		}
		for i := range p.b {
			p.b[i] += 1
		}
		p.shape.mr = f.mr[target]
		f.run(target, p)
		worst := 0.0
		for r := range 9 {
			for c := range 40 {
				want, _ := p.product(r, c)
				worst = max(worst, math.Abs(float64(p.c[r*p.shape.ldc+c])/want-1))
			}
		}
		if worst > 1e-6 {
			fail("%s %s: a sum of %d is off by %.1e", f.name, target, s[0]*s[1], worst)
		}
		done++
		release()
	}
	return done
}

// batches runs several matrices in one driver call, B being shared or not.
func batches(target string) {
	f := &families[0]
	for _, shared := range []bool{true, false} {
		one := newProblem(1, 20, 37, 19, 1, 0, false, false)
		p := &problem{shape: one.shape}
		const batch = 3
		s := &p.shape
		s.batch, s.batchA, s.mr = batch, len(one.a), f.mr[target]
		nb := 1
		if !shared {
			nb, s.batchB = batch, len(one.b)
		}
		p.a, p.b, p.c = random(batch*len(one.a)), random(nb*len(one.b)), random(batch*len(one.c))
		f.run(target, p)
		for z := range batch {
			q := *p
			q.a, q.b, q.c = p.a[z*s.batchA:], p.b[z*s.batchB:], p.c[z*s.batchC:][:len(one.c)]
			q.before = q.c
			q.check("batched "+target, identity(nil))
		}
	}
}

// reports checks that after is told of every element once, when it is finished.
func reports(target string) {
	for _, s := range [][3]int{{1, 49, 70}, {7, 7, 40}, {5, 30, 33}} {
		p := newProblem(s[0], s[1], s[2], 12, 1, 0, false, false)
		p.shape.mr, p.shape.blockK, p.shape.blockRows = families[0].mr[target], 5, 20
		tables := map[string]*[maxRows + 1][4]gemmKernel{"avx512": &table_plain_avx512, "go": &table_plain_go}
		g := &gemm{gemmShape: p.shape, kern: tables[target], a: p.a, b: p.b, c: p.c}
		seen := make([]int, len(p.c))
		g.after = func(z, run, row, rows, byRun, col, cols int) {
			for r := range byRun {
				for i := range rows {
					for j := range cols {
						m := (run+r)*g.run + row + i
						seen[m*g.ldc+col+j]++
						if want, _ := p.product(m, col+j); math.Abs(want-float64(p.c[m*g.ldc+col+j])) > 1e-4 {
							fail("%s reported row %d, column %d too early", target, m, col+j)
						}
					}
				}
			}
		}
		chunks(g.plan(), g.chunk)
		for i, n := range seen {
			if n != 1 {
				fail("%s reported element %d %d times", target, i, n)
			}
		}
	}
}

// conv is a 3x3 convolution with stride on an image with a zero border, result with a border of its own.
func conv(target string) {
	f := &families[4]
	for _, s := range [][4]int{{7, 7, 5, 1}, {14, 14, 8, 1}, {9, 30, 3, 1}, {15, 15, 4, 2}} {
		h, w, ch, stride := s[0], s[1], s[2], s[3]
		oh, ow, n := (h-1)/stride+1, (w-1)/stride+1, 20
		wp := w + 2
		img := guarded[float32]((h + 2) * wp * ch)
		for y := range h {
			for x := range w * ch {
				img[((y+1)*wp+1)*ch+x] = rnd.Float32() - 0.5
			}
		}
		p := newProblem(oh, ow, n, 3*ch, 3, 0, false, false)
		p.a = img
		g := &p.shape
		g.lda, g.seg, g.runA, g.runC = stride*ch, wp*ch, stride*wp*ch, (ow+2)*n
		p.c = make([]float32, oh*(ow+2)*n)
		g.mr = f.mr[target]
		f.run(target, p)
		for y := range oh {
			for x := range ow {
				for c := range n {
					sum := float64(p.row[c])
					for dy := range 3 {
						for k := range 3 * ch {
							sum += float64(img[((y*stride+dy)*wp+x*stride)*ch+k]) * p.atB(dy*3*ch+k, c)
						}
					}
					if got := float64(p.c[(y*(ow+2)+x)*n+c]); math.Abs(got-relu(sum)) > 1e-5 {
						fail("conv %v %s: [%d,%d,%d] is %v, want %v", s, target, y, x, c, got, relu(sum))
					}
				}
			}
		}
	}
}

func main() {
	done := 0
	for _, target := range os.Args[1:] {
		for i := range families {
			done += tails(&families[i], target) + blockings(&families[i], target)
			if i < 3 {
				done += longSums(&families[i], target)
			}
		}
		batches(target)
		reports(target)
		if target == "go" {
			done += packing(target, packRows_go, transpose_go, back_go)
		} else {
			done += packing(target, packRows_avx512, transpose_avx512, back_avx512)
		}
		conv(target)
	}
	fmt.Println(done, "products checked")
	if failures > 0 || done == 0 {
		os.Exit(1)
	}
}

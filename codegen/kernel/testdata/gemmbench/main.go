// Command gemmbench times generated matrix kernels on one thread.
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"runtime"
	"slices"
	"time"
)

func random(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = rand.Float32() - 0.5
	}
	return x
}

// rateOf is flops per second of f.
func rateOf(flops float64, f func()) float64 {
	t := time.Now()
	f()
	return flops / time.Since(t).Seconds()
}

// topPeak is the fastest that the peak kernel has ever run.
var topPeak float64

// measure runs n chunks, which are flops together, one after the other in turns with the peak kernel. A chunk counts when the
// peaks just before and after it are within 15 % of the fastest one: at other times a neighbour has the other half of the core.
// It prints the rate that the best tenth reaches, and the share of the peaks around a chunk: the median, and the best tenth.
func measure(name string, flops float64, n int, chunk func(int)) {
	const rounds = 2000
	x := make([]float32, 32)
	peakRate := func() float64 {
		r := rateOf(rounds*24*16*2, func() { peak(x, rounds) })
		topPeak = max(topPeak, r)
		return r
	}
	serial(n, chunk)
	var shares, rates []float64
	tries := 0
	before := peakRate()
	for begin := time.Now(); time.Since(begin) < *slot || len(shares) < 20 && time.Since(begin) < 10**slot; tries++ {
		rate := rateOf(flops/float64(n), func() { chunk(tries % n) })
		after := peakRate()
		if min(before, after) > 0.85*topPeak {
			shares = append(shares, 2*rate/(before+after))
			rates = append(rates, rate)
		}
		before = after
	}
	if len(shares) == 0 {
		fmt.Printf("%-34s never undisturbed\n", name)
		return
	}
	slices.Sort(shares)
	slices.Sort(rates)
	tenth := len(shares) * 9 / 10
	fmt.Printf("%-34s %7.1f GFLOP/s  %5.1f %% of peak, the best tenth %5.1f %% (%d of %d chunks undisturbed)\n", name,
		rates[tenth]/1e9, 100*shares[len(shares)/2], 100*shares[tenth], len(shares), tries)
}

func serial(n int, chunk func(int)) {
	for i := range n {
		chunk(i)
	}
}

func product(m, n, k int) (*gemm, float64) {
	g := &gemm{kern: &table_plain_avx512, a: random(m * k), b: random((n + 31) / 32 * 32 * k), c: make([]float32, m*n)}
	g.gemmShape = gemmShape{batch: 1, runs: 1, run: m, n: n, k: k, nseg: 1, lda: k, ldb: 32, ldc: n, panelB: 32 * k, mr: mr_plain_avx512}
	return g, 2 * float64(m) * float64(n) * float64(k)
}

func conv(ch, n, size, kernel, stride int) (*gemm_f, float64) {
	wp, out := size+kernel-1, (size-1)/stride+1
	g := &gemm_f{kern: &table_biasRelu_avx512, a: random(wp * wp * ch), b: random((n + 31) / 32 * 32 * ch * kernel * kernel), c: make([]float32, out*out*n), x0: random(n)}
	g.gemmShape = gemmShape{batch: 1, runs: out, run: out, n: n, k: kernel * ch, nseg: kernel, lda: stride * ch, ldb: 32, ldc: n, seg: wp * ch,
		runA: stride * wp * ch, runC: out * n, panelB: 32 * ch * kernel * kernel, mr: mr_biasRelu_avx512}
	return g, 2 * float64(out*out*n) * float64(ch*kernel*kernel)
}

var slot = flag.Duration("slot", 200*time.Millisecond, "time per row")

func main() {
	flag.Parse()
	runtime.LockOSThread()
	only := regexp.MustCompile(flag.Arg(0))
	run := func(name string, f func(name string)) {
		if only.MatchString(name) {
			f(name)
		}
	}
	for _, s := range [][3]int{{64, 64, 64}, {128, 128, 128}, {256, 256, 256}, {384, 384, 384}, {512, 512, 512}, {768, 768, 768}, {1024, 1024, 1024}, {2048, 2048, 2048}, {128, 3072, 768}, {128, 768, 3072}, {49, 2048, 512}, {3136, 64, 256}} {
		run(fmt.Sprintf("gemm %dx%dx%d", s[0], s[1], s[2]), func(name string) {
			g, flops := product(s[0], s[1], s[2])
			measure(name, flops, g.plan(), g.chunk)
			g, flops = product(s[0], s[1], s[2])
			g.trans, g.lda, g.kern, g.mr = true, s[0], &table_trans_avx512, mr_trans_avx512
			measure(name+" A transposed", flops, g.plan(), g.chunk)
			g, flops = product(s[0], s[1], s[2])
			g.rowsB, g.ldb, g.panelB, g.kern, g.mr = true, s[1], 32, &table_rows_avx512, mr_rows_avx512
			measure(name+" B by rows", flops, g.plan(), g.chunk)
		})
	}
	for _, s := range [][5]int{{64, 64, 56, 3, 1}, {128, 128, 28, 3, 1}, {256, 256, 14, 3, 1}, {512, 512, 7, 3, 1}, {64, 64, 256, 3, 1}, {128, 128, 128, 3, 1}, {256, 256, 64, 3, 1},
		{512, 512, 32, 3, 1}, {1024, 1024, 16, 3, 1}, {3, 64, 224, 7, 2}, {128, 128, 56, 3, 2}, {64, 256, 56, 1, 1}, {256, 64, 56, 1, 1}, {1, 6, 28, 5, 1}, {6, 16, 10, 5, 1}} {
		run(fmt.Sprintf("conv %dx%d/%d %d->%d @%d", s[3], s[3], s[4], s[0], s[1], s[2]), func(name string) {
			g, flops := conv(s[0], s[1], s[2], s[3], s[4])
			measure(name, flops, g.plan(), g.chunk)
		})
	}
	for _, s := range [][3]int{{1, 1024, 1024}, {2, 1024, 1024}, {3, 1024, 1024}, {4, 1024, 1024}, {5, 1024, 1024}, {6, 1024, 1024}, {7, 1024, 1024}, {8, 1024, 1024}, {1, 4096, 4096}, {4, 4096, 4096}, {1, 256, 128}} {
		run(fmt.Sprintf("rows %dx%dx%d", s[0], s[1], s[2]), func(name string) {
			g, flops := product(s[0], s[1], s[2])
			best := 0.0
			for begin := time.Now(); time.Since(begin) < *slot; {
				best = max(best, rateOf(flops, func() { serial(g.plan(), g.chunk) }))
			}
			sec := flops / best
			fmt.Printf("%-34s %7.1f GFLOP/s  %.1f GB/s of B, %.2f us\n", name, flops/sec/1e9, 4*float64(s[1]*s[2])/sec/1e9, sec*1e6)
		})
	}
	run("scalar", func(string) {
		for _, n := range []int{64, 256, 512} {
			g, flops := product(n, n, n)
			g.kern, g.mr = &table_plain_go, mr_plain_go
			g.blockRows, g.blockCols = 16, 1 // chunks as short as those of vectors
			measure(fmt.Sprintf("scalar %d", n), flops, g.plan(), g.chunk)
		}
	})
}

// Command gemmbench times generated matrix kernels on one thread.
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"runtime"
	"slices"
	"syscall"
	"time"
	"unsafe"
)

func random(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = rand.Float32() - 0.5
	}
	return x
}

// cpuTime is what this thread has run so far: a neighbour that takes the processor away does not count.
func cpuTime() time.Duration {
	const threadClock = 3 // CLOCK_THREAD_CPUTIME_ID
	var t syscall.Timespec
	if _, _, err := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, threadClock, uintptr(unsafe.Pointer(&t)), 0); err != 0 {
		panic(err)
	}
	return time.Duration(t.Nano())
}

// rateOf is flops per second of f.
func rateOf(flops float64, f func()) float64 {
	t := cpuTime()
	f()
	return flops / (cpuTime() - t).Seconds()
}

// measure runs f in turns with the peak kernel. It prints the best rate, the ratio of the best rates, and the median of the
// shares of the peak just before and after each run.
func measure(name string, flops float64, f func()) {
	const rounds = 10000
	x := make([]float32, 32)
	peakRate := func() float64 { return rateOf(rounds*24*16*2, func() { peak(x, rounds) }) }
	f()
	var rates, peaks, shares []float64
	for begin := time.Now(); time.Since(begin) < *slot || len(shares) < 5; {
		before := peakRate()
		rate := rateOf(flops, f)
		after := peakRate()
		rates, peaks, shares = append(rates, rate), append(peaks, before, after), append(shares, 2*rate/(before+after))
	}
	slices.Sort(shares)
	best, top := slices.Max(rates), slices.Max(peaks)
	fmt.Printf("%-34s %7.1f GFLOP/s  %3.0f %% of the best peak, median %3.0f %%\n", name, best/1e9, 100*best/top, 100*shares[len(shares)/2])
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
			measure(name, flops, func() { serial(g.plan(), g.chunk) })
			g.trans, g.lda, g.kern, g.mr = true, s[0], &table_trans_avx512, mr_trans_avx512
			measure(name+" A transposed", flops, func() { serial(g.plan(), g.chunk) })
			g, flops = product(s[0], s[1], s[2])
			g.rowsB, g.ldb, g.panelB, g.kern, g.mr = true, s[1], 32, &table_rows_avx512, mr_rows_avx512
			measure(name+" B by rows", flops, func() { serial(g.plan(), g.chunk) })
		})
	}
	for _, s := range [][5]int{{64, 64, 56, 3, 1}, {128, 128, 28, 3, 1}, {256, 256, 14, 3, 1}, {512, 512, 7, 3, 1}, {64, 64, 256, 3, 1}, {128, 128, 128, 3, 1}, {256, 256, 64, 3, 1},
		{512, 512, 32, 3, 1}, {1024, 1024, 16, 3, 1}, {3, 64, 224, 7, 2}, {128, 128, 56, 3, 2}, {64, 256, 56, 1, 1}, {256, 64, 56, 1, 1}} {
		run(fmt.Sprintf("conv %dx%d/%d %d->%d @%d", s[3], s[3], s[4], s[0], s[1], s[2]), func(name string) {
			g, flops := conv(s[0], s[1], s[2], s[3], s[4])
			measure(name, flops, func() { serial(g.plan(), g.chunk) })
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
			measure(fmt.Sprintf("scalar %d", n), flops, func() { serial(g.plan(), g.chunk) })
		}
	})
}

// Command math compares generated functions of one float32 with float64 references.
package main

import (
	"fmt"
	"math"
	"os"
	"sort"
	"strconv"
	"sync"
)

type kernel func(y, x []float32, full, tail int)

type function struct {
	ref   func(x float64) float64
	limit float64 // in units in the last place
}

var functions = map[string]function{
	"exp": {math.Exp, 2}, "expm1": {math.Expm1, 2}, "log": {math.Log, 2}, "log2": {log2, 2}, "tanh": {math.Tanh, 2}, "sigmoid": {sigmoid, 2},
	"sin": {math.Sin, 2}, "cos": {math.Cos, 2}, "erf": {math.Erf, 2}, "erfc": {math.Erfc, 4}, "rsqrt": {func(x float64) float64 { return 1 / math.Sqrt(x) }, 2},
}

// log2 is accurate around 1 too, where math.Log2 is not.
func log2(x float64) float64 { return math.Log(x) * math.Log2E }

func sigmoid(x float64) float64 {
	if x < 0 {
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}

// ulps is the distance of got from want in units of the float32 spacing at want; infinity counts as 2^128.
func ulps(got float32, want float64) float64 {
	if want != want || got != got {
		if want != want && got != got {
			return 0
		}
		return math.Inf(1)
	}
	g, w := float64(got), want
	if math.IsInf(g, 0) {
		g = math.Copysign(1<<127*2, g)
	}
	if math.Abs(w) > 1<<127*2 {
		w = math.Copysign(1<<127*2, w)
	}
	if g == 0 && w == 0 && math.Signbit(g) != math.Signbit(w) {
		return math.Inf(1)
	}
	const bias = 1023
	e := max(-126, min(127, int(math.Float64bits(w)>>52&0x7ff)-bias))
	return math.Abs(g-w) * math.Float64frombits(uint64(23-e+bias)<<52)
}

// result is what one function did on one target.
type result struct {
	worst, at float64
	n, exact  int
}

func (r *result) add(x, got float32, want float64) {
	r.n++
	if got == float32(want) && got != 0 {
		r.exact++
		return
	}
	u := ulps(got, want)
	if u > r.worst {
		r.worst, r.at = u, float64(x)
	}
	if u <= 0.5 {
		r.exact++
	}
}

// run checks bit patterns first, first+stride, .. below end.
func run(name string, targets []int, first, end, stride uint64) (res [2]result) {
	const n = 4096 - 3 // a tail of 13
	x, want := make([]float32, n), make([]float64, n)
	y := make([]float32, n)
	f := functions[name]
	for u := first; u < end; {
		m := 0
		for ; m < n && u < end; m++ {
			x[m] = math.Float32frombits(uint32(u))
			want[m] = f.ref(float64(x[m]))
			u += stride
		}
		for _, t := range targets {
			lanes := [2]int{16, 1}[t]
			kernels[name][t](y, x, m/lanes, m%lanes)
			for i := range m {
				res[t].add(x[i], y[i], want[i])
			}
		}
	}
	return res
}

func main() {
	stride, err := strconv.ParseUint(os.Args[1], 10, 32)
	if err != nil {
		panic(err)
	}
	targets := []int{1}
	if os.Args[2] == "true" {
		targets = []int{0, 1}
	}
	var names []string
	for name := range functions {
		names = append(names, name)
	}
	sort.Strings(names)
	type line struct {
		name string
		res  [2]result
	}
	lines := make([]line, len(names))
	var wait sync.WaitGroup
	for k, name := range names {
		wait.Add(1)
		go func() {
			defer wait.Done()
			lines[k] = line{name, run(name, targets, stride/3, 1<<32, stride)}
		}()
	}
	wait.Wait()
	bad := false
	fmt.Println("| function | target | worst error, ULP | at | rounded correctly | values |\n|---|---|---|---|---|---|")
	for _, l := range lines {
		for _, t := range targets {
			r := l.res[t]
			fmt.Printf("| %s | %s | %.3f | %.9g | %.1f %% | %d |\n", l.name, [2]string{"AVX-512", "Go"}[t], r.worst, r.at, 100*float64(r.exact)/float64(r.n), r.n)
			bad = bad || !(r.worst <= functions[l.name].limit)
		}
	}
	if bad {
		os.Exit(1)
	}
}

// Command memory checks functions that reach memory in all ways, and random functions against themselves on another target.
package main

import (
	"fmt"
	"math"
	"os"
	"strings"
)

type kernel struct {
	lanes int
	run   func(f, g []float32, i []int32, u []uint8, n, s int, a float32)
}

type random func(f, g []float32, n, s int)

var (
	kernels  = map[string]kernel{}
	randoms  [][2]random
	failures int
)

func fail(format string, args ...any) {
	if failures++; failures < 30 {
		fmt.Printf(format+"\n", args...)
	}
}

// state is the memory of one call: exactly n elements each, then a page that may not be touched.
type state struct {
	f, g []float32
	i    []int32
	u    []uint8
}

func newState(n int) *state {
	s := &state{guarded[float32](n), guarded[float32](n), guarded[int32](n), guarded[uint8](n)}
	for k := range n {
		s.f[k], s.g[k] = float32(k*7%5)-2, float32(k*3%7)-3
		s.i[k], s.u[k] = int32((k*5+2)%n), uint8(k*37%3*120)
	}
	return s
}

// refs are what each function does to lane k of n, given what was there.
var refs = map[string]func(old, now *state, k, s int, a float32){
	"widen":  func(old, now *state, k, s int, a float32) { now.f[k] = float32(int32(old.u[k]) + old.i[k]) },
	"narrow": func(old, now *state, k, s int, a float32) { now.u[k] = uint8(old.i[k]) },
	"bools": func(old, now *state, k, s int, a float32) {
		now.u[k] = 0
		if old.f[k] < old.g[k] && old.u[k] != 0 {
			now.u[k] = 1
		}
	},
	"gather":     func(old, now *state, k, s int, a float32) { now.f[k], now.i[k] = old.g[old.i[k]], int32(k) },
	"gatherInts": func(old, now *state, k, s int, a float32) { now.i[k] = old.i[k] + int32(k) },
	"broadcast": func(old, now *state, k, s int, a float32) {
		now.f[k] = a + old.g[0] + float32(old.i[0]+int32(old.u[0]))
	},
	"splat":   func(old, now *state, k, s int, a float32) { now.i[k] = int32(s + k) },
	"strided": func(old, now *state, k, s int, a float32) { now.f[k] = old.g[2*s] + old.g[3*s+1] + float32(old.u[5*s]) },
	"bits": func(old, now *state, k, s int, a float32) {
		now.f[k] = 0
		if s>>(3+k)&1 == 1 {
			now.f[k] = a
		}
	},
	"integers": func(old, now *state, k, s int, a float32) { now.i[k] = int32((s+7)*3-s<<2)&1023 + int32(3*max(s, 0)) },
}

// onTail runs a function on n of its lanes, the memory being size long.
func onTail(name string, k kernel, n, size, s int) {
	ref := refs[strings.Split(name, "_")[0]]
	got, old, want := newState(size), newState(size), newState(size)
	k.run(got.f, got.g, got.i, got.u, n, s, 0.75)
	for l := range n {
		ref(old, want, l, s, 0.75)
	}
	for l := range size {
		if got.f[l] != want.f[l] || got.g[l] != want.g[l] || got.i[l] != want.i[l] || got.u[l] != want.u[l] {
			fail("%s: n=%d size=%d s=%d, lane %d: %v %v %v %v, want %v %v %v %v", name, n, size, s, l,
				got.f[l], got.g[l], got.i[l], got.u[l], want.f[l], want.g[l], want.i[l], want.u[l])
		}
	}
	release()
}

func reductions(lanes int, reduce func(f, g []float32, i []int32)) {
	f, g, i := make([]float32, 16), make([]float32, 16), make([]int32, 16)
	sum, largest, smallest, product := float32(0), float32(math.Inf(-1)), float32(math.Inf(1)), float32(1)
	for k := range lanes { // small whole numbers: every order of summation gives the same
		g[k], i[k] = float32((k*5+3)%7)-2.5, int32(k*11%17)
		sum, largest, smallest, product = sum+g[k], max(largest, g[k]), min(smallest, g[k]), product*g[k]
	}
	was := append([]int32(nil), i...)
	reduce(f, g, i)
	if f[0] != sum || f[1] != largest || f[2] != smallest || math.Abs(float64(f[3]-product)) > 1e-5*math.Abs(float64(product)) {
		fail("reductions of %d lanes: %v, want %v %v %v %v", lanes, f[:4], sum, largest, smallest, product)
	}
	total, high, low := int32(0), was[0], was[0]
	for _, x := range was[:lanes] {
		total, high, low = total+x, max(high, x), min(low, x)
	}
	if lanes > 2 && (i[0] != total || i[1] != high || i[2] != low) {
		fail("integer reductions of %d lanes: %v, want %d %d %d", lanes, i[:3], total, high, low)
	}
	g[lanes/2] = float32(math.NaN())
	if reduce(f, g, i); f[1] == f[1] || f[2] == f[2] {
		fail("the largest of lanes with a NaN is %v, the smallest %v", f[1], f[2])
	}
}

// randomPair runs 16 lanes at once and one after the other.
func randomPair(k int, pair [2]random, s int) {
	const values, lanes = 16, 16
	wide, g := make([]float32, values*lanes), make([]float32, values*lanes)
	for i := range g {
		g[i] = float32(i*7919%1000)/100 - 5
	}
	pair[0](wide, g, 3, s)
	for l := range lanes {
		narrow, x := make([]float32, values), make([]float32, values)
		for v := range values {
			x[v] = g[v*lanes+l]
		}
		pair[1](narrow, x, 3, s)
		for v := range values {
			a, b := wide[v*lanes+l], narrow[v]
			if a != b && (a == a || b == b) {
				fail("random %d, s=%d: value %d lane %d is %v in 16 lanes, %v alone", k, s, v, l, a, b)
				return
			}
		}
	}
}

func main() {
	avx := os.Args[1] == "true"
	for name, k := range kernels {
		if !avx && k.lanes > 1 {
			continue
		}
		for n := range k.lanes + 1 {
			sizes := []int{max(n, 1), n + 20}
			s := 5
			if strings.HasPrefix(name, "strided") {
				sizes, s = []int{max(n, 16)}, 3
			}
			for _, size := range sizes {
				onTail(name, k, n, size, s)
			}
		}
	}
	reductions(1, reduce_go)
	if avx {
		reductions(16, reduce_avx512)
		for k, pair := range randoms {
			for s := range 16 {
				randomPair(k, pair, s)
			}
		}
	}
	fmt.Println(len(kernels), "functions and", len(randoms), "random ones checked")
	if failures > 0 {
		os.Exit(1)
	}
}

package main

// packing compares packed panels and transposes with plain loops, in guarded memory, for all tails.
func packing(target string, rows func(dst, src []float32, k, ld, cols int), transpose, back func(dst, src []float32, rows, cols, ld, ldd, width int)) (done int) {
	for n := 1; n <= 70; n++ {
		for _, k := range []int{1, 2, 7, 15, 16, 17, 31, 33, 48} {
			for _, trans := range []bool{false, true} {
				packOne(target, &gemmPack{rows: rows, transpose: transpose, trans: trans, batch: 1 + n%3, n: n, k: k})
				done++
			}
			transposeOne(target, transpose, false, n, k)
			transposeOne(target, back, true, n, k)
			release()
		}
	}
	return done
}

func packOne(target string, g *gemmPack) {
	r, c := g.k, g.n
	if g.trans {
		r, c = c, r
	}
	g.ld = c + g.n%3
	g.batchSrc = (r-1)*g.ld + c
	g.src = random(g.batch * g.batchSrc)
	panels := (g.n + 31) / 32
	g.dst = random(g.batch * panels * 32 * g.k)
	chunks(g.plan(), g.chunk)
	for z := range g.batch {
		for j := range panels * 32 {
			for k := range g.k {
				want := float32(0)
				switch {
				case j >= g.n:
				case g.trans:
					want = g.src[z*g.batchSrc+j*g.ld+k]
				default:
					want = g.src[z*g.batchSrc+k*g.ld+j]
				}
				if got := g.dst[((z*panels+j/32)*g.k+k)*32+j%32]; got != want {
					fail("pack %s trans=%v n=%d k=%d: column %d of %d is %v, want %v", target, g.trans, g.n, g.k, j, k, got, want)
					return
				}
			}
		}
	}
}

func transposeOne(target string, transpose func(dst, src []float32, rows, cols, ld, ldd, width int), back bool, rows, cols int) {
	ldd := rows + 2
	src, dst := random(rows*cols), random((cols-1)*ldd+rows)
	before := append([]float32(nil), dst...)
	transpose(dst, src, rows, cols, cols, ldd, rows)
	for at, got := range dst {
		want := before[at]
		if i, j := at%ldd, at/ldd; i < rows {
			if back {
				j = cols - 1 - j
			}
			want = src[i*cols+j]
		}
		if got != want {
			fail("transpose %s back=%v %dx%d: place %d is %v, want %v", target, back, rows, cols, at, got, want)
			return
		}
	}
}

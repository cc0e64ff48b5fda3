package gemmrt

// gemmPack packs matrices B into panels [n/32][k][32] at run time, from rows of B or from rows of its transpose. A chunk is
// some panels of one matrix.
type gemmPack struct {
	rows      func(dst, src []float32, k, ld, cols int)                // a PackRows kernel
	transpose func(dst, src []float32, rows, cols, ld, ldd, width int) // a Transpose kernel
	trans     bool                                                     // src has n rows of k
	dst, src  []float32
	batch     int // matrices, from one to the next batchSrc; the results are dense
	n, k, ld  int
	batchSrc  int
	perChunk  int // panels of a chunk; set by plan
}

// gemmPackWork is the elements of a chunk, about.
const gemmPackWork = 1 << 16

// plan returns the number of chunks.
func (g *gemmPack) plan() int {
	panels := (g.n + 31) / 32
	if panels*g.k*g.batch == 0 {
		return 0
	}
	g.perChunk = max(1, min(panels, gemmPackWork/(32*g.k)))
	return g.batch * ((panels + g.perChunk - 1) / g.perChunk)
}

// chunk packs chunk i of plan.
func (g *gemmPack) chunk(i int) {
	panels := (g.n + 31) / 32
	per := (panels + g.perChunk - 1) / g.perChunk
	z, first := i/per, i%per*g.perChunk
	for j := first; j < min(panels, first+g.perChunk); j++ {
		dst := g.dst[(z*panels+j)*32*g.k:][:32*g.k]
		cols := min(32, g.n-j*32)
		if g.trans {
			g.transpose(dst, g.src[z*g.batchSrc+j*32*g.ld:], cols, g.k, g.ld, 32, 32)
			continue
		}
		g.rows(dst, g.src[z*g.batchSrc+j*32:], g.k, g.ld, cols)
	}
}

// Package gemmrt is the part of the matrix driver that does not depend on an epilogue's operands. It is compiled and tested
// here, and copied as text into generated packages.
package gemmrt

// gemmShape says where a matrix product lies, and cuts it into chunks. C has batch*runs*run rows: a run is a stretch of rows
// whose places in A and C are evenly spaced (an output row of a convolution; the whole matrix in a plain product).
type gemmShape struct {
	batch, runs, run, n int // rows of C per run, runs per batch; columns
	k, nseg             int // the inner length is nseg segments of k
	lda, ldb, ldc       int // from row to row (trans: lda from k to k)
	seg, gap            int // A: from segment to segment; B: elements between segments
	runA, runC          int // from run to run
	batchA, batchB      int // from matrix to matrix
	batchC              int
	panelB              int  // from panel of B to panel; 32 where B is row-major
	trans, rowsB        bool // how the kernels address A and B
	mr                  int  // the largest row tile of the kernels
	goesOn, unfinished  bool // C holds a sum to add to; more will be added, so the epilogue waits

	// Cache blocks; zero takes the default. Blocks of the inner length have sums of their own: the default follows from the shape
	// alone, so that a result has the same bits on any number of threads. The other choices change no bit.
	blockK    int // floats of one segment, or whole segments where there are several
	blockRows int // rows of a chunk
	blockCols int // panels of a chunk

	// Set by plan.
	perRun, small, extra int  // tiles per run: extra of them have small+1 rows, the others small
	byRun                bool // tiles at the same place of all runs follow each other; else those of a run do
	rowTiles, colTiles   int  // tiles and panels of one chunk
	rowChunks, colChunks int
	wide                 int // panels that one call takes at most
}

const (
	gemmPanel    = 32
	gemmL2       = 1 << 18 // floats of A that a chunk may keep in the second-level cache
	gemmKeepK    = 512     // inner lengths up to this are not cut
	gemmKeepSegs = 1536    // the same where segments are
	gemmStrideK  = 256     // the same where each step of k lies on a page of its own
	gemmFew      = 6       // up to so many rows, kernels of several panels run
	gemmMinRows  = 240     // fewer rows per chunk would read B too often
	gemmWork     = 1 << 23 // operations of a chunk, about
	gemmCall     = 1 << 25 // operations of a call, at most: assembly cannot be preempted
	gemmSmall    = 1 << 19 // operations that hardly pay a call
)

// gemmPanels are the panels that the kernels of each width take: one, two, four, and the first half of one.
var gemmPanels = [4]int{1, 2, 4, 1}

// plan fills in what follows from the shape alone, and returns the number of chunks.
func (g *gemmShape) plan() int {
	if g.batch*g.runs*g.run*g.n == 0 {
		return 0
	}
	g.perRun = (g.run + g.mr - 1) / g.mr
	g.small, g.extra = g.run/g.perRun, g.run%g.perRun
	g.byRun = g.perRun == 1 || g.runs > g.perRun && 2*gemmPanel*g.run*g.k*g.nseg < gemmSmall
	if g.blockK == 0 {
		g.blockK = g.defaultK()
	}
	rows, panels := g.blockRows, g.blockCols
	if rows == 0 {
		rows = g.defaultRows()
	}
	tiles := g.runs * g.perRun
	g.rowTiles, g.rowChunks = gemmEven(tiles, max(1, rows*tiles/(g.runs*g.run)))
	all := (g.n + gemmPanel - 1) / gemmPanel
	g.wide = 1
	if g.small+min(g.extra, 1) <= gemmFew {
		g.wide = 4
	}
	if panels == 0 {
		work := 2 * gemmPanel * g.k * g.nseg * g.run * g.runs / g.rowChunks
		panels = max(g.wide, gemmWork/max(1, work)/g.wide*g.wide)
	}
	g.colTiles, g.colChunks = gemmEven(all, panels)
	if g.colTiles%g.wide != 0 && g.colChunks > 1 {
		g.colTiles = (g.colTiles + g.wide - 1) / g.wide * g.wide
		g.colChunks = (all + g.colTiles - 1) / g.colTiles
	}
	return g.batch * g.rowChunks * g.colChunks
}

// gemmEven cuts n into equal parts of at most the given size.
func gemmEven(n, size int) (part, parts int) {
	parts = (n + size - 1) / size
	part = (n + parts - 1) / parts
	return part, (n + part - 1) / part
}

// defaultK cuts the inner length so that a panel of B stays in the second-level cache from tile to tile.
func (g *gemmShape) defaultK() int {
	keep, keepSegs := gemmKeepK, gemmKeepSegs
	if g.trans || g.rowsB {
		keep, keepSegs = gemmStrideK, gemmStrideK
	}
	if g.nseg > 1 {
		parts := (g.nseg*g.k + keepSegs - 1) / keepSegs
		return max(1, (g.nseg+parts-1)/max(1, parts))
	}
	if g.k <= keep {
		return max(1, g.k)
	}
	part, _ := gemmEven(g.k, keep)
	return (part + 3) / 4 * 4
}

// defaultRows lets the rows of A that a chunk reads fill half of the second-level cache, over the whole inner length: the next
// chunk, of other columns, reads the same rows. Rows and segments that overlap (a convolution's) are counted once.
func (g *gemmShape) defaultRows() int {
	perRow := g.k * g.nseg
	if g.nseg > 1 {
		perRow = min(g.k, g.lda) * g.nseg
		if g.runs > 1 && g.seg > 0 {
			perRow = min(g.k, g.lda) * min(g.nseg, max(1, g.runA/g.seg))
		}
	}
	rows := gemmL2 / max(1, perRow)
	return max(g.mr, min(rows, max(gemmMinRows, gemmWork/max(1, 2*gemmPanel*g.k*g.nseg))))
}

// chunk locates chunk i: the matrix of the batch, tiles t0..t1, panels j0..j1.
func (g *gemmShape) chunkAt(i int) (z, t0, t1, j0, j1 int) {
	j0 = i % g.colChunks * g.colTiles
	i /= g.colChunks
	t0 = i % g.rowChunks * g.rowTiles
	z = i / g.rowChunks
	return z, t0, min(t0+g.rowTiles, g.runs*g.perRun), j0, min(j0+g.colTiles, (g.n+gemmPanel-1)/gemmPanel)
}

// gemmRows is some equal tiles that one call computes: nt tiles of rows rows, from row of run on; the next tile is ta, tc away.
type gemmRows struct {
	run, row, rows, nt int
	ta, tc             int
	next               int // the tile behind them
}

// tilesFrom takes as many equal tiles from t on as one call may compute.
func (g *gemmShape) tilesFrom(t, end int) (r gemmRows) {
	q := t % g.perRun
	if r.run = t / g.perRun; g.byRun {
		q, r.run = t/g.runs, t%g.runs
	}
	equal := g.perRun - q // tiles of the run that have as many rows, from here on
	if r.rows, r.row = g.small, g.extra+q*g.small; q < g.extra {
		r.rows, r.row, equal = g.small+1, q*(g.small+1), g.extra-q
	}
	r.ta, r.tc = r.rows*g.rowA(), r.rows*g.ldc
	if g.byRun {
		r.ta, r.tc, equal = g.runA, g.runC, g.runs-r.run
	}
	r.nt = min(equal, end-t, max(1, gemmCall/(2*gemmPanel*r.rows*g.k*g.nseg+1)))
	r.next = t + r.nt
	return r
}

// rowA is the distance of two rows in A, stepA the distance of two steps of k.
func (g *gemmShape) rowA() int {
	if g.trans {
		return 1
	}
	return g.lda
}

func (g *gemmShape) stepA() int {
	if g.trans {
		return g.lda
	}
	return 1
}

// gemmBlock is one block of the inner length.
type gemmBlock struct {
	k, nseg    int // what the kernel multiplies
	a, b       int // where it begins, in A and in a panel of B
	next       int // the block behind it: in segments, or in k
	first, end bool
}

func (g *gemmShape) blockAt(at int) (b gemmBlock) {
	if g.nseg != 1 {
		b = gemmBlock{k: g.k, nseg: min(g.blockK, g.nseg-at), a: at * g.seg, b: at * (g.k*g.ldb + g.gap)}
		b.next = at + max(1, b.nseg)
		b.end = b.next >= g.nseg
	} else {
		b = gemmBlock{k: min(g.blockK, g.k-at), nseg: 1, a: at * g.stepA(), b: at * g.ldb}
		b.next = at + max(1, b.k)
		b.end = b.next >= g.k
	}
	b.first = at == 0
	return b
}

// flags are the bits that the kernels know: first, last block of the inner length; a row-major B ends within the panel.
func (g *gemmShape) flags(b gemmBlock, cols int) (f int) {
	if b.first && !g.goesOn {
		f = 1
	}
	if b.end && !g.unfinished {
		f |= 2
	}
	if g.rowsB && cols < gemmPanel {
		f |= 4
	}
	return f
}

// ahead is where the kernel prefetches while it computes panel j: its share of the next panel.
func (g *gemmShape) ahead(j, tile int, b gemmBlock) int {
	next := min((j+1), (g.n-1)/gemmPanel)*g.panelB + b.b
	if g.rowsB {
		return next
	}
	size := b.k * b.nseg * gemmPanel
	return next + min(tile*size/8, max(0, size-1))
}

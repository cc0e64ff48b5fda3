package gemmrt

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// randomShape is a product or convolution of random size and blocking.
func randomShape(r *rand.Rand) *gemmShape {
	g := &gemmShape{batch: 1 + r.IntN(3), runs: 1 + r.IntN(6), run: 1 + r.IntN(70), n: 1 + r.IntN(400), k: 1 + r.IntN(5000), nseg: 1, ldb: 32, mr: 4 + r.IntN(11)}
	if r.IntN(2) == 0 {
		g.nseg, g.k = 1+r.IntN(9), 1+r.IntN(900)
	}
	g.lda, g.ldc, g.panelB = g.k, g.n, 32*g.k*g.nseg
	g.seg, g.runA, g.runC = g.k*(1+r.IntN(3)), g.run*g.lda, g.run*g.ldc
	g.trans, g.rowsB = r.IntN(3) == 0, r.IntN(3) == 0
	if r.IntN(2) == 0 {
		g.blockK, g.blockRows, g.blockCols = r.IntN(300), r.IntN(100), r.IntN(9)
	}
	return g
}

// TestChunks: the chunks cover every row and panel of every matrix once, in tiles of at most mr rows that never cross a run.
func TestChunks(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for range 300 {
		g := randomShape(r)
		panels := (g.n + gemmPanel - 1) / gemmPanel
		seen := make([]int, g.batch*g.runs*g.run*panels)
		for i := range g.plan() {
			z, t0, t1, j0, j1 := g.chunkAt(i)
			require.True(t, t0 < t1 && j0 < j1, "%+v: chunk %d is empty", *g, i)
			for at := t0; at < t1; {
				tiles := g.tilesFrom(at, t1)
				require.LessOrEqual(t, tiles.rows, g.mr)
				for k := range tiles.nt {
					run, row := tiles.run, tiles.row+k*tiles.rows
					if g.byRun {
						run, row = tiles.run+k, tiles.row
					}
					require.LessOrEqual(t, row+tiles.rows, g.run, "%+v: a tile crosses runs", *g)
					for m := row; m < row+tiles.rows; m++ {
						for j := j0; j < j1; j++ {
							seen[((z*g.runs+run)*g.run+m)*panels+j]++
						}
					}
				}
				at = tiles.next
			}
		}
		for i, n := range seen {
			require.Equal(t, 1, n, "%+v: element %d", *g, i)
		}
	}
}

// TestBlocks: the blocks cover the inner length once, in order; only the first starts and only the last ends.
func TestBlocks(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 5))
	for range 300 {
		g := randomShape(r)
		g.plan()
		at, done := 0, 0
		for {
			b := g.blockAt(at)
			require.Equal(t, at == 0, b.first)
			done += b.k * b.nseg
			if b.end {
				break
			}
			require.Greater(t, b.next, at)
			at = b.next
		}
		require.Equal(t, g.k*g.nseg, done, "%+v", *g)
	}
}

// TestEmpty: nothing to compute is no chunk, and no inner length is one block that only starts and ends.
func TestEmpty(t *testing.T) {
	require.Zero(t, (&gemmShape{batch: 1, runs: 1, run: 0, n: 5, k: 3, nseg: 1, mr: 12}).plan())
	g := &gemmShape{batch: 1, runs: 1, run: 3, n: 5, k: 0, nseg: 1, mr: 12}
	require.Equal(t, 1, g.plan())
	b := g.blockAt(0)
	require.True(t, b.first && b.end && b.k == 0)
}

// TestChunkSize: large products have many chunks, small ones a single one.
func TestChunkSize(t *testing.T) {
	large := &gemmShape{batch: 1, runs: 1, run: 1024, n: 1024, k: 1024, nseg: 1, lda: 1024, ldb: 32, mr: 14}
	require.GreaterOrEqual(t, large.plan(), 64)
	conv := &gemmShape{batch: 1, runs: 56, run: 56, n: 64, k: 192, nseg: 3, lda: 64, seg: 58 * 64, runA: 58 * 64, ldb: 32, mr: 14}
	require.GreaterOrEqual(t, conv.plan(), 16)
	small := &gemmShape{batch: 1, runs: 1, run: 64, n: 120, k: 400, nseg: 1, lda: 400, ldb: 32, mr: 14}
	require.LessOrEqual(t, small.plan(), 2)
}

package kernel

import (
	"fmt"
	"slices"
	"strconv"

	"mmc/codegen/vec"
)

// PanelCols is the width of a panel of packed B: [N/PanelCols][K][PanelCols], zeros behind the last column.
const PanelCols = 32

// MaxRows is the largest row tile that any target has.
const MaxRows = 14

// Widths of kernels, as columns of the driver's table: one, two or four panels, or the first half of a panel.
const (
	onePanel = iota
	twoPanels
	fourPanels
	halfPanel
	numWidths
)

// columnsOf is how many columns a kernel of a width has.
var columnsOf = [numWidths]int{PanelCols, 2 * PanelCols, 4 * PanelCols, PanelCols / 2}

// lineFloats is a cache line.
const lineFloats = 16

// Bits of a gemm kernel's flags argument.
const (
	First = 1 // C is written; without it the product is added to C
	Last  = 2 // the epilogue runs before the store
	Tail  = 4 // RowsB only: the last panel has fewer than PanelCols columns in memory
)

// Gemm is a family of matrix kernels that differ in their register tile alone. One call computes nt tiles of some rows and of
// one, two or four panels of columns, or of half a panel:
//
//	C = A @ B (First), C += A @ B (not First), then C = epilogue(C, ...) (Last)
//
// Row r of A is nseg segments of k floats, seg apart; rows are lda apart, tiles ta. One segment is a plain product; KH
// segments of KW*C floats are a convolution on a zero-bordered NHWC image. B is read once per tile, from panels pb apart,
// after each segment gap elements are skipped.
type Gemm struct {
	Name     string
	TransA   bool // element (r, k) of A is at k*lda + r: weight gradients, products with a transposed left side
	RowsB    bool // B is row-major with rows ldb apart, not packed
	Cols     int  // the number of columns, if it is known at build: widths that it never needs are left out
	Epilogue *Epilogue
}

// gemmTile is the register tile of one kernel of a family on a target.
type gemmTile struct {
	rows, panels int // panels that it reaches into
	vecs         int // vectors per row that are accumulated together
	steps        int // how often they fit a panel: 1 where the tile is not narrower than the kernel
	group        int // vectors that go through the epilogue together
	unroll       int
}

func (g Gemm) tile(t *vec.Target, rows, width int) gemmTile {
	if 2*t.Lanes >= PanelCols {
		n, unroll := columnsOf[width]/t.Lanes, 4
		if rows > fewRows {
			unroll = 2 // the multiplications of two steps hide the loop, and a panel ahead is fetched twice as fast
		}
		return gemmTile{rows: rows, panels: max(1, columnsOf[width]/PanelCols), vecs: n, steps: 1, group: n, unroll: unroll}
	}
	// Short text counts here: the portable form is compiled, not assembled.
	return gemmTile{rows: rows, panels: 1, vecs: 2, steps: PanelCols / (2 * t.Lanes), group: 2, unroll: 1}
}

// args is the signature of every kernel of the family.
func (g Gemm) args() []vec.Arg {
	args := []vec.Arg{vec.Slice("a", vec.F32), vec.Slice("b", vec.F32), vec.Slice("c", vec.F32), vec.Slice("pf", vec.F32)}
	args = append(args, g.Epilogue.slices()...)
	for _, n := range []string{"k", "lda", "ldb", "ldc", "ta", "tc", "nt", "nseg", "seg", "gap", "pb", "cols", "flags"} {
		args = append(args, vec.Int(n))
	}
	return append(args, g.Epilogue.strides()...)
}

// Kernel builds the kernel for a tile of rows x cols, which are PanelCols, two or four times or half as many. The error tells
// that there is no such tile, or that it and the epilogue do not fit the target's registers.
func (g Gemm) Kernel(t *vec.Target, rows, cols int) (*vec.Func, error) {
	width := slices.Index(columnsOf[:], cols)
	if width < 0 || rows < 1 || rows > MaxRows {
		return nil, fmt.Errorf("kernel: %s: there is no tile of %d rows and %d columns", g.Name, rows, cols)
	}
	name := fmt.Sprintf("%s_%dx%d_%s", g.Name, rows, cols, t.Name)
	tile := g.tile(t, rows, width)
	for {
		f, err := g.build(name, t, tile)
		if err == nil || tile.group == 1 || g.Epilogue == nil {
			return f, err
		}
		tile.group = (tile.group + 1) / 2
	}
}

func (g Gemm) build(name string, t *vec.Target, tile gemmTile) (*vec.Func, error) {
	e := &gemmEmitter{Gemm: g, gemmTile: tile, b: vec.New(name, t, g.args()...), L: t.Lanes}
	e.emit()
	return e.b.Build()
}

// gemmEmitter emits one kernel.
type gemmEmitter struct {
	Gemm
	gemmTile
	b     *vec.Builder
	L     int
	acc   [][]vec.V
	masks []vec.M // per vector of a row; 0 where all lanes are inside
}

// emit is the kernel: for each tile, for each step across a panel: load, multiply, store. What lives across the multiplication
// stands in the arguments frame, so that its registers are free for rows of A.
func (e *gemmEmitter) emit() {
	b := e.b
	e.acc = make([][]vec.V, e.rows)
	for r := range e.acc {
		e.acc[r] = make([]vec.V, e.vecs)
		for j := range e.acc[r] {
			e.acc[r][j] = b.NewV()
		}
	}
	if e.steps == 1 {
		e.columns(b.Int("cols"))
	}
	b.LoopArg("nt", func() {
		if e.steps == 1 {
			e.block(0, b.Ptr("b"))
		} else {
			e.across()
		}
		e.nextTile()
	})
}

// columns makes the masks of a row's vectors: only the last panel has fewer than PanelCols columns.
func (e *gemmEmitter) columns(cols vec.I) {
	e.masks = make([]vec.M, e.vecs)
	whole := 0
	if e.steps == 1 {
		whole = (e.panels - 1) * PanelCols / e.L
	}
	for j := whole; j < e.vecs; j++ {
		e.masks[j] = e.b.First(cols, (j-whole)*e.L)
	}
}

// across steps through a panel that is wider than the tile. The pointers of a step are the tile's plus at.
func (e *gemmEmitter) across() {
	b := e.b
	width := e.vecs * e.L
	cols, at, bp := b.Int("cols"), b.IConst(0), b.Ptr("b")
	n := b.CopyI(cols)
	b.IncI(n, width-1)
	b.ShrI(n, log2(width))
	b.Loop(n, func() {
		e.columns(cols)
		e.block(at, bp)
		b.IncI(cols, -width)
		b.IncI(at, width)
		b.Step(bp, width)
	})
}

// shifted is a slice argument's position plus at.
func (e *gemmEmitter) shifted(name string, at vec.I) vec.P {
	p := e.b.Ptr(name)
	if at != 0 {
		e.b.Walk(p, at, 1)
	}
	return p
}

// block computes one register tile.
func (e *gemmEmitter) block(at vec.I, bp vec.P) {
	b := e.b
	e.start(at)
	bp = b.Copy(bp)
	if e.RowsB {
		b.If(b.Int("flags"), Tail, func() { e.segments(bp, true) }, func() { e.segments(bp, false) })
	} else {
		e.segments(bp, false)
	}
	b.If(b.Int("flags"), First, func() {}, func() { e.join(at) })
	if e.Epilogue == nil {
		e.store(at, nil)
		return
	}
	b.If(b.Int("flags"), Last, func() { e.store(at, e.Epilogue) }, func() { e.store(at, nil) })
}

// start clears the accumulators and fetches the lines of C that will be written.
func (e *gemmEmitter) start(at vec.I) {
	b := e.b
	c := e.shifted("c", at)
	ldc := b.Int("ldc")
	for _, row := range e.acc {
		for _, v := range row {
			b.SetZero(v)
		}
		b.Prefetch(vec.At(c, 0), 0)
		b.Prefetch(vec.At(c, PanelCols-1), 0)
		b.Walk(c, ldc, 1)
	}
}

// join adds what earlier blocks of the inner length left in C. Each block has a sum of its own, so that long sums stay
// accurate: their error grows with the length of a block and the number of blocks, not with the product of the two.
func (e *gemmEmitter) join(at vec.I) {
	b := e.b
	c := e.shifted("c", at)
	ldc := b.Int("ldc")
	for _, row := range e.acc {
		for j, v := range row {
			b.Set(v, b.Add(b.Load(vec.At(c, j*e.L), e.masks[j]), v))
		}
		b.Walk(c, ldc, 1)
	}
}

// segments is the multiplication. masked tells that B ends with the mask.
func (e *gemmEmitter) segments(bp vec.P, masked bool) {
	b := e.b
	ap, pf, lda := b.Ptr("a"), b.Ptr("pf"), b.Int("lda")
	side := e.right(bp, masked)
	b.Loop(b.Int("nseg"), func() {
		left := e.left(ap, lda)
		k := b.Int("k")
		if e.unroll > 1 {
			b.ShrI(k, log2(e.unroll))
		}
		b.Loop(k, func() {
			if !e.RowsB {
				b.Prefetch(vec.At(pf, 0), 1)
				b.Step(pf, lineFloats)
			}
			e.inner(e.unroll, left, side)
		})
		if e.unroll > 1 {
			k = b.Int("k")
			b.AndI(k, e.unroll-1)
			b.Loop(k, func() { e.inner(1, left, side) })
		}
		b.Walk(ap, b.Int("seg"), 1)
		side.skip(b.Int("gap"))
	})
	if e.L > 1 && !e.RowsB {
		b.SavePtr("pf", pf)
	}
}

// inner emits n steps of k.
func (e *gemmEmitter) inner(n int, a *gemmLeft, s *gemmRight) {
	for u := range n {
		if e.rows < e.vecs {
			e.fewRows(u, a, s)
		} else {
			e.manyRows(u, a, s)
		}
		a.step(e.rows)
		s.step()
	}
	a.advance(n)
	s.advance(n)
}

// manyRows keeps a row of B in registers and broadcasts one element of A after the other.
func (e *gemmEmitter) manyRows(u int, a *gemmLeft, s *gemmRight) {
	row := make([]vec.V, e.vecs)
	for j := range row {
		row[j] = s.load(u, j)
	}
	for r := range e.acc {
		if len(row) == 1 {
			e.b.FmaBcast(e.acc[r][0], row[0], a.at(u, r)) // the broadcast is part of the multiplication
			continue
		}
		x := a.bcast(u, r)
		for j := range row {
			e.b.Fma(e.acc[r][j], x, row[j])
		}
	}
}

// fewRows keeps a column of A in registers: B streams through, each vector is used for every row at once.
func (e *gemmEmitter) fewRows(u int, a *gemmLeft, s *gemmRight) {
	col := make([]vec.V, e.rows)
	for r := range col {
		col[r] = a.bcast(u, r)
	}
	for j := range e.vecs {
		y := s.load(u, j)
		for r := range col {
			e.b.Fma(e.acc[r][j], col[r], y)
		}
	}
}

// store writes the tile, through the epilogue if there is one.
func (e *gemmEmitter) store(at vec.I, epi *Epilogue) {
	b := e.b
	c := e.shifted("c", at)
	ldc := b.Int("ldc")
	x := e.operands(epi, at)
	for _, row := range e.acc {
		for j := 0; j < e.vecs; j += e.group {
			end := min(e.vecs, j+e.group)
			out := row[j:end]
			if epi != nil {
				out = epi.Emit(b, &Tile{Acc: out, b: b, masks: e.masks[j:end], col: j * e.L, x: x})
			}
			for i, v := range out {
				b.Store(v, vec.At(c, (j+i)*e.L), e.masks[j+i])
			}
		}
		b.Walk(c, ldc, 1)
		x.nextRow(b)
	}
}

// nextTile moves the saved positions to the next tile.
func (e *gemmEmitter) nextTile() {
	move := func(slice, by string) {
		p := e.b.Ptr(slice)
		e.b.Walk(p, e.b.Int(by), 1)
		e.b.SavePtr(slice, p)
	}
	move("a", "ta")
	move("c", "tc")
	if e.Epilogue != nil {
		for _, x := range e.Epilogue.places() {
			move(x.name, "t"+x.name)
		}
	}
}

func log2(n int) int {
	l := 0
	for ; n > 1; n >>= 1 {
		l++
	}
	return l
}

func num(prefix string, n int) string { return prefix + strconv.Itoa(n) }

package kernel

import (
	_ "embed"
	"strings"

	"mmc/codegen/vec"
)

// PackRows builds func(dst, src []float32, k, ld, cols int): one panel of B from cols <= PanelCols columns of a row-major
// matrix of k rows, ld apart; zeros behind the last column.
func PackRows(name string, t *vec.Target) (*vec.Func, error) {
	b := vec.New(name, t, vec.Slice("dst", vec.F32), vec.Slice("src", vec.F32), vec.Int("k"), vec.Int("ld"), vec.Int("cols"))
	dst, src, ld, cols := b.Ptr("dst"), b.Ptr("src"), b.Int("ld"), b.Int("cols")
	L := t.Lanes
	var masks []vec.M
	for j := 0; j < PanelCols && L > 1; j += L {
		masks = append(masks, b.First(cols, j))
	}
	b.LoopArg("k", func() {
		for j := 0; j < PanelCols; j += L {
			m := vec.M(0)
			if L > 1 {
				m = masks[j/L]
			} else {
				m = b.First(cols, j)
			}
			b.Store(b.Load(vec.At(src, j), m), vec.At(dst, j), 0)
		}
		b.Walk(src, ld, 1)
		b.Step(dst, PanelCols)
	})
	return b.Build()
}

// Transpose builds func(dst, src []float32, rows, cols, ld, ldd, width int): dst[j*ldd+i] = src[i*ld+j] for i < rows and
// j < cols, and zeros for i from rows to width. With width = ldd = PanelCols it packs a panel of B from rows of its transpose.
func Transpose(name string, t *vec.Target) (*vec.Func, error) { return transpose(name, t, false) }

// TransposeBack is Transpose with the rows of the result in reverse order: dst[(cols-1-j)*ldd+i] = src[i*ld+j].
func TransposeBack(name string, t *vec.Target) (*vec.Func, error) { return transpose(name, t, true) }

func transpose(name string, t *vec.Target, back bool) (*vec.Func, error) {
	b := vec.New(name, t, vec.Slice("dst", vec.F32), vec.Slice("src", vec.F32),
		vec.Int("rows"), vec.Int("cols"), vec.Int("ld"), vec.Int("ldd"), vec.Int("width"))
	e := &transposer{b: b, L: t.Lanes, back: back}
	n := b.Int("width")
	b.IncI(n, e.L-1)
	b.ShrI(n, log2(e.L))
	b.Loop(n, e.strip)
	return b.Build()
}

// transposer emits blocks of L x L.
type transposer struct {
	b    *vec.Builder
	L    int
	back bool // the last row of the result comes first
}

// strip transposes L rows of the source, which become L columns, and goes on to the next.
func (e *transposer) strip() {
	b := e.b
	missing := b.Int("rows") // -1 when fewer than L rows are left
	b.IncI(missing, -e.L)
	b.ShrI(missing, 62)
	b.If(missing, 1, func() { e.blocks(true) }, func() { e.blocks(false) })
	e.next("src", b.Int("ld"), e.L)
	dst := b.Ptr("dst")
	b.Step(dst, e.L)
	b.SavePtr("dst", dst)
	for _, name := range []string{"rows", "width"} {
		n := b.Int(name)
		b.IncI(n, -e.L)
		b.SaveInt(name, n)
	}
}

func (e *transposer) next(name string, by vec.I, times int) {
	p := e.b.Ptr(name)
	e.b.Walk(p, by, times)
	e.b.SavePtr(name, p)
}

// blocks goes along the rows.
func (e *transposer) blocks(fewRows bool) {
	b := e.b
	src, dst, ld, ldd := b.Ptr("src"), b.Ptr("dst"), b.Int("ld"), b.Int("ldd")
	if e.back {
		last := b.Int("cols")
		b.IncI(last, -1)
		b.MulI(last, ldd)
		b.Walk(dst, last, 1)
		down := b.IConst(0)
		b.SubI(down, ldd)
		ldd = down
	}
	wide := b.First(b.Int("width"), 0)
	n := b.Int("cols")
	b.ShrI(n, log2(e.L))
	b.Loop(n, func() {
		e.block(src, dst, ld, ldd, 0, wide, fewRows, 0)
		b.Step(src, e.L)
		b.Walk(dst, ldd, e.L)
	})
	if e.L == 1 {
		return
	}
	tail := b.Int("cols")
	b.AndI(tail, e.L-1)
	b.If(tail, e.L-1, func() { e.block(src, dst, ld, ldd, b.First(tail, 0), wide, fewRows, tail) }, nil)
}

// block transposes L x L elements. inside are the lanes that exist in a source row; tail, if not 0, is how many rows of the
// result exist.
func (e *transposer) block(src, dst vec.P, ld, ldd vec.I, inside, wide vec.M, fewRows bool, tail vec.I) {
	b := e.b
	p, q := b.Copy(src), b.Copy(dst)
	rows := make([]vec.V, e.L)
	for i := range rows {
		m := inside
		if fewRows {
			m = e.exists(i, b.Int("rows"), inside)
		}
		rows[i] = b.Load(vec.At(p, 0), m)
		b.Walk(p, ld, 1)
	}
	for j, v := range b.Transpose(rows) {
		m := wide
		if tail != 0 {
			m = e.exists(j, tail, wide)
		}
		b.Store(v, vec.At(q, 0), m)
		b.Walk(q, ldd, 1)
	}
}

// exists is m if i < n, else no lane.
func (e *transposer) exists(i int, n vec.I, m vec.M) vec.M {
	all := e.b.Cmp(vec.GT, e.b.Splat(n), e.b.ConstI(int32(i)))
	if m == 0 {
		return all
	}
	return e.b.AndM(all, m)
}

//go:embed internal/gemmrt/pack.go
var gemmPackText string

// GemmPackSource is the Go source of the packer's driver, behind a package clause.
func GemmPackSource() string {
	_, text, _ := strings.Cut(gemmPackText, "package gemmrt\n")
	return text
}

package kernel

import "mmc/codegen/vec"

// gemmLeft addresses the elements of A during one segment.
type gemmLeft struct {
	b     *vec.Builder
	trans bool
	rows  []vec.P // row-major: rows 0, 3, 6, ..; an address holds the two rows between as one or two times lda
	lda   vec.I
}

// rowsPerBase is how many rows one base register addresses: [p], [p+lda], [p+2*lda].
const rowsPerBase = 3

func (e *gemmEmitter) left(ap vec.P, lda vec.I) *gemmLeft {
	l := &gemmLeft{b: e.b, trans: e.TransA, rows: []vec.P{e.b.Copy(ap)}, lda: lda}
	for r := rowsPerBase; r < e.rows && !e.TransA; r += rowsPerBase {
		p := e.b.Copy(l.rows[len(l.rows)-1])
		e.b.Walk(p, lda, rowsPerBase)
		l.rows = append(l.rows, p)
	}
	return l
}

// at is where element (r, u) lies.
func (l *gemmLeft) at(u, r int) vec.Mem {
	if l.trans {
		return vec.At(l.rows[0], r)
	}
	return vec.At(l.rows[r/rowsPerBase], u).Index(l.lda, r%rowsPerBase)
}

// bcast is element (r, u) in every lane.
func (l *gemmLeft) bcast(u, r int) vec.V { return l.b.Bcast(l.at(u, r)) }

// step goes to the next k where an offset cannot say it. The rows of the next tile at this k are far from everything else in
// memory, so they are fetched here.
func (l *gemmLeft) step(tile int) {
	if l.trans {
		l.b.Prefetch(vec.At(l.rows[0], 2*tile-1), 0)
		l.b.Walk(l.rows[0], l.lda, 1)
	}
}

func (l *gemmLeft) advance(n int) {
	if l.trans {
		return
	}
	for _, p := range l.rows {
		l.b.Step(p, n)
	}
}

// gemmRight addresses rows of B in one, two or four panels.
type gemmRight struct {
	b     *vec.Builder
	base  []vec.P // panels 0 and 2; an address holds the odd one as pb
	pb    vec.I
	ld    vec.I // RowsB: the row stride
	per   int   // vectors per panel
	masks []vec.M
}

func (e *gemmEmitter) right(bp vec.P, masked bool) *gemmRight {
	r := &gemmRight{b: e.b, base: []vec.P{bp}, per: PanelCols / e.L}
	if e.RowsB {
		r.ld = e.b.Int("ldb")
	}
	if masked {
		r.masks = e.masks
	}
	if e.panels > 1 {
		r.pb = e.b.Int("pb")
	}
	if e.panels > 2 {
		p := e.b.Copy(bp)
		e.b.Walk(p, r.pb, 2)
		r.base = append(r.base, p)
	}
	return r
}

// load is vector j of row u.
func (r *gemmRight) load(u, j int) vec.V {
	panel := j / r.per
	off := j % r.per * r.b.Lanes()
	if r.ld == 0 {
		off += u * PanelCols
	}
	m := vec.M(0)
	if r.masks != nil {
		m = r.masks[j]
	}
	at := vec.At(r.base[panel/2], off)
	if panel%2 == 1 {
		at = at.Index(r.pb, 1)
	}
	return r.b.Load(at, m)
}

// step goes to the next row where an offset cannot say it. Row-major B is fetched panel by panel: the next panel lies behind
// this one, and nothing but this knows that it is wanted soon.
func (r *gemmRight) step() {
	if r.ld == 0 {
		return
	}
	last := r.base[len(r.base)-1]
	for off := 0; off < PanelCols; off += lineFloats {
		r.b.Prefetch(vec.At(last, PanelCols+off), 1)
	}
	r.skip(r.ld)
}

func (r *gemmRight) advance(n int) {
	if r.ld != 0 {
		return
	}
	for _, p := range r.base {
		r.b.Step(p, n*PanelCols)
	}
}

// skip moves every panel by i elements.
func (r *gemmRight) skip(i vec.I) {
	if i == 0 {
		return
	}
	for _, p := range r.base {
		r.b.Walk(p, i, 1)
	}
}

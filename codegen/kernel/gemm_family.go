package kernel

import (
	"fmt"
	"strings"

	"mmc/codegen/vec"
)

// GemmFamily is the kernels of a Gemm that a target needs, as the driver's table holds them.
type GemmFamily struct {
	Gemm  Gemm
	MR    int // the largest row tile: the driver's mr
	Funcs []*vec.Func

	table [MaxRows + 1][numWidths]*vec.Func
}

// rowLimit is the largest row tile that pays on a target.
func rowLimit(t *vec.Target) int {
	if t == vec.Scalar {
		return 4
	}
	return MaxRows
}

// GemmRows are the row tiles that a run of a known length is cut into: equal up to one row, so at most two sizes. They are the
// rows to ask a Family for when the length is known at build.
func GemmRows(run, mr int) []int {
	if run <= 0 {
		return nil
	}
	n := (run + mr - 1) / mr
	if run%n == 0 {
		return []int{run / n}
	}
	return []int{run/n + 1, run / n}
}

// Fits reports whether the epilogue runs on the accumulators of the target's usual row tile. Where it does not, build the
// Gemm without an epilogue and map the snippet over the stored tiles (the driver's after).
func (g Gemm) Fits(t *vec.Target) bool { return g.mostRows(t) >= min(rowLimit(t), 12) }

// mostRows is the largest row tile whose registers suffice; 0 if there is none.
func (g Gemm) mostRows(t *vec.Target) int {
	for r := rowLimit(t); r > 0; r-- {
		if _, err := g.Kernel(t, r, PanelCols); err == nil {
			return r
		}
	}
	return 0
}

// Family builds the kernels for runs of the given lengths, or all row tiles when none is given: lengths are known at run time
// only. Few rows get wider tiles too, since FMA latency would bind them.
func (g Gemm) Family(t *vec.Target, runs ...int) (*GemmFamily, error) {
	f := &GemmFamily{Gemm: g, MR: g.mostRows(t)}
	if f.MR == 0 {
		_, err := g.Kernel(t, 1, PanelCols)
		return nil, fmt.Errorf("kernel: the epilogue of %s fits no tile: %w", g.Name, err)
	}
	for r := range f.wanted(runs) {
		if err := f.add(t, r); err != nil {
			return nil, err
		}
	}
	for r := range f.table {
		for _, fn := range f.table[r] {
			if fn != nil {
				f.Funcs = append(f.Funcs, fn)
			}
		}
	}
	return f, nil
}

func (f *GemmFamily) wanted(runs []int) map[int]bool {
	want := map[int]bool{}
	for r := 1; r <= f.MR && len(runs) == 0; r++ {
		want[r] = true
	}
	for _, run := range runs {
		for _, r := range GemmRows(run, f.MR) {
			want[r] = true
		}
	}
	return want
}

// fewRows is the largest row tile that has wider kernels, as the driver knows.
const fewRows = 6

// add builds the kernels of all widths for a row tile. Wide ones that do not fit the registers are left out.
func (f *GemmFamily) add(t *vec.Target, rows int) error {
	for w := range f.table[rows] {
		if !f.Gemm.needs(t, rows, w) {
			continue
		}
		fn, err := f.Gemm.Kernel(t, rows, columnsOf[w])
		if err != nil && w == onePanel {
			return err
		}
		f.table[rows][w] = fn
	}
	return nil
}

// needs reports whether a width pays: wide tiles for few rows, the half panel where the columns may end in one.
func (g Gemm) needs(t *vec.Target, rows, width int) bool {
	tail := g.Cols % PanelCols
	switch {
	case width == onePanel:
		return true
	case 2*t.Lanes < PanelCols:
		return false
	case width == halfPanel:
		return g.Cols == 0 || tail > 0 && tail <= PanelCols/2
	}
	return rows <= fewRows && (g.Cols == 0 || g.Cols > columnsOf[width]-PanelCols)
}

// Table is the Go declaration of the driver's table of kernels.
func (f *GemmFamily) Table(name string) string {
	var s strings.Builder
	typ := f.Gemm.Driver().Type
	fmt.Fprintf(&s, "var %s = [%d + 1][%d]%sKernel{\n", name, MaxRows, numWidths, typ)
	for r, row := range f.table {
		if row[0] == nil {
			continue
		}
		fmt.Fprintf(&s, "%d: {", r)
		for w, fn := range row {
			if fn != nil {
				fmt.Fprintf(&s, "%d: %s, ", w, fn.Name)
			}
		}
		s.WriteString("},\n")
	}
	return s.String() + "}\n"
}

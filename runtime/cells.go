package rt

import "unsafe"

// A Cell is a tensor that a model, trainer or session keeps between calls, as the tables of generated packages list it.
type Cell struct {
	ParamSpec
	Data Slice
}

// A Slice is the memory of a cell, whatever its element type.
type Slice interface {
	alloc(n int)
	read(w *Weights, i int) error
	fill(value float64)
	copyFrom(other Slice)
	hasNaN() bool
	source(name string, shape []int) Source
}

// SliceOf describes the memory of a cell to the functions below.
func SliceOf[T Elem](p *[]T) Slice { return slice[T]{p} }

type slice[T Elem] struct{ at *[]T }

func (s slice[T]) alloc(n int)                  { *s.at = make([]T, n) }
func (s slice[T]) read(w *Weights, i int) error { return ReadParam(w, i, *s.at) }
func (s slice[T]) copyFrom(other Slice)         { copy(*s.at, *other.(slice[T]).at) }

func (s slice[T]) fill(value float64) {
	v := numberOf[T](value)
	for i := range *s.at {
		(*s.at)[i] = v
	}
}

func (s slice[T]) source(name string, shape []int) Source {
	return SourceOf(name, Tensor[T]{Data: *s.at, Shape: shape})
}

// MakeCells allocates the memory of cells, zeroed.
func MakeCells(cells []Cell) error {
	for _, c := range cells {
		n, err := Count(c.Shape)
		if err != nil || n > maxBytes/8 {
			return &ShapeError{Arg: c.Name, Msg: "is too large"}
		}
		c.Data.alloc(n)
	}
	return nil
}

// ReadCells fills cells with tensors of a file, in the order of the file. cells are in the order of the specs that the weights
// were matched with.
func ReadCells(cells []Cell, w *Weights) error {
	for _, i := range w.Order() {
		if err := cells[i].Data.read(w, i); err != nil {
			return err
		}
	}
	return nil
}

// CopyCells copies what cells hold to cells of the same table.
func CopyCells(to, from []Cell) {
	for i := range to {
		to[i].Data.copyFrom(from[i].Data)
	}
}

// Release lets go of the memory of cells, but for those numbered in keep.
func Release(cells []Cell, keep []int) {
	for i, c := range cells {
		if len(keep) > 0 && keep[0] == i {
			keep = keep[1:]
			continue
		}
		c.Data.alloc(0)
	}
}

// FillCell sets every element.
func FillCell(c Cell, value float64) { c.Data.fill(value) }

// Set sets every element of a slice.
func Set[T Elem](s []T, value T) {
	for i := range s {
		s[i] = value
	}
}

// Specs are the specs of cells.
func Specs(cells []Cell) []ParamSpec {
	specs := make([]ParamSpec, len(cells))
	for i, c := range cells {
		specs[i] = c.ParamSpec
	}
	return specs
}

// Sources are cells as what a file is written from.
func Sources(cells []Cell) []Source {
	out := make([]Source, len(cells))
	for i, c := range cells {
		out[i] = c.Data.source(c.Name, c.Shape)
	}
	return out
}

// Room is a slice of n elements: s where it is large enough, else new memory. What it holds is undefined.
func Room[T Elem](s []T, n int) []T {
	if n <= cap(s) {
		return s[:n]
	}
	return make([]T, n)
}

// Bytes is the memory of bools.
func Bytes(b []bool) []uint8 {
	return unsafe.Slice((*uint8)(unsafe.Pointer(unsafe.SliceData(b))), len(b))
}

// Optional is a pointer to x, for the optional arguments of generated methods.
func Optional[T Elem](x T) *T { return &x }

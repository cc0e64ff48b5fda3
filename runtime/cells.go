package rt

import "unsafe"

// A Cell is a tensor that a model, trainer or session keeps between calls, as the tables of generated packages list it.
type Cell struct {
	ParamSpec
	Data Slice
}

// A Slice is the memory of a cell: one of the fields is set, by the cell's type.
type Slice struct {
	p  unsafe.Pointer // of a *[]T
	of *slicer
}

// slicer is what can be done to a slice of a type known to its maker only.
type slicer struct {
	make   func(p unsafe.Pointer, n int)
	read   func(p unsafe.Pointer, w *Weights, i int) error
	fill   func(p unsafe.Pointer, value float64)
	copy   func(to, from unsafe.Pointer)
	source func(p unsafe.Pointer, name string, shape []int) Source
	len    func(p unsafe.Pointer) int
}

// SliceOf describes the memory of a cell to the functions below.
func SliceOf[T Elem](p *[]T) Slice {
	at := func(p unsafe.Pointer) *[]T { return (*[]T)(p) }
	return Slice{unsafe.Pointer(p), &slicer{
		make: func(p unsafe.Pointer, n int) { *at(p) = make([]T, n) },
		read: func(p unsafe.Pointer, w *Weights, i int) error { return ReadParam(w, i, *at(p)) },
		fill: func(p unsafe.Pointer, value float64) {
			v := numberOf[T](value)
			for i := range *at(p) {
				(*at(p))[i] = v
			}
		},
		copy: func(to, from unsafe.Pointer) { copy(*at(to), *at(from)) },
		source: func(p unsafe.Pointer, name string, shape []int) Source {
			return SourceOf(name, Tensor[T]{Data: *at(p), Shape: shape})
		},
		len: func(p unsafe.Pointer) int { return len(*at(p)) },
	}}
}

// MakeCells allocates the memory of cells, zeroed.
func MakeCells(cells []Cell) error {
	for _, c := range cells {
		n, err := Count(c.Shape)
		if err != nil || n > maxBytes/8 {
			return &ShapeError{Arg: c.Name, Msg: "is too large"}
		}
		c.Data.of.make(c.Data.p, n)
	}
	return nil
}

// ReadCells fills cells with tensors of a file, in the order of the file. cells are in the order of the specs that the weights
// were matched with.
func ReadCells(cells []Cell, w *Weights) error {
	for _, i := range w.Order() {
		if err := cells[i].Data.of.read(cells[i].Data.p, w, i); err != nil {
			return err
		}
	}
	return nil
}

// CopyCells copies what cells hold to cells of the same table.
func CopyCells(to, from []Cell) {
	for i := range to {
		to[i].Data.of.copy(to[i].Data.p, from[i].Data.p)
	}
}

// FillCell sets every element.
func FillCell(c Cell, value float64) { c.Data.of.fill(c.Data.p, value) }

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
		out[i] = c.Data.of.source(c.Data.p, c.Name, c.Shape)
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
func Bytes(b []bool) []uint8 { return unsafe.Slice((*uint8)(unsafe.Pointer(unsafe.SliceData(b))), len(b)) }

// Number is a pointer to x, for the optional arguments of generated methods.
func Optional[T Elem](x T) *T { return &x }

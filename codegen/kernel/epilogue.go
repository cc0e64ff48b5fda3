package kernel

import "mmc/codegen/vec"

// Operand is an extra input of an epilogue, addressed by the row and the column of C. It is a slice argument x0, x1, .. with a
// row stride ldx0, ldx1, .. (0: the same row for all, as a bias has it); neighbouring columns are neighbours in memory.
type Operand struct {
	Elem   vec.Elem
	PerRow bool // one element per row, the same for every column
}

// Epilogue is a snippet that runs on the elements of C before they are stored.
type Epilogue struct {
	Operands []Operand  // x0, x1, ..
	Outputs  []vec.Elem // results beside C: y0, y1, .. with row strides ldy0, ..
	Scalars  int        // float arguments s0, s1, ..

	// Emit turns t.Acc into the values to store. It may not change t.Acc.
	Emit func(b *vec.Builder, t *Tile) []vec.V
}

// Tile is what an epilogue sees: some vectors of one row of C.
type Tile struct {
	Acc []vec.V

	b     *vec.Builder
	masks []vec.M
	col   int // first column, as an offset
	x     *epiState
}

// Operand loads extra operand k for Acc[i].
func (t *Tile) Operand(k, i int) vec.V {
	p := t.x.at[k]
	if t.x.places[k].perRow {
		return t.b.Bcast(vec.At(p, 0))
	}
	return t.b.Load(vec.At(p, t.col+i*t.b.Lanes()), t.masks[i])
}

// Scalar is scalar argument k in every lane.
func (t *Tile) Scalar(k int) vec.V { return t.b.Scalar(num("s", k)) }

// Output stores v as additional output k for Acc[i].
func (t *Tile) Output(k, i int, v vec.V) {
	p := t.x.at[len(t.x.at)-t.x.outputs+k]
	t.b.Store(v, vec.At(p, t.col+i*t.b.Lanes()), t.masks[i])
}

// Mask is the mask of the lanes of Acc[i] that exist; 0 if all do.
func (t *Tile) Mask(i int) vec.M { return t.masks[i] }

// place is one slice argument of an epilogue.
type place struct {
	name   string
	elem   vec.Elem
	perRow bool
}

// places are the operands, then the outputs.
func (e *Epilogue) places() (p []place) {
	if e == nil {
		return nil
	}
	for k, x := range e.Operands {
		p = append(p, place{num("x", k), x.Elem, x.PerRow})
	}
	for k, y := range e.Outputs {
		p = append(p, place{num("y", k), y, false})
	}
	return p
}

func (e *Epilogue) slices() (args []vec.Arg) {
	for _, p := range e.places() {
		args = append(args, vec.Slice(p.name, p.elem))
	}
	return args
}

// strides are the steps from row to row and from tile to tile, then the scalars.
func (e *Epilogue) strides() (args []vec.Arg) {
	for _, p := range e.places() {
		args = append(args, vec.Int("ld"+p.name), vec.Int("t"+p.name))
	}
	if e != nil {
		for k := range e.Scalars {
			args = append(args, vec.Float(num("s", k)))
		}
	}
	return args
}

// epiState holds the positions of the operands while a tile is stored.
type epiState struct {
	places  []place
	outputs int
	at      []vec.P
	ld      []vec.I
}

func (e *gemmEmitter) operands(epi *Epilogue, at vec.I) *epiState {
	x := &epiState{}
	if epi == nil {
		return x
	}
	x.places, x.outputs = epi.places(), len(epi.Outputs)
	for _, p := range x.places {
		off := at
		if p.perRow {
			off = 0
		}
		x.at = append(x.at, e.shifted(p.name, off))
		x.ld = append(x.ld, e.b.Int("ld"+p.name))
	}
	return x
}

func (x *epiState) nextRow(b *vec.Builder) {
	for k, p := range x.at {
		b.Walk(p, x.ld[k], 1)
	}
}

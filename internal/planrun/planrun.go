// Package planrun executes plans in float64, one nest point at a time, on a simulated memory: the meaning of a plan.Package.
// It tests what the passes decided without any target: dead and fresh buffers hold NaN, so a kernel that reads what was
// overwritten or never written shows in the result.
package planrun

import (
	"fmt"
	"math"
	"slices"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/loop"
	"mmc/ir/loop/interp"
	"mmc/ir/plan"
)

// Memory is what a program runs on besides its arena: cells by name and prepared buffers.
type Memory struct {
	Cells    map[string]*ir.Tensor
	Prepared map[*plan.Buffer][]float64
}

// Init gives the cells whose first values are computed theirs. cells holds the others, draws the draws by address.
func Init(pkg *plan.Package, cells, draws map[string]*ir.Tensor) (map[string]*ir.Tensor, error) {
	m := &Memory{Cells: map[string]*ir.Tensor{}}
	for name, t := range cells {
		m.Cells[name] = t
	}
	if pkg.Init == nil {
		return m.Cells, nil
	}
	_, err := Run(pkg.Init, m, draws, nil)
	return m.Cells, err
}

// Load makes the memory of a package: it runs Prepare on copies of the cells.
func Load(pkg *plan.Package, cells map[string]*ir.Tensor) (*Memory, error) {
	m := &Memory{Cells: map[string]*ir.Tensor{}, Prepared: map[*plan.Buffer][]float64{}}
	for name, t := range cells {
		m.Cells[name] = &ir.Tensor{DType: t.DType, Shape: t.Shape, Data: append([]float64(nil), t.Data...)}
	}
	if pkg.Prepare == nil {
		return m, nil
	}
	_, err := Run(pkg.Prepare, m, nil, nil)
	return m, err
}

// Run executes p at the given sizes on arguments by name and draws by address. It returns the results by name (cells under
// their own names) and updates written cells in mem.
func Run(p *plan.Program, mem *Memory, args map[string]*ir.Tensor, sizes map[string]int64) (map[string]*ir.Tensor, error) {
	r := &runner{p: p, mem: mem, args: args, data: map[*plan.Buffer][]float64{}}
	r.size = func(e dim.Expr) int {
		v, err := e.Eval(func(s string) (int64, bool) { n, ok := sizes[s]; return n, ok })
		if err != nil && r.err == nil {
			r.err = fmt.Errorf("size %s: %w", e, err)
		}
		return int(v)
	}
	if err := r.arena(sizes); err != nil {
		return nil, err
	}
	for i, step := range p.Steps {
		if err := r.step(i, step); err != nil {
			return nil, fmt.Errorf("step %d (%s): %w", i, step.Name, err)
		}
	}
	return r.results(), r.err
}

type runner struct {
	p       *plan.Program
	mem     *Memory
	args    map[string]*ir.Tensor
	size    func(dim.Expr) int
	bytes   []float64 // the arena, one cell a byte; an element occupies the first of its bytes
	offsets map[*plan.Buffer]int64
	data    map[*plan.Buffer][]float64
	err     error
}

func (r *runner) arena(sizes map[string]int64) error {
	offsets, total, err := r.p.Arena.Sizes(func(s string) (int64, bool) { n, ok := sizes[s]; return n, ok })
	if err != nil {
		return err
	}
	r.offsets, r.bytes = offsets, make([]float64, total)
	for i := range r.bytes {
		r.bytes[i] = math.NaN()
	}
	return nil
}

// memory returns the cells of a buffer and how many of them one element takes.
func (r *runner) memory(b *plan.Buffer) ([]float64, int, error) {
	switch b.Space {
	case plan.ArenaSpace:
		at, n := int(r.offsets[b]), r.size(b.Size)*b.DType.Size()
		if at+n > len(r.bytes) {
			return nil, 0, fmt.Errorf("buffer %s ends at %d of an arena of %d bytes", b.Name, at+n, len(r.bytes))
		}
		return r.bytes[at : at+n], b.DType.Size(), nil
	case plan.Caller:
		name := b.Arg.Name
		if b.Arg.Role == ir.Draw {
			name = b.Arg.Random.Address
		}
		t := r.args[name]
		if t == nil {
			return nil, 0, fmt.Errorf("argument %s is missing", name)
		}
		return t.Data, 1, nil
	case plan.CellSpace:
		t := r.mem.Cells[b.Cell.Name]
		if t == nil {
			t = &ir.Tensor{DType: b.DType, Shape: shape(r, b.Cell.Type.Shape), Data: make([]float64, r.size(b.Size))}
			r.mem.Cells[b.Cell.Name] = t
		}
		return t.Data, 1, nil
	case plan.Literal:
		return b.Data, 1, nil
	}
	if r.mem.Prepared[b] == nil {
		r.mem.Prepared[b] = make([]float64, r.size(b.Size))
	}
	return r.mem.Prepared[b], 1, nil
}

func shape(r *runner, dims []dim.Expr) []int {
	out := make([]int, len(dims))
	for i, d := range dims {
		out[i] = r.size(d)
	}
	return out
}

// operand shows a view as a tensor of the interpreter.
func (r *runner) operand(v plan.View) (*interp.Tensor, error) {
	data, unit, err := r.memory(v.Buf)
	if err != nil {
		return nil, err
	}
	t := &interp.Tensor{Shape: shape(r, v.Shape), Data: data}
	offset, strides := r.size(v.Offset), shape(r, v.Strides)
	t.Place = func(index []int) int {
		at := offset
		for i, p := range index {
			if v.Panel != nil && v.Panel.Axis == i {
				w := int(v.Panel.Width)
				at += p/w*r.size(v.Panel.Stride) + p%w
			} else {
				at += p * strides[i]
			}
		}
		return at * unit
	}
	return t, nil
}

func (r *runner) step(i int, s *plan.Step) error {
	for _, b := range r.p.Buffers {
		if b.Space == plan.ArenaSpace && b.First == i && b.Last >= b.First {
			if err := r.fresh(b); err != nil {
				return err
			}
		}
	}
	var in, out []*interp.Tensor
	for k, views := range [][]plan.View{s.In, s.Out} {
		for _, v := range views {
			t, err := r.operand(v)
			if err != nil {
				return err
			}
			if k == 0 {
				in = append(in, t)
			} else {
				out = append(out, t)
			}
		}
	}
	if s.Template == plan.Gemm {
		if err := interp.One(partialSums(s.Nest), nil, out, r.size); err != nil {
			return err
		}
	}
	for _, k := range s.Nest.InitOut {
		fill(out[k], 0)
	}
	nest := *s.Nest
	nest.InitOut = nil
	return interp.One(&nest, in, out, r.size)
}

// partialSums is a nest that writes NaN wherever n stores: kernels may keep partial sums there before they read all operands.
func partialSums(n *loop.Nest) *loop.Nest {
	out := &loop.Nest{Axes: slices.Clone(n.Axes), Body: []loop.Inst{{Op: loop.Const, Type: dtype.F32, Imm: math.NaN()}}, Split: 1}
	for i, a := range n.Axes {
		if a.Reduce {
			out.Axes[i] = loop.Axis{Extent: dim.Int(1)}
		}
	}
	for _, s := range n.Stores {
		s.Value = 0
		out.Stores = append(out.Stores, s)
	}
	return out
}

// fresh fills a buffer with NaN and its borders with zero, as at the start of its life.
func (r *runner) fresh(b *plan.Buffer) error {
	data, _, err := r.memory(b)
	if err != nil {
		return err
	}
	for i := range data {
		data[i] = math.NaN()
	}
	for _, border := range b.Borders {
		t, err := r.operand(border.View)
		if err != nil {
			return err
		}
		r.frame(b, t, border)
	}
	return nil
}

// frame zeroes one border, across the borders of the other axes.
func (r *runner) frame(b *plan.Buffer, t *interp.Tensor, border plan.Border) {
	low, high := make([]int, len(t.Shape)), append([]int(nil), t.Shape...)
	for _, other := range b.Borders {
		low[other.Axis] = min(low[other.Axis], -r.size(other.Low))
		high[other.Axis] = max(high[other.Axis], t.Shape[other.Axis]+r.size(other.High))
	}
	each(low, high, func(index []int) {
		if p := index[border.Axis]; p < 0 || p >= t.Shape[border.Axis] {
			t.Data[t.Place(index)] = 0
		}
	})
}

func fill(t *interp.Tensor, x float64) {
	each(make([]int, len(t.Shape)), t.Shape, func(index []int) { t.Data[t.Place(index)] = x })
}

func each(low, high []int, f func([]int)) {
	index := append([]int(nil), low...)
	for i := range low {
		if low[i] >= high[i] {
			return
		}
	}
	for {
		f(index)
		i := len(index) - 1
		for ; i >= 0; i-- {
			if index[i]++; index[i] < high[i] {
				break
			}
			index[i] = low[i]
		}
		if i < 0 {
			return
		}
	}
}

func (r *runner) results() map[string]*ir.Tensor {
	out := map[string]*ir.Tensor{}
	for res, view := range r.p.Results {
		t, err := r.operand(view)
		if err != nil {
			r.err = err
			continue
		}
		host := &ir.Tensor{DType: res.Value.Type.DType, Shape: t.Shape}
		each(make([]int, len(t.Shape)), t.Shape, func(index []int) { host.Data = append(host.Data, t.Data[t.Place(index)]) })
		name := res.Name
		if res.Cell != nil {
			name = res.Cell.Name
		}
		out[name] = host
	}
	return out
}

package eval

import (
	"fmt"
	"slices"
	"strings"

	"mmc/ir"
	"mmc/ir/dim"
)

// solver finds the sizes of a call from the shapes of its arguments.
type solver struct {
	facts *dim.Facts
	sizes map[string]int64
	from  map[string]string // symbol -> the argument that told it
}

// equation says that a dim of an argument has a value.
type equation struct {
	arg  *ir.Arg
	axis int
	dim  dim.Expr
	size int64
}

// solve gives every symbol of the graph's arguments its size and tests what is known of them.
func solve(g *ir.Graph, given func(*ir.Arg) *ir.Tensor, extra map[string]int64) (map[string]int64, error) {
	s := &solver{facts: g.Facts, sizes: map[string]int64{}, from: map[string]string{}}
	if s.facts == nil {
		s.facts = new(dim.Facts)
	}
	for sym, n := range extra {
		s.sizes[sym], s.from[sym] = n, "the given size"
	}
	var open []equation
	for _, a := range g.Args {
		t := given(a)
		if t == nil {
			continue
		}
		if err := compatible(s.facts, a, t); err != nil {
			return nil, err
		}
		for axis, d := range a.Value.Type.Shape {
			open = append(open, equation{a, axis, s.facts.Original(d), int64(t.Shape[axis])})
		}
	}
	if err := s.run(open); err != nil {
		return nil, err
	}
	return s.sizes, s.conditions()
}

// compatible checks rank, size and element type.
func compatible(f *dim.Facts, a *ir.Arg, t *ir.Tensor) error {
	want := a.Value.Type
	if len(t.Shape) != len(want.Shape) {
		return fmt.Errorf("%s must be %s: it has shape %v", describe(a), show(f, want), t.Shape)
	}
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	if n != len(t.Data) {
		return fmt.Errorf("%s: %d elements for shape %v", describe(a), len(t.Data), t.Shape)
	}
	if want.DType.IsFloat() != t.DType.IsFloat() || want.DType.IsInt() != t.DType.IsInt() {
		return fmt.Errorf("%s must be %s, not %s", describe(a), show(f, want), t.DType)
	}
	return nil
}

func show(f *dim.Facts, t ir.Type) string {
	dims := make([]string, len(t.Shape))
	for i, d := range t.Shape {
		dims[i] = f.Show(d)
	}
	return t.DType.String() + "[" + strings.Join(dims, ", ") + "]"
}

// run binds plain symbols first, then whatever has a single unknown, until nothing is open.
func (s *solver) run(open []equation) error {
	for len(open) > 0 {
		var later []equation
		for _, e := range open {
			done, err := s.step(e)
			if err != nil {
				return err
			}
			if !done {
				later = append(later, e)
			}
		}
		if len(later) == len(open) {
			e := later[0]
			return fmt.Errorf("%s: the size %s of axis %d does not tell %s", describe(e.arg), s.facts.Show(e.dim), e.axis,
				strings.Join(s.unknown(e.dim), " and "))
		}
		open = later
	}
	return nil
}

// unknown lists the symbols of d that have no size yet.
func (s *solver) unknown(d dim.Expr) []string {
	return slices.DeleteFunc(d.Syms(), func(sym string) bool { _, ok := s.sizes[sym]; return ok })
}

// step tests an equation without unknowns or solves one with a single linear one.
func (s *solver) step(e equation) (done bool, err error) {
	unknown := s.unknown(e.dim)
	if len(unknown) == 0 {
		n, err := e.dim.Eval(lookup(s.sizes))
		if err == nil && n != e.size {
			err = s.contradiction(e, n)
		}
		return true, err
	}
	if len(unknown) > 1 {
		return false, nil
	}
	n, ok := s.root(e.dim, unknown[0], e.size)
	if !ok {
		return false, nil
	}
	s.sizes[unknown[0]] = n
	s.from[unknown[0]] = fmt.Sprintf("%s (axis %d)", describe(e.arg), e.axis)
	return s.step(e)
}

// root solves d = size for its only unknown, on which d must depend linearly: two values of d tell the line.
func (s *solver) root(d dim.Expr, sym string, size int64) (int64, bool) {
	for _, t := range d.Terms() {
		if len(t.Atoms) > 1 && strings.Count(t.Monomial(), sym) > 1 {
			return 0, false
		}
	}
	at := func(x int64) (int64, bool) {
		y, err := d.Eval(func(name string) (int64, bool) {
			if name == sym {
				return x, true
			}
			n, ok := s.sizes[name]
			return n, ok
		})
		return y, err == nil
	}
	y0, ok0 := at(0)
	y1, ok1 := at(1)
	y9, ok9 := at(9)
	slope := y1 - y0
	if !ok0 || !ok1 || !ok9 || slope == 0 || y9-y0 != 9*slope {
		return 0, false
	}
	x := (size - y0) / slope
	y, ok := at(x)
	return x, ok && y == size
}

// contradiction says which arguments disagree.
func (s *solver) contradiction(e equation, n int64) error {
	if e.dim.IsConst(n) {
		return fmt.Errorf("%s must be %s: axis %d is %d, not %d", describe(e.arg), show(s.facts, e.arg.Value.Type), e.axis, e.size, n)
	}
	var why []string
	for _, sym := range e.dim.Syms() {
		why = append(why, fmt.Sprintf("%s = %d by %s", sym, s.sizes[sym], s.from[sym]))
	}
	return fmt.Errorf("%s must be %s: axis %d is %d, but %s = %d (%s)", describe(e.arg), show(s.facts, e.arg.Value.Type),
		e.axis, e.size, s.facts.Show(e.dim), n, strings.Join(why, ", "))
}

// conditions tests the where clause.
func (s *solver) conditions() error {
	for _, c := range s.facts.Conditions() {
		ok, err := c.Holds(lookup(s.sizes))
		if err != nil {
			return fmt.Errorf("where %s: %w", c, err)
		}
		if !ok {
			return fmt.Errorf("where %s does not hold: %s", c, s.values(c))
		}
	}
	return nil
}

func (s *solver) values(c dim.Condition) string {
	syms := append(c.A.Syms(), c.B.Syms()...)
	slices.Sort(syms)
	var out []string
	for _, sym := range slices.Compact(syms) {
		out = append(out, fmt.Sprintf("%s = %d", sym, s.sizes[sym]))
	}
	return strings.Join(out, ", ")
}

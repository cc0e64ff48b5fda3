package kernel

import (
	"fmt"
	"strings"

	"mmc/codegen/vec"
	"mmc/ir/dim"
	"mmc/ir/loop"
	"mmc/ir/plan"
)

// Maker makes kernels and remembers the functions that it has built: a network has hundreds of steps and a few dozen
// structures, and a structure takes milliseconds to build.
type Maker struct {
	Facts    *dim.Facts // what is known of the sizes of the steps to come
	products map[string]*families
	rows     map[string]*pair
}

// NewMaker returns a maker that remembers nothing yet.
func NewMaker() *Maker {
	return &Maker{Facts: new(dim.Facts), products: map[string]*families{}, rows: map[string]*pair{}}
}

// families are the matrix kernels of a product for both targets; nil where there are none.
type families struct{ fast, portable *GemmFamily }

// pair is a rows function for both targets; nil where there is none.
type pair struct{ fast, portable *vec.Func }

// Make makes the kernel of a step by its template. A step that does not have the template's form is computed by Loops, which
// computes everything. What accumulates into its results also needs them cleared: the views to Fill before.
func (m *Maker) Make(s *plan.Step) (c *Code, clear []plan.View, err error) {
	n, err := Bind(s, m.Facts)
	if err != nil {
		return nil, nil, err
	}
	if s.Template == plan.Gemm {
		if c, ok := m.product(s); ok {
			return c, n.Clear, nil
		}
	}
	if f := templates[s.Template]; f != nil {
		if c, ok := f(m, n); ok {
			return c, n.Clear, nil
		}
	}
	return Loops(n), n.Clear, nil
}

// templates are the vectorised ones but for products.
var templates = map[plan.Template]func(m *Maker, n *Nest) (*Code, bool){
	plan.Map: (*Maker).Map, plan.Copy: (*Maker).Map, plan.Reduce: (*Maker).Reduce, plan.Gemm: (*Maker).general,
}

// general makes what a nest is without the form of its template: a reduction or a map.
func (m *Maker) general(n *Nest) (*Code, bool) {
	if len(n.Accs) > 0 {
		return m.Reduce(n)
	}
	return m.Map(n)
}

// structure describes all of a nest that vector code depends on: nests with equal descriptions have the same functions. Sizes
// are not part of it, but for strides being 0, 1 or something else.
func (n *Nest) structure(forms ...any) string {
	var b strings.Builder
	fmt.Fprint(&b, forms, n.Split, n.Load)
	for _, a := range n.Axes {
		fmt.Fprint(&b, a.Reduce, a.Extent.IsConst(1))
	}
	for k, in := range n.Body {
		fmt.Fprint(&b, "|", in.Op, in.Type, in.Args, in.Imm, in.Op == loop.Position, in.Axis, k)
	}
	for _, a := range n.Accs {
		fmt.Fprint(&b, "|", a.Combine, a.Value, a.Type)
	}
	for _, s := range n.Stores {
		fmt.Fprint(&b, "|", s.Value, s.Accumulate)
	}
	for _, r := range n.refs() {
		fmt.Fprint(&b, "|", r.storage(), r.Guard, r.Fill, len(r.Checks))
		for _, s := range r.Stride {
			b.WriteByte(strideClass(s))
		}
	}
	return b.String()
}

func strideClass(s dim.Expr) byte {
	switch {
	case s.IsConst(0):
		return '0'
	case s.IsConst(1):
		return '1'
	}
	return 's'
}

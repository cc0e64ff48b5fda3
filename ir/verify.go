package ir

import (
	"fmt"

	"mmc/ir/dim"
	"mmc/ir/dtype"
)

// Verify checks that a graph is well formed: every value is defined once and before its uses, every node has the
// attributes that its record declares and the types that it infers, regions are as declared, and every cell has at most
// one argument and one result of its type. A failure is a bug of the pass that made the graph.
func Verify(g *Graph) error {
	v := &verifier{facts: g.Facts, defined: map[*Value]bool{}}
	if v.facts == nil {
		v.facts = new(dim.Facts)
	}
	err := v.args(g)
	if err == nil {
		err = v.block(g.Nodes)
	}
	if err == nil {
		err = v.results(g)
	}
	if err != nil {
		return fmt.Errorf("graph %s: %w", g.Name, err)
	}
	return nil
}

// verifier holds the values that are defined so far and visible.
type verifier struct {
	facts   *dim.Facts
	defined map[*Value]bool
}

func (v *verifier) args(g *Graph) error {
	cells := map[*Cell]bool{}
	for _, a := range g.Args {
		if err := v.define(a.Value, nil); err != nil {
			return fmt.Errorf("argument %s: %w", a.Name, err)
		}
		switch {
		case (a.Role == CellOf) != (a.Cell != nil):
			return fmt.Errorf("argument %s: its role is not that of its cell", a.Name)
		case (a.Role == Draw) != (a.Random != nil):
			return fmt.Errorf("argument %s: its role is not that of its distribution", a.Name)
		case a.Cell == nil:
			continue
		case cells[a.Cell]:
			return fmt.Errorf("argument %s: cell %s has two arguments", a.Name, a.Cell.Name)
		case !a.Value.Type.Equal(a.Cell.Type, v.facts):
			return fmt.Errorf("argument %s: has type %s, its cell %s", a.Name, a.Value.Type, a.Cell.Type)
		}
		cells[a.Cell] = true
	}
	return nil
}

func (v *verifier) results(g *Graph) error {
	cells := map[*Cell]bool{}
	for _, r := range g.Results {
		if err := v.use(r.Value); err != nil {
			return fmt.Errorf("result %s: %w", r.Name, err)
		}
		if (r.Role == CellOf) != (r.Cell != nil) {
			return fmt.Errorf("result %s: its role is not that of its cell", r.Name)
		}
		if r.Cell == nil {
			continue
		}
		if cells[r.Cell] {
			return fmt.Errorf("result %s: cell %s is written twice", r.Name, r.Cell.Name)
		}
		if !r.Value.Type.Equal(r.Cell.Type, v.facts) {
			return fmt.Errorf("result %s: has type %s, its cell %s", r.Name, r.Value.Type, r.Cell.Type)
		}
		cells[r.Cell] = true
	}
	return nil
}

// define enters a value made by node n (nil for arguments).
func (v *verifier) define(x *Value, n *Node) error {
	switch {
	case x == nil:
		return fmt.Errorf("a value is missing")
	case v.defined[x]:
		return fmt.Errorf("%%%d is defined twice", x.ID)
	case x.Node != n:
		return fmt.Errorf("%%%d belongs to another node", x.ID)
	case x.Type.DType == dtype.Invalid:
		return fmt.Errorf("%%%d has no element type", x.ID)
	}
	for _, d := range x.Type.Shape {
		if d.Err() != nil {
			return fmt.Errorf("%%%d has a broken size: %w", x.ID, d.Err())
		}
	}
	v.defined[x] = true
	return nil
}

func (v *verifier) use(x *Value) error {
	if x == nil {
		return fmt.Errorf("a value is missing")
	}
	if !v.defined[x] {
		return fmt.Errorf("%%%d is used before it is defined", x.ID)
	}
	return nil
}

func (v *verifier) block(nodes []*Node) error {
	for i, n := range nodes {
		if n == nil || n.Op == nil {
			return fmt.Errorf("node %d has no operator", i)
		}
		if err := v.node(n); err != nil {
			return fmt.Errorf("node %d, %s (%s, %s): %w", i, n.Op.Name, n.Path, n.Pos, err)
		}
	}
	return nil
}

func (v *verifier) node(n *Node) error {
	for _, a := range n.Args {
		if err := v.use(a); err != nil {
			return err
		}
	}
	if err := n.checkAttrs(); err != nil {
		return err
	}
	if len(n.Regions) != n.Op.Regions {
		return fmt.Errorf("has %d regions instead of %d", len(n.Regions), n.Op.Regions)
	}
	for i, r := range n.Regions {
		if err := v.region(r); err != nil {
			return fmt.Errorf("region %d: %w", i, err)
		}
	}
	if err := v.types(n); err != nil {
		return err
	}
	for i, r := range n.Results {
		if r.Index != i {
			return fmt.Errorf("result %d says that it is number %d", i, r.Index)
		}
		if err := v.define(r, n); err != nil {
			return err
		}
	}
	return nil
}

// region checks a region; what it defines is not visible behind it.
func (v *verifier) region(r *Region) error {
	own := append([]*Value(nil), r.Args...)
	for _, a := range r.Args {
		if err := v.define(a, nil); err != nil {
			return err
		}
	}
	if err := v.block(r.Nodes); err != nil {
		return err
	}
	for _, x := range r.Results {
		if err := v.use(x); err != nil {
			return fmt.Errorf("result: %w", err)
		}
	}
	for _, n := range r.Nodes {
		own = append(own, n.Results...)
	}
	for _, x := range own {
		delete(v.defined, x)
	}
	return nil
}

// types infers the result types once more.
func (v *verifier) types(n *Node) error {
	in := &Inference{Op: n.Op, Attrs: n.Attrs, Facts: v.facts, Regions: n.Regions}
	for _, a := range n.Args {
		in.Args = append(in.Args, a.Type)
	}
	types, err := n.Op.Infer(in)
	if err != nil {
		return err
	}
	if len(types) != len(n.Results) {
		return fmt.Errorf("has %d results instead of %d", len(n.Results), len(types))
	}
	for i, t := range types {
		if !t.Equal(n.Results[i].Type, v.facts) {
			return fmt.Errorf("result %d has type %s, but %s is inferred", i, n.Results[i].Type, t)
		}
	}
	return nil
}

// checkAttrs compares the attributes with the record's declarations.
func (n *Node) checkAttrs() error {
	if len(n.Attrs) != len(n.Op.Params) {
		return fmt.Errorf("has %d attributes instead of %d", len(n.Attrs), len(n.Op.Params))
	}
	for i, p := range n.Op.Params {
		if !p.Kind.Admits(n.Attrs[i]) {
			return fmt.Errorf("attribute %s holds a %T", p.Name, n.Attrs[i])
		}
	}
	return nil
}

// Admits reports whether x has the Go type of the kind.
func (k ParamKind) Admits(x any) bool {
	ok := false
	switch k {
	case PInt:
		_, ok = x.(int64)
	case PFloat:
		_, ok = x.(float64)
	case PBool:
		_, ok = x.(bool)
	case PText:
		_, ok = x.(string)
	case PInts:
		_, ok = x.([]int64)
	case PDim:
		_, ok = x.(dim.Expr)
	case PDims:
		_, ok = x.([]dim.Expr)
	case PDType:
		_, ok = x.(dtype.DType)
	case PFloats:
		_, ok = x.([]float64)
	}
	return ok
}

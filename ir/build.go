package ir

import (
	"fmt"

	"mmc/internal/diag"
	"mmc/ir/dim"
)

// Builder appends nodes to a list, inferring types. Passes and gradients use it: there a type error is a bug of the
// compiler, so Op panics; lang uses Try, where it is the user's mistake. The position fields are copied into new nodes.
type Builder struct {
	Facts *dim.Facts
	Pos   diag.Range
	Inner diag.Range
	Path  string
	Emit  func(*Node) // where nodes go
}

// NewBuilder returns a builder that appends to g.
func NewBuilder(g *Graph) *Builder {
	return &Builder{Facts: g.Facts, Emit: func(n *Node) { g.Nodes = append(g.Nodes, n) }}
}

// At makes the builder's new nodes carry the origin of n.
func (b *Builder) At(n *Node) *Builder {
	b.Pos, b.Inner, b.Path = n.Pos, n.Inner, n.Path
	return b
}

// Attrs maps attribute names to values of the Go types that ParamKind names (int is taken for int64).
type Attrs map[string]any

// Fill orders attributes by the record and supplies defaults; a missing or unknown one is an error.
func (o *Op) Fill(attrs Attrs) ([]any, error) {
	out := make([]any, len(o.Params))
	seen := 0
	for i, p := range o.Params {
		v, ok := attrs[p.Name]
		switch {
		case ok:
			seen++
		case p.Default == nil:
			return nil, fmt.Errorf("%s: attribute %s is missing", o.Name, p.Name)
		default:
			v = p.Default
		}
		if n, isInt := v.(int); isInt {
			v = int64(n)
		}
		out[i] = v
	}
	if seen != len(attrs) {
		return nil, fmt.Errorf("%s: unknown attribute among %v", o.Name, attrs)
	}
	return out, nil
}

// Try appends a node and returns its results, or the type error.
func (b *Builder) Try(o *Op, attrs Attrs, args ...*Value) ([]*Value, error) {
	return b.TryRegions(o, attrs, nil, args...)
}

// TryRegions is Try for operators with regions.
func (b *Builder) TryRegions(o *Op, attrs Attrs, regions []*Region, args ...*Value) ([]*Value, error) {
	list, err := o.Fill(attrs)
	if err != nil {
		return nil, err
	}
	in := &Inference{Op: o, Attrs: list, Facts: b.Facts, Regions: regions}
	if in.Facts == nil {
		in.Facts = new(dim.Facts)
	}
	for _, a := range args {
		in.Args = append(in.Args, a.Type)
	}
	types, err := o.Infer(in)
	if err != nil {
		return nil, err
	}
	n := &Node{Op: o, Attrs: list, Args: args, Regions: regions, Pos: b.Pos, Inner: b.Inner, Path: b.Path}
	for i, t := range types {
		n.Results = append(n.Results, &Value{Type: t, Node: n, Index: i})
	}
	b.Emit(n)
	return n.Results, nil
}

// Op appends a node and returns its first result.
func (b *Builder) Op(o *Op, attrs Attrs, args ...*Value) *Value { return b.Ops(o, attrs, args...)[0] }

// Ops appends a node and returns its results.
func (b *Builder) Ops(o *Op, attrs Attrs, args ...*Value) []*Value {
	out, err := b.Try(o, attrs, args...)
	if err != nil {
		panic(fmt.Sprintf("ir: %s at %s (%s): %v", o.Name, b.Pos, b.Path, err))
	}
	return out
}

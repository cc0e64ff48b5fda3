package gosrc_test

import (
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/loop"
	"mmc/ir/plan"
)

// naive plans a graph without any pass: every node is a step or a few, every value a dense buffer of its own. It is what the
// generator can be tested with before and beside the passes.
func naive(g *ir.Graph) *plan.Program {
	p := &planner{prog: &plan.Program{Graph: g, Args: map[*ir.Arg]plan.View{}, Results: map[*ir.Result]plan.View{}}, views: map[*ir.Value]plan.View{}}
	for _, a := range g.Args {
		b := p.buffer(a.Name, a.Value, plan.Caller)
		b.Arg = a
		if a.Role == ir.CellOf {
			b.Space, b.Cell = plan.CellSpace, a.Cell
		}
		p.views[a.Value] = whole(b, a.Value)
		p.prog.Args[a] = p.views[a.Value]
	}
	for _, n := range g.Nodes {
		p.node(n)
	}
	for _, r := range g.Results {
		p.prog.Results[r] = p.views[r.Value]
	}
	p.prog.Arena.Bytes = p.top
	return p.prog
}

type planner struct {
	prog  *plan.Program
	views map[*ir.Value]plan.View
	top   dim.Expr
}

func (p *planner) buffer(name string, v *ir.Value, space plan.Space) *plan.Buffer {
	b := &plan.Buffer{ID: len(p.prog.Buffers), Name: name, DType: v.Type.DType, Size: v.Type.Size(), Space: space}
	p.prog.Buffers = append(p.prog.Buffers, b)
	return b
}

// whole is a value as all of a buffer.
func whole(b *plan.Buffer, v *ir.Value) plan.View {
	view := plan.View{Buf: b, Shape: v.Type.Shape, Strides: make([]dim.Expr, len(v.Type.Shape))}
	stride := dim.Int(1)
	for i := len(view.Shape) - 1; i >= 0; i-- {
		view.Strides[i] = stride
		stride = stride.Mul(view.Shape[i])
	}
	return view
}

func (p *planner) node(n *ir.Node) {
	if n.Op.Has(ir.View) || n.Op.Has(ir.Marker) && n.Op.Lower == nil {
		for i, r := range n.Results {
			p.views[r] = whole(p.views[n.Args[i]].Buf, r)
		}
		return
	}
	space, data := plan.ArenaSpace, []float64(nil)
	if d, ok := literalData(n); ok {
		space, data = plan.Literal, d
	}
	for _, r := range n.Results {
		b := p.buffer(n.Op.Name, r, space)
		b.Data = data
		b.Offset = p.top
		if space == plan.ArenaSpace {
			bytes := b.Size.Mul(dim.Int(int64(b.DType.Size())))
			p.top = p.top.Add(bytes.CeilDiv(dim.Int(64)).Mul(dim.Int(64)))
		}
		p.views[r] = whole(b, r)
	}
	if space == plan.Literal {
		return
	}
	var in, out []plan.View
	for _, a := range n.Args {
		in = append(in, p.views[a])
	}
	for _, r := range n.Results {
		out = append(out, p.views[r])
	}
	for _, nest := range n.Op.Lower(n) {
		step := &plan.Step{Nest: nest, In: in, Out: out, Template: template(nest), Nodes: []*ir.Node{n}, Name: n.Op.Name, Pos: n.Pos}
		if product, ok := loop.MatchProduct(nest); ok {
			step.Template, step.Product = plan.Gemm, product
		}
		p.prog.Steps = append(p.prog.Steps, step)
	}
}

// template is what the naive planner asks for: the vectorised family, from which the generator falls back to scalar loops.
func template(n *loop.Nest) plan.Template {
	if len(n.Accs) > 0 {
		return plan.Reduce
	}
	return plan.Map
}

// literalData is the data of a node that is a literal.
func literalData(n *ir.Node) ([]float64, bool) {
	for i, p := range n.Op.Params {
		if d, ok := n.Attrs[i].([]float64); ok && p.Name == "data" {
			return d, true
		}
	}
	return nil, false
}

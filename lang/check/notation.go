package check

import (
	"fmt"
	"slices"
	"strings"

	"mmc/internal/diag"
	"mmc/ir/dim"
	"mmc/lang/check/core"
)

// This file expands the notation for contractions and rearrangements into dot, sum, reshape and transpose.

// matmul is a @ b: the last axis of a with the last but one of b, the axes before them broadcast.
func (e *elab) matmul(a, b value, s site) value {
	t, ok := e.commonType(e.op("mul"), []value{a, b}, s)
	if !ok {
		return poison{}
	}
	x, y := e.asTensor(a, t, s), e.asTensor(b, t, s)
	if x == nil || y == nil {
		return poison{}
	}
	if x.Type.Rank() == 0 || y.Type.Rank() == 0 {
		return e.fail("shape.rank", s.at, "@ needs axes to contract: %s @ %s", e.showType(x.Type), e.showType(y.Type))
	}
	la, lb := matmulNames(x.Type.Rank(), "m", "k"), matmulNames(y.Type.Rank(), "k", "n")
	if y.Type.Rank() == 1 {
		lb = []string{"k"}
	}
	if x.Type.Rank() == 1 {
		la = []string{"k"}
	}
	if !e.contractible(x, y, s) {
		return poison{}
	}
	x, la, y, lb, ok = e.alignBatch(x, la, y, lb, s)
	if !ok {
		return poison{}
	}
	return e.dot(x, la, y, lb, matmulResult(la, lb), s)
}

// contractible checks the axes that @ contracts.
func (e *elab) contractible(x, y *core.Value, s site) bool {
	k := x.Type.Shape[x.Type.Rank()-1]
	l := y.Type.Shape[max(0, y.Type.Rank()-2)]
	return e.requireEqual(k, l, func(why string) diag.Diagnostic {
		d := diag.New("shape.mismatch", s.at, fmt.Sprintf("%s @ %s: the contracted axes differ: %s and %s",
			e.showType(x.Type), e.showType(y.Type), e.facts.Show(k), e.facts.Show(l)))
		d = d.WithRelated(x.Pos, e.named(x)+" has type "+e.showType(x.Type)).WithRelated(y.Pos, e.named(y)+" has type "+e.showType(y.Type))
		if n := y.Type.Rank(); n > 1 && e.facts.Equal(k, y.Type.Shape[n-1]) {
			d.Hint = "transpose the right one: x @ w.T"
		}
		return d
	})
}

// matmulNames names the axes of an operand of @, batch axes from the right: .. b, a, row, column.
func matmulNames(rank int, row, col string) []string {
	out := make([]string, 0, rank)
	for i := rank - 3; i >= 0; i-- {
		out = append(out, "b"+fmt.Sprint(i))
	}
	if rank > 1 {
		out = append(out, row)
	}
	return append(out, col)
}

func matmulResult(la, lb []string) []string {
	var out []string
	for _, l := range [][]string{la, lb} {
		for _, n := range l {
			if n != "k" && n != "m" && n != "n" && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	slices.SortFunc(out, func(a, b string) int { return strings.Compare(b, a) })
	for _, n := range []string{"m", "n"} {
		if slices.Contains(la, n) || slices.Contains(lb, n) {
			out = append(out, n)
		}
	}
	return out
}

// alignBatch makes batch axes that both operands have agree: a literal 1 against another size is dropped.
func (e *elab) alignBatch(x *core.Value, la []string, y *core.Value, lb []string, s site) (*core.Value, []string, *core.Value, []string, bool) {
	for _, n := range slices.Clone(la) {
		i, j := slices.Index(la, n), slices.Index(lb, n)
		if j < 0 || n == "k" {
			continue
		}
		p, q := x.Type.Shape[i], y.Type.Shape[j]
		switch {
		case e.facts.Equal(p, q):
		case p.IsConst(1):
			x, la = e.dropAxis(x, i, s), slices.Delete(slices.Clone(la), i, i+1)
		case q.IsConst(1):
			y, lb = e.dropAxis(y, j, s), slices.Delete(slices.Clone(lb), j, j+1)
		default:
			ok := e.requireEqual(p, q, func(why string) diag.Diagnostic {
				return diag.New("shape.mismatch", s.at, fmt.Sprintf("%s @ %s: batch axes differ: %s", e.showType(x.Type), e.showType(y.Type), why))
			})
			if !ok {
				return nil, nil, nil, nil, false
			}
		}
	}
	return x, la, y, lb, x != nil && y != nil
}

func (e *elab) dropAxis(x *core.Value, i int, s site) *core.Value {
	shape := slices.Delete(slices.Clone(x.Type.Shape), i, i+1)
	return e.must("reshape", attrs{"shape": shape}, s, x)
}

// dot contracts two tensors with named axes.
func (e *elab) dot(x *core.Value, la []string, y *core.Value, lb, out []string, s site) value {
	x, la = e.sumAlone(x, la, lb, out, s)
	y, lb = e.sumAlone(y, lb, la, out, s)
	if x == nil || y == nil {
		return poison{}
	}
	spec := strings.Join(la, " ") + ", " + strings.Join(lb, " ") + " -> " + strings.Join(out, " ")
	return e.one("dot", attrs{"spec": spec}, s, x, y)
}

// sumAlone sums over the axes of x that neither the other operand nor the result has.
func (e *elab) sumAlone(x *core.Value, names, other, out []string, s site) (*core.Value, []string) {
	var axes []int64
	var kept []string
	for i, n := range names {
		if slices.Contains(other, n) || slices.Contains(out, n) {
			kept = append(kept, n)
		} else {
			axes = append(axes, int64(i))
		}
	}
	if len(axes) == 0 {
		return x, names
	}
	return e.must("sum", attrs{"axes": axes, "keep": false}, s, x), kept
}

// einsum is einsum(a, b, .., "i j, j k -> i k"): operands are contracted from the left.
func (e *elab) einsum(c *callSite) value {
	n := len(c.args) - 1
	if n < 1 {
		return e.fail("call.arity", c.at, "einsum takes tensors and a specification")
	}
	spec, ok := c.args[n].value.(text)
	if !ok {
		return e.fail("call.type", c.args[n].at, "the last argument of einsum is its specification, such as \"i j, j k -> i k\"")
	}
	p, err := parseEinsum(string(spec))
	if err != nil {
		return e.fail("einsum.spec", c.args[n].at, "einsum: %s", err)
	}
	if len(p.in) != n {
		return e.fail("einsum.spec", c.args[n].at, "einsum: the specification has %d operands, and %d are given", len(p.in), n)
	}
	vs, ok := e.einsumOperands(p, c)
	if !ok {
		return poison{}
	}
	acc, names := vs[0], p.in[0]
	for i := 1; i < n; i++ {
		out := p.out
		if i < n-1 {
			out = needed(append(slices.Clone(names), p.in[i]...), p, i+1)
		}
		t, ok := e.dot(acc, names, vs[i], p.in[i], out, c.site).(tensor)
		if !ok {
			return poison{}
		}
		acc, names = t.Value, out
	}
	acc, names = e.sumAlone(acc, names, nil, p.out, c.site)
	return e.permute(acc, names, p.out, c.site)
}

// needed lists the axes that the result or a later operand still needs.
func needed(names []string, p contraction, from int) []string {
	var out []string
	for _, n := range names {
		later := slices.Contains(p.out, n)
		for _, in := range p.in[from:] {
			later = later || slices.Contains(in, n)
		}
		if later && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// einsumOperands checks the operands' axes against the specification and against each other.
func (e *elab) einsumOperands(p contraction, c *callSite) ([]*core.Value, bool) {
	sizes := map[string]dim.Expr{}
	vs := make([]*core.Value, len(p.in))
	for i, names := range p.in {
		s := site{c.args[i].at, c.frame}
		if vs[i] = e.asTensor(c.args[i].value, e.float, s); vs[i] == nil {
			return nil, false
		}
		shape := vs[i].Type.Shape
		if len(shape) != len(names) {
			e.fail("einsum.rank", s.at, "einsum: %q has %d axes, and the operand is %s", strings.Join(names, " "), len(names), e.showType(vs[i].Type))
			return nil, false
		}
		for k, n := range names {
			old, ok := sizes[n]
			if !ok {
				sizes[n] = shape[k]
				continue
			}
			if !e.requireEqual(old, shape[k], func(why string) diag.Diagnostic {
				return diag.New("shape.mismatch", s.at, fmt.Sprintf("einsum: axis %s has sizes %s and %s", n, e.facts.Show(old), e.facts.Show(shape[k])))
			}) {
				return nil, false
			}
		}
	}
	return vs, true
}

// permute transposes named axes into an order.
func (e *elab) permute(x *core.Value, have, want []string, s site) value {
	if x == nil {
		return poison{}
	}
	if slices.Equal(have, want) {
		return tensor{x}
	}
	perm := make([]int64, len(want))
	for i, n := range want {
		perm[i] = int64(slices.Index(have, n))
	}
	return e.one("transpose", attrs{"perm": perm}, s, x)
}

// rearrange is rearrange(x, "b t (h d) -> b h t d", h: heads): a reshape, a transpose, a reshape.
func (e *elab) rearrange(c *callSite) value {
	if len(c.args) < 2 {
		return e.fail("call.arity", c.at, "rearrange takes a tensor and a pattern")
	}
	x := e.asTensor(c.args[0].value, e.float, site{c.args[0].at, c.frame})
	spec, ok := c.args[1].value.(text)
	if x == nil {
		return poison{}
	}
	if !ok {
		return e.fail("call.type", c.args[1].at, "the pattern of rearrange is a string such as \"b t (h d) -> b h t d\"")
	}
	left, right, err := parseArrow(string(spec))
	if err != nil {
		return e.fail("rearrange.pattern", c.args[1].at, "rearrange: %s", err)
	}
	if len(left) != x.Type.Rank() {
		d := diag.New("rearrange.rank", c.args[1].at, fmt.Sprintf("rearrange: the pattern has %d axes, and the tensor is %s", len(left), e.showType(x.Type)))
		return e.report(d.WithRelated(x.Pos, e.named(x)+" has type "+e.showType(x.Type)))
	}
	sizes, ok := e.axisSizes(left, x, c)
	if !ok {
		return poison{}
	}
	flat, ok := e.reshapeTo(x, sizesOf(left.names(), sizes), c.site).(tensor)
	if !ok {
		return poison{}
	}
	turned, ok := e.permute(flat.Value, left.names(), right.names(), c.site).(tensor)
	if !ok {
		return poison{}
	}
	shape := make([]dim.Expr, len(right))
	for i, names := range right {
		shape[i] = dim.Product(sizesOf(names, sizes)...)
	}
	return e.reshapeTo(turned.Value, shape, c.site)
}

func sizesOf(names []string, sizes map[string]dim.Expr) []dim.Expr {
	out := make([]dim.Expr, len(names))
	for i, n := range names {
		out[i] = sizes[n]
	}
	return out
}

// axisSizes finds the size of each named axis: given by the call, or what is left of its axis of x.
func (e *elab) axisSizes(left side, x *core.Value, c *callSite) (map[string]dim.Expr, bool) {
	sizes := map[string]dim.Expr{}
	for _, a := range c.args[2:] {
		if a.name == "" || !slices.Contains(left.names(), a.name) {
			e.report(withSuggestion(diag.New("rearrange.axis", a.nameAt(), "rearrange: the pattern has no axis "+a.name), a.name, left.names()))
			return nil, false
		}
		d, ok := e.asDim(a.value, a.at)
		if !ok {
			return nil, false
		}
		sizes[a.name] = d
	}
	for i, names := range left {
		if !e.splitAxis(names, x.Type.Shape[i], sizes, c) {
			return nil, false
		}
	}
	return sizes, true
}

// splitAxis gives the parts of one axis their sizes; one part at most may be open.
func (e *elab) splitAxis(names []string, whole dim.Expr, sizes map[string]dim.Expr, c *callSite) bool {
	known, open := dim.Int(1), ""
	for _, n := range names {
		d, ok := sizes[n]
		switch {
		case ok:
			known = known.Mul(d)
		case open != "":
			e.fail("rearrange.open", c.args[1].at, "rearrange: give the size of %s or of %s, as in %s: 8", open, n, open)
			return false
		default:
			open = n
		}
	}
	text := strings.Join(names, " ")
	if open == "" {
		return e.requireEqual(known, whole, func(why string) diag.Diagnostic {
			return diag.New("rearrange.size", c.at, fmt.Sprintf("rearrange: axis (%s) has size %s, and its parts make %s", text, e.facts.Show(whole), e.facts.Show(known)))
		})
	}
	q, ok := e.facts.DivExact(whole, known)
	if !ok {
		d := diag.New("rearrange.size", c.at, fmt.Sprintf("rearrange: axis (%s) has size %s, which is not known to be divisible by %s", text, e.facts.Show(whole), e.facts.Show(known)))
		q = whole.FloorDiv(known)
		if isConstDim(whole) && isConstDim(known) {
			d.Message = fmt.Sprintf("rearrange: axis (%s) has size %s, which is not divisible by %s", text, e.facts.Show(whole), e.facts.Show(known))
		}
		if !e.undecided([][2]dim.Expr{{q.Mul(known), whole}}, d) {
			e.report(d)
			return false
		}
	}
	sizes[open] = q
	return true
}

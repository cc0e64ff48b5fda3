package op

import (
	"fmt"
	"slices"
	"strings"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/loop"
)

// Dot is the contraction of two tensors.
var Dot = slot()

// einsum is a parsed specification: a name for each axis.
type einsum struct{ a, b, out []string }

// parseEinsum reads "b m k, b k n -> b m n".
func parseEinsum(spec string) (einsum, error) {
	left, right, ok := strings.Cut(spec, "->")
	a, b, two := strings.Cut(left, ",")
	if !ok || !two || strings.Contains(b, ",") {
		return einsum{}, fmt.Errorf("%q is not of the form \"i k, k j -> i j\"", spec)
	}
	e := einsum{strings.Fields(a), strings.Fields(b), strings.Fields(right)}
	for _, list := range [][]string{e.a, e.b, e.out} {
		for i, l := range list {
			if slices.Contains(list[:i], l) {
				return einsum{}, fmt.Errorf("%s stands twice in %q", l, strings.Join(list, " "))
			}
		}
	}
	for _, l := range e.out {
		if !slices.Contains(e.a, l) && !slices.Contains(e.b, l) {
			return einsum{}, fmt.Errorf("%s of the result stands in no operand", l)
		}
	}
	for _, l := range append(slices.Clone(e.a), e.b...) {
		if !slices.Contains(e.out, l) && slices.Contains(e.a, l) != slices.Contains(e.b, l) {
			return einsum{}, fmt.Errorf("%s stands in one operand alone: sum over it first", l)
		}
	}
	return e, nil
}

// of is the specification of a node, which Infer has accepted.
func einsumOf(n *ir.Node) einsum {
	e, err := parseEinsum(n.Text("spec"))
	if err != nil {
		panic("op: dot: " + err.Error())
	}
	return e
}

// Spec writes an einsum specification.
func Spec(a, b, out []string) string {
	return strings.Join(a, " ") + ", " + strings.Join(b, " ") + " -> " + strings.Join(out, " ")
}

// The four classes of axes.
func (e einsum) batch() []string { return pick(e.out, e.a, e.b, true) }
func (e einsum) left() []string  { return pick(e.out, e.a, e.b, false) }
func (e einsum) right() []string { return pick(e.out, e.b, e.a, false) }
func (e einsum) contracted() []string {
	return slices.DeleteFunc(slices.Clone(e.a), func(l string) bool { return slices.Contains(e.out, l) })
}

// pick returns the letters of from that are in have, and in other as both says.
func pick(from, have, other []string, both bool) []string {
	var out []string
	for _, l := range from {
		if slices.Contains(have, l) && slices.Contains(other, l) == both {
			out = append(out, l)
		}
	}
	return out
}

func init() {
	define(Dot, ir.Op{Name: "dot",
		Doc: "The sum of products over the axes that both operands have and the result has not; spec names the axes as einsum does: " +
			"\"b m k, b k n -> b m n\". In .mm: a @ b, einsum(a, b, \"..\").",
		Operands: []string{"a", "b"}, Params: []ir.ParamSpec{attr("spec", ir.PText, "the axes of a, of b and of the result")},
		Kind: ir.Contraction, Infer: inferDot,
		Grad: func(b *ir.Builder, n *ir.Node, d []*ir.Value) []*ir.Value {
			m, e := On(b), einsumOf(n)
			return []*ir.Value{m.Dot(d[0], n.Args[1], Spec(e.out, e.b, e.a)), m.Dot(n.Args[0], d[0], Spec(e.a, e.out, e.b))}
		},
		Eval: evalDot, Lower: lowerDot,
		Samples: func() []ir.Sample {
			mm := func(spec string, a, b ir.Type) ir.Sample {
				return ir.Sample{Args: types(a, b), Attrs: ir.Attrs{"spec": spec}, Sizes: sizes("N", 3)}
			}
			return []ir.Sample{
				mm("m k, k n -> m n", f32("N", 4), f32(4, 5)),
				mm("m k, n k -> m n", f32(2, 7), f32("N", 7)),
				mm("b m k, b k n -> b m n", f32(2, "N", 4), f32(2, 4, 3)),
				mm("b h i d, b h j d -> b h i j", f32(1, 2, "N", 4), f32(1, 2, "N", 4)),
				mm("k, k -> ", f32("N"), f32("N")),
				mm("i, j -> j i", f32("N"), f32(4)),
				mm("i k l, l j k -> j i", f32("N", 2, 3), f32(3, 4, 2)),
				mm("b i, b i -> i b", f32("N", 4), f32("N", 4)),
			}
		},
	})
}

func inferDot(in *ir.Inference) ([]ir.Type, error) {
	e, err := parseEinsum(in.Attr("spec").(string))
	if err != nil {
		return nil, fail(in, codeAttr, "", nil, "%v", err)
	}
	err = first(want(in, 0, floats), sameDType(in, 0, 1), rank(in, 0, len(e.a)), rank(in, 1, len(e.b)))
	if err != nil {
		return nil, err
	}
	extent := map[string]dim.Expr{}
	for i, l := range e.a {
		extent[l] = in.Args[0].Shape[i]
	}
	for i, l := range e.b {
		d, ok := extent[l]
		if !ok {
			extent[l] = in.Args[1].Shape[i]
			continue
		}
		if err := equal(in, d, in.Args[1].Shape[i], []int{0, 1}, "%s and %s do not fit: axis %d of the first and axis %d of the second differ",
			show(in, in.Args[0].Shape), show(in, in.Args[1].Shape), slices.Index(e.a, l), i); err != nil {
			return nil, err
		}
	}
	t := ir.Type{DType: in.Args[0].DType}
	for _, l := range e.out {
		t.Shape = append(t.Shape, extent[l])
	}
	return single(t), nil
}

// evalDot brings both operands into the forms [batch, left, contracted] and [batch, contracted, right] and multiplies.
func evalDot(c *ir.EvalCall) error {
	e, x, y := einsumOf(c.Node), c.Args[0], c.Args[1]
	batch, left, right, inner := e.batch(), e.left(), e.right(), e.contracted()
	size := map[string]int{}
	for i, l := range e.a {
		size[l] = x.Shape[i]
	}
	for i, l := range e.b {
		size[l] = y.Shape[i]
	}
	count := func(letters []string) int {
		n := 1
		for _, l := range letters {
			n *= size[l]
		}
		return n
	}
	if count(left) > count(right) { // rows of the result are walked along: let them be long
		return evalDotForm(c, e.b, e.a, y, x, batch, right, left, inner, count)
	}
	return evalDotForm(c, e.a, e.b, x, y, batch, left, right, inner, count)
}

func evalDotForm(c *ir.EvalCall, ax, ay []string, x, y *ir.Tensor, batch, left, right, inner []string, count func([]string) int) error {
	nb, m, n, k := count(batch), count(left), count(right), count(inner)
	a := transposed(x.Data, x.Shape, order(slices.Concat(batch, left, inner), ax))
	b := transposed(y.Data, y.Shape, order(slices.Concat(batch, inner, right), ay))
	out := make([]float64, nb*m*n)
	parallel(nb*m, nb*m*n*k, func(lo, hi int) {
		for r := lo; r < hi; {
			i := r / max(m, 1)
			end := min(hi, (i+1)*m)
			matmul(out[r*n:], n, a[r*k:], k, b[i*k*n:], n, end-r, k, n)
			r = end
		}
	})
	form := slices.Concat(batch, left, right)
	shape := make([]int, len(form))
	for i, l := range form {
		shape[i] = count([]string{l})
	}
	copy(c.Out[0].Data, transposed(out, shape, order(einsumOf(c.Node).out, form)))
	return nil
}

// order says for each letter of to where it stands in from.
func order(to, from []string) []int {
	out := make([]int, len(to))
	for i, l := range to {
		out[i] = slices.Index(from, l)
	}
	return out
}

func lowerDot(n *ir.Node) []*loop.Nest {
	e, k := einsumOf(n), newNest()
	extent, at := map[string]dim.Expr{}, map[string]loop.Index{}
	for i, l := range e.a {
		extent[l] = n.Args[0].Type.Shape[i]
	}
	for i, l := range e.b {
		extent[l] = n.Args[1].Type.Shape[i]
	}
	for _, l := range e.out {
		at[l] = k.axis(l, extent[l])
	}
	for _, l := range e.contracted() {
		at[l] = k.reduce(l, extent[l])
	}
	index := func(letters []string) []loop.Index {
		out := make([]loop.Index, len(letters))
		for i, l := range letters {
			out[i] = at[l]
		}
		return out
	}
	return k.store(0, k.sumOfProducts(k.load(0, n.Args[0], index(e.a)...), k.load(1, n.Args[1], index(e.b)...)), index(e.out)...)
}

// sumOfProducts is the form in which every contraction ends: templates recognise it.
func (k *nest) sumOfProducts(a, b loop.Reg) loop.Reg {
	t := k.Body[a].Type
	return k.acc(loop.ReduceSum, k.do(loop.Mul, t, a, b), t)
}

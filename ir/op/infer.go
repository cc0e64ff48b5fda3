package op

import (
	"fmt"
	"strings"

	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
)

// Codes of type errors, as docs/errors.md lists them.
const (
	codeShape = "shape.mismatch" // two dims that must be equal are not
	codeRank  = "shape.rank"     // a wrong number of axes
	codeRange = "shape.range"    // an axis, position or size out of range
	codeDType = "dtype.mismatch" // a wrong element type
	codeAttr  = "attr.value"     // an attribute with an impossible value
)

func fail(in *ir.Inference, code, hint string, operands []int, format string, args ...any) *ir.TypeError {
	return &ir.TypeError{
		Code: code, Hint: hint, Operands: operands,
		Message: in.Op.Name + ": " + fmt.Sprintf(format, args...),
	}
}

// shown is a list of dims for a message, which prints them in the user's own dim names. That is dear and done only where there
// is something to say.
type shown struct {
	facts *dim.Facts
	shape []dim.Expr
}

func show(in *ir.Inference, shape []dim.Expr) shown { return shown{in.Facts, shape} }

func (s shown) String() string {
	parts := make([]string, len(s.shape))
	for i, d := range s.shape {
		parts[i] = s.facts.Show(d)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// shownDim is one of them.
type shownDim struct {
	facts *dim.Facts
	dim   dim.Expr
}

func showDim(in *ir.Inference, d dim.Expr) shownDim { return shownDim{in.Facts, d} }

func (s shownDim) String() string { return s.facts.Show(s.dim) }

// operand names operand i for messages.
func operand(in *ir.Inference, i int) string {
	names := in.Op.Operands
	if i < len(names)-1 || !in.Op.Variadic() {
		return names[i]
	}
	last := strings.TrimSuffix(names[len(names)-1], "...")
	return fmt.Sprintf("%s%d", last, i-len(names)+2)
}

// count checks the number of operands.
func count(in *ir.Inference) error {
	want, got := len(in.Op.Operands), len(in.Args)
	if in.Op.Variadic() && got >= want-1 || got == want {
		return nil
	}
	return fail(in, "call.arity", "", nil, "takes %d operands (%s), got %d", want, strings.Join(in.Op.Operands, ", "), got)
}

// class is a set of element types.
type class struct {
	what string
	has  func(dtype.DType) bool
}

var (
	floats   = class{"a float tensor", dtype.DType.IsFloat}
	integers = class{"an integer tensor", dtype.DType.IsInt}
	numbers  = class{"a tensor of numbers", func(d dtype.DType) bool { return d.IsFloat() || d.IsInt() }}
	bools    = class{"a bool tensor", func(d dtype.DType) bool { return d == dtype.Bool }}
	anything = class{"a tensor", func(dtype.DType) bool { return true }}
)

// want checks that operand i has an element type of the class.
func want(in *ir.Inference, i int, c class) error {
	if c.has(in.Args[i].DType) {
		return nil
	}
	hint := ""
	if c.has(dtype.F32) {
		hint = "convert it with f32(..)"
	}
	return fail(in, codeDType, hint, []int{i}, "%s must be %s, not %s", operand(in, i), c.what, in.Args[i].DType)
}

// sameDType checks that operands i and j have one element type.
func sameDType(in *ir.Inference, i, j int) error {
	a, b := in.Args[i].DType, in.Args[j].DType
	if a == b {
		return nil
	}
	return fail(in, codeDType, fmt.Sprintf("convert one of them: %s(..)", a), []int{i, j},
		"%s is %s and %s is %s", operand(in, i), a, operand(in, j), b)
}

// rank checks the number of axes of operand i.
func rank(in *ir.Inference, i, n int) error {
	if in.Args[i].Rank() == n {
		return nil
	}
	return fail(in, codeRank, "", []int{i}, "%s must have %d axes, not %d: %s",
		operand(in, i), n, in.Args[i].Rank(), show(in, in.Args[i].Shape))
}

// atLeast checks that operand i has n axes or more.
func atLeast(in *ir.Inference, i, n int) error {
	if in.Args[i].Rank() >= n {
		return nil
	}
	return fail(in, codeRank, "", []int{i}, "%s needs at least %d axes: %s", operand(in, i), n, show(in, in.Args[i].Shape))
}

// equal checks that two dims are known to be equal; the message that format makes of args says which they are.
func equal(in *ir.Inference, a, b dim.Expr, operands []int, format string, args ...any) error {
	if in.Facts.Equal(a, b) {
		return nil
	}
	e := fail(in, codeShape, "", operands, "%s: %s and %s", fmt.Sprintf(format, args...), showDim(in, a), showDim(in, b))
	e.Equal = [][2]dim.Expr{{a, b}}
	return e
}

// sameShape checks that operands i and j have equal shapes.
func sameShape(in *ir.Inference, i, j int) error {
	a, b := in.Args[i].Shape, in.Args[j].Shape
	both := []int{i, j}
	if len(a) != len(b) {
		return fail(in, codeRank, "", both, "%s has shape %s and %s has shape %s", operand(in, i), show(in, a), operand(in, j), show(in, b))
	}
	for axis := range a {
		if err := equal(in, a[axis], b[axis], both, "shapes %s and %s differ at axis %d", show(in, a), show(in, b), axis); err != nil {
			return err
		}
	}
	return nil
}

// axes checks a list of axis numbers of operand 0: in range and strictly ascending.
func axes(in *ir.Inference, list []int64) error {
	n := int64(in.Args[0].Rank())
	for i, a := range list {
		if a < 0 || a >= n {
			return fail(in, codeRange, "", []int{0}, "axis %d of %s, which has %d axes: %s",
				a, operand(in, 0), n, show(in, in.Args[0].Shape))
		}
		if i > 0 && a <= list[i-1] {
			return fail(in, codeAttr, "", nil, "axes must be ascending and different: %v", list)
		}
	}
	return nil
}

// length checks that a list attribute has n entries.
func length[T any](in *ir.Inference, name string, list []T, n int) error {
	if len(list) == n {
		return nil
	}
	return fail(in, codeAttr, "", nil, "%s has %d entries for %d axes", name, len(list), n)
}

// first returns the first error.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func single(t ir.Type) []ir.Type { return []ir.Type{t} }

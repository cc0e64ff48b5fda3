package op

import (
	"slices"

	"mmc/ir"
	"mmc/ir/dim"
)

// Attribute declarations.

func attr(name string, kind ir.ParamKind, doc string) ir.ParamSpec {
	return ir.ParamSpec{Name: name, Kind: kind, Doc: doc}
}

func optional(name string, kind ir.ParamKind, value any, doc string) ir.ParamSpec {
	return ir.ParamSpec{Name: name, Kind: kind, Default: value, Doc: doc}
}

// Typed attributes of what Infer sees.

func attrInts(in *ir.Inference, name string) []int64    { return in.Attr(name).([]int64) }
func attrDims(in *ir.Inference, name string) []dim.Expr { return in.Attr(name).([]dim.Expr) }
func attrInt(in *ir.Inference, name string) int64       { return in.Attr(name).(int64) }

// Small arithmetic on dims and lists.

func konst(n int64) dim.Expr { return dim.Int(n) }

var zero, one = dim.Int(0), dim.Int(1)

// without returns the list less the positions in drop.
func without[T any](list []T, drop []int64) []T {
	var out []T
	for i, x := range list {
		if !slices.Contains(drop, int64(i)) {
			out = append(out, x)
		}
	}
	return out
}

// replaced returns the list with x at position i.
func replaced[T any](list []T, i int, x T) []T {
	out := slices.Clone(list)
	out[i] = x
	return out
}

// repeat returns n times x.
func repeat[T any](n int, x T) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = x
	}
	return out
}

func isZero(dims []dim.Expr) bool {
	return !slices.ContainsFunc(dims, func(d dim.Expr) bool { return !d.IsConst(0) })
}

package op

import (
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
)

// Notation for samples.

// typed is a tensor type whose dims are ints or names of symbols.
func typed(t dtype.DType, dims ...any) ir.Type { return ir.Type{DType: t, Shape: shape(dims...)} }

func f32(dims ...any) ir.Type { return typed(dtype.F32, dims...) }
func i32(dims ...any) ir.Type { return typed(dtype.I32, dims...) }

func shape(dims ...any) []dim.Expr {
	out := make([]dim.Expr, len(dims))
	for i, d := range dims {
		switch d := d.(type) {
		case int:
			out[i] = dim.Int(int64(d))
		case string:
			out[i] = dim.Sym(d)
		case dim.Expr:
			out[i] = d
		}
	}
	return out
}

func types(list ...ir.Type) []ir.Type { return list }

// sizes reads pairs of name and size.
func sizes(pairs ...any) map[string]int64 {
	out := map[string]int64{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i].(string)] = int64(pairs[i+1].(int))
	}
	return out
}

// sample is a call whose operands all lie in low .. high.
func sample(low, high float64, args ...ir.Type) ir.Sample {
	return ir.Sample{Args: args, Low: repeat(len(args), low), High: repeat(len(args), high)}
}

// with returns the sample with attributes.
func with(s ir.Sample, attrs ir.Attrs) ir.Sample {
	s.Attrs = attrs
	return s
}

// elementSamples are samples of n operands of equal shape, one for each kind of element type that the class admits.
func elementSamples(n int, c class, low, high float64) []ir.Sample {
	var out []ir.Sample
	for _, t := range []dtype.DType{dtype.F32, dtype.I32, dtype.Bool} {
		if !c.has(t) {
			continue
		}
		for _, s := range [][]any{{3, 5}, {}, {"N", 3, 2}} {
			smp := sample(low, high, repeat(n, typed(t, s...))...)
			smp.Sizes = sizes("N", 4)
			out = append(out, smp)
		}
		low, high = 1, 9 // whole numbers
	}
	return out
}

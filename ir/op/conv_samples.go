package op

import (
	"maps"

	"mmc/ir"
	"mmc/ir/dim"
)

// convCase is a convolution y = conv(x, w), from which each of the three takes its sample.
type convCase struct {
	x, w, y ir.Type
	attrs   ir.Attrs
}

func convSamples(take func(convCase) ir.Sample) []ir.Sample {
	size := sizes("N", 2, "H", 4, "W", 3)
	h, w := dim.Sym("H"), dim.Sym("W")
	half := func(d dim.Expr) dim.Expr { return d.Sub(one).FloorDiv(konst(2)).Add(one) }
	cases := []convCase{
		{f32("N", 2, "H", "W"), f32(3, 2, 3, 3), f32("N", 3, "H", "W"),
			ir.Attrs{"pad_low": shape(1, 1), "pad_high": shape(1, 1)}},
		{f32("N", 2, "H", "W"), f32(3, 2, 3, 3), f32("N", 3, half(h), half(w)),
			ir.Attrs{"stride": []int64{2, 2}, "pad_low": shape(1, 1), "pad_high": shape(1, 1)}},
		{f32(1, 4, 5, 5), f32(2, 4, 1, 1), f32(1, 2, 5, 5), ir.Attrs{}},
		{f32(1, 2, 6, 6), f32(2, 2, 1, 1), f32(1, 2, 3, 3), ir.Attrs{"stride": []int64{2, 2}}},
		{f32(1, 4, 3, 4), f32(6, 2, 3, 2), f32(1, 6, 3, 3), ir.Attrs{"groups": 2, "pad_low": shape(1, 0), "pad_high": shape(1, 0)}},
		{f32(1, 3, 5, 5), f32(3, 1, 3, 3), f32(1, 3, 3, 3), ir.Attrs{"groups": 3}},                                                  // depthwise
		{f32("N", 2, 9), f32(2, 2, 3), f32("N", 2, 9), ir.Attrs{"dilation": []int64{2}, "pad_low": shape(4), "pad_high": shape(0)}}, // causal
		{f32(1, 2, 11), f32(2, 2, 4), f32(1, 2, 3), ir.Attrs{"stride": []int64{3}, "dilation": []int64{2}, "pad_low": shape(1), "pad_high": shape(1)}},
		{f32(1, 2, 4, 3, 4), f32(2, 2, 2, 3, 2), f32(1, 2, 3, 3, 2),
			ir.Attrs{"stride": []int64{1, 1, 2}, "pad_low": shape(0, 1, 0), "pad_high": shape(0, 1, 0)}},
	}
	var out []ir.Sample
	for _, c := range cases {
		s := take(c)
		s.Sizes = size
		out = append(out, s)
	}
	return out
}

func merged(a, b ir.Attrs) ir.Attrs {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

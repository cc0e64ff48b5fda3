package op

import (
	"mmc/ir"
	"mmc/ir/dim"
)

// windowCase is a window of x with positions y, from which each operator takes its sample.
type windowCase struct {
	x, y  ir.Type
	attrs ir.Attrs
}

func (c windowCase) taps() int64 {
	p := int64(1)
	for _, k := range c.attrs["kernel"].([]int64) {
		p *= k
	}
	return p
}

func (c windowCase) sizes() []dim.Expr {
	return c.x.Shape[c.x.Rank()-len(c.attrs["kernel"].([]int64)):]
}

func (c windowCase) withTaps(args []ir.Type, more ir.Attrs) ir.Sample {
	return ir.Sample{Args: args, Attrs: merged(c.attrs, more), Low: []float64{-1, 0}, High: []float64{1, float64(c.taps() - 1)}}
}

func anys(dims []dim.Expr) []any {
	out := make([]any, len(dims))
	for i, d := range dims {
		out[i] = d
	}
	return out
}

func windowSamples(take func(windowCase) ir.Sample) []ir.Sample {
	h := dim.Sym("H")
	cases := []windowCase{
		{f32("N", 2, 6, 4), f32("N", 2, 3, 2), ir.Attrs{"kernel": []int64{2, 2}, "stride": []int64{2, 2}}},
		{f32(1, 2, "H", 5), f32(1, 2, h.Sub(one).FloorDiv(konst(2)).Add(one), 3),
			ir.Attrs{"kernel": []int64{3, 3}, "stride": []int64{2, 2}, "pad_low": shape(1, 1), "pad_high": shape(1, 1)}},
		{f32(2, 7), f32(2, 7), ir.Attrs{"kernel": []int64{3}, "dilation": []int64{2}, "pad_low": shape(2), "pad_high": shape(2)}},
		{f32(3, 8), f32(3, 3), ir.Attrs{"kernel": []int64{2}, "stride": []int64{3}}}, // elements that no window holds
	}
	var out []ir.Sample
	for _, c := range cases {
		s := take(c)
		s.Sizes = sizes("N", 2, "H", 7)
		out = append(out, s)
	}
	return out
}

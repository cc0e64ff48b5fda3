package op

import (
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/loop"
)

// sliding is the geometry shared by convolutions and windows: on each spatial axis, tap k of the kernel at output position
// o meets the input at o*stride + k*dilation - low.
type sliding struct {
	kernel           []dim.Expr
	stride, dilation []int64
	low, high        []dim.Expr
}

var slidingParams = []ir.ParamSpec{
	optional("stride", ir.PInts, []int64(nil), "the distance between positions on each spatial axis; 1 by default"),
	optional("pad_low", ir.PDims, []dim.Expr(nil), "padding before the first element on each spatial axis; 0 by default"),
	optional("pad_high", ir.PDims, []dim.Expr(nil), "padding behind the last element; 0 by default"),
	optional("dilation", ir.PInts, []int64(nil), "the distance between the taps of the kernel; 1 by default"),
}

var sizesParam = attr("sizes", ir.PDims, "the spatial size of the result")

// attributes is what a Node and an Inference have in common.
type attributes interface{ Attr(name string) any }

// slidingOf reads the geometry from a node's attributes; an absent list means ones or zeros.
func slidingOf(n attributes, kernel []dim.Expr) sliding {
	s := sliding{kernel, n.Attr("stride").([]int64), n.Attr("dilation").([]int64),
		n.Attr("pad_low").([]dim.Expr), n.Attr("pad_high").([]dim.Expr)}
	r := len(kernel)
	return sliding{kernel, orRepeat(s.stride, r, 1), orRepeat(s.dilation, r, 1), orRepeat(s.low, r, zero), orRepeat(s.high, r, zero)}
}

func orRepeat[T any](list []T, n int, x T) []T {
	if len(list) == 0 {
		return repeat(n, x)
	}
	return list
}

// attrs are the attributes that another operator of the same geometry takes, and more.
func (s sliding) attrs(more ir.Attrs) ir.Attrs {
	out := ir.Attrs{"stride": s.stride, "dilation": s.dilation, "pad_low": s.low, "pad_high": s.high}
	for k, v := range more {
		out[k] = v
	}
	return out
}

// check tests the attributes against the number of spatial axes.
func (s sliding) check(in *ir.Inference) error {
	r := len(s.kernel)
	err := first(length(in, "stride", s.stride, r), length(in, "dilation", s.dilation, r), length(in, "pad_low", s.low, r), length(in, "pad_high", s.high, r))
	if err != nil {
		return err
	}
	for i := range r {
		if s.stride[i] < 1 || s.dilation[i] < 1 {
			return fail(in, codeAttr, "", nil, "stride %d and dilation %d must be positive", s.stride[i], s.dilation[i])
		}
		if err := first(nonNegative(in, "pad_low", s.low[i]), nonNegative(in, "pad_high", s.high[i])); err != nil {
			return err
		}
		if in.Facts.AtMost(s.kernel[i], zero) {
			return fail(in, codeAttr, "", nil, "kernel size %s must be positive", in.Facts.Show(s.kernel[i]))
		}
	}
	return nil
}

// out is the number of positions on axis i for an input of that size.
func (s sliding) out(i int, size dim.Expr) dim.Expr {
	reach := s.kernel[i].Sub(one).Mul(konst(s.dilation[i])).Add(one)
	return size.Add(s.low[i]).Add(s.high[i]).Sub(reach).FloorDiv(konst(s.stride[i])).Add(one)
}

// outs is out on all axes; an input that is certainly too small for the kernel is an error.
func (s sliding) outs(in *ir.Inference, size []dim.Expr) ([]dim.Expr, error) {
	out := make([]dim.Expr, len(size))
	for i, d := range size {
		out[i] = s.out(i, d)
		if in.Facts.AtMost(out[i], zero) {
			return nil, fail(in, codeRange, "a larger pad or a smaller kernel", []int{0}, "a kernel of %s does not fit into a size of %s (spatial axis %d of %s)",
				in.Facts.Show(s.kernel[i]), in.Facts.Show(d), i, show(in, in.Args[0].Shape))
		}
	}
	return out, nil
}

// fits checks that an input of the given size has the positions that operand 0 (of an adjoint) shows.
func (s sliding) fits(in *ir.Inference, size, positions []dim.Expr) error {
	for i, d := range size {
		if err := nonNegative(in, "sizes", d); err != nil {
			return err
		}
		if err := equal(in, s.out(i, d), positions[i], []int{0}, "sizes %s would have other positions than %s on spatial axis %d",
			show(in, size), show(in, in.Args[0].Shape), i); err != nil {
			return err
		}
	}
	return nil
}

// guard reports whether a tap may meet the padding.
func (s sliding) guard() bool { return !isZero(s.low) || !isZero(s.high) }

// source is the input position of tap k at output position o.
func (s sliding) source(o, k []loop.Index) []loop.Index {
	out := make([]loop.Index, len(o))
	for i := range o {
		out[i] = shift(plus(scale(o[i], konst(s.stride[i])), scale(k[i], konst(s.dilation[i]))), s.low[i].Neg())
	}
	return out
}

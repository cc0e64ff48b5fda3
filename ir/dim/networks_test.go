package dim_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/ir/dim"
)

// window is the output size of a convolution or pooling.
type window struct {
	kernel, stride, pad, dilation int64
	ceil                          bool
}

func (w window) out(h dim.Expr) dim.Expr {
	span := h.Add(dim.Int(2*w.pad - max(w.dilation, 1)*(w.kernel-1) - 1))
	stride := dim.Int(max(w.stride, 1))
	if w.ceil {
		return span.CeilDiv(stride).Add(dim.Int(1))
	}
	return span.FloorDiv(stride).Add(dim.Int(1))
}

// transposed is the output size of a transposed convolution without padding.
func transposed(h dim.Expr, kernel, stride int64) dim.Expr {
	return h.Sub(dim.Int(1)).Mul(dim.Int(stride)).Add(dim.Int(kernel))
}

// unetSkips lists, outermost first, what each level joins: the size going down and the size coming up. Behind a join the size is
// that of the way down.
func unetSkips(h dim.Expr, depth int) (skips [][2]dim.Expr, out dim.Expr) {
	same := window{kernel: 3, pad: 1}
	down := same.out(same.out(h))
	if depth == 0 {
		return nil, down
	}
	inner, below := unetSkips(window{kernel: 2, stride: 2}.out(down), depth-1)
	up := transposed(below, 2, 2)
	return append([][2]dim.Expr{{down, up}}, inner...), same.out(same.out(down))
}

func failingLevels(f *dim.Facts, skips [][2]dim.Expr) (levels []int) {
	for i, s := range skips {
		if !f.Equal(s[0], s[1]) {
			levels = append(levels, i+1)
		}
	}
	return levels
}

func TestUNetNeedsSixteen(t *testing.T) {
	skips, out := unetSkips(dim.Sym("H"), 4)
	tests := []struct {
		divisor int64
		failing []int
	}{{1, []int{1, 2, 3, 4}}, {2, []int{2, 3, 4}}, {8, []int{4}}, {16, nil}, {32, nil}}
	for _, test := range tests {
		t.Run(fmt.Sprint("divisor ", test.divisor), func(t *testing.T) {
			var f dim.Facts
			require.NoError(t, f.AssumeDivisible(dim.Sym("H"), test.divisor))
			assert.Equal(t, test.failing, failingLevels(&f, skips))
			if test.failing == nil {
				assert.True(t, f.Equal(out, dim.Sym("H")))
			}
		})
	}
}

func TestUNetHint(t *testing.T) {
	var f dim.Facts
	h, _ := unetSkips(dim.Sym("H"), 4)
	w, _ := unetSkips(dim.Sym("W"), 4)
	hint, ok := f.Hint(append(h, w...))
	assert.True(t, ok)
	assert.Equal(t, "where H % 16 == 0, W % 16 == 0", hint)

	require.NoError(t, f.AssumeDivisible(dim.Sym("W"), 16))
	hint, ok = f.Hint(append(h, w...))
	assert.True(t, ok)
	assert.Equal(t, "where H % 16 == 0", hint)
}

func TestResNetNeedsNoFact(t *testing.T) {
	var f dim.Facts
	x := window{kernel: 3, stride: 2, pad: 1}.out(window{kernel: 7, stride: 2, pad: 3}.out(dim.Sym("H")))
	assert.Equal(t, "floor((H + 3) / 4)", x.String())
	for stage := range 4 {
		stride := int64(min(stage+1, 2))
		main := window{kernel: 3, pad: 1}.out(window{kernel: 3, stride: stride, pad: 1}.out(x))
		shortcut := window{kernel: 1, stride: stride}.out(x)
		assert.True(t, f.Equal(main, shortcut), "stage %d: %s, %s", stage, main, shortcut)
		x = main
	}
	assert.Equal(t, "floor((H + 31) / 32)", x.String())
}

// ceilPool is PyTorch's ceil-mode pooling: the last window must begin inside the image or its left border.
func ceilPool(h dim.Expr, kernel, stride, pad int64) dim.Expr {
	out := window{kernel: kernel, stride: stride, pad: pad, ceil: true}.out(h)
	begins := h.Add(dim.Int(pad - 1)).FloorDiv(dim.Int(stride)).Add(dim.Int(1))
	return dim.Min(out, begins)
}

func TestGoogLeNetWithCeilModePooling(t *testing.T) {
	var f dim.Facts
	same := window{kernel: 3, pad: 1}
	x := window{kernel: 7, stride: 2, pad: 3}.out(dim.Sym("H"))
	for range 3 {
		x = ceilPool(same.out(x), 3, 2, 0)
		pooled := ceilPool(x, 3, 1, 1)
		for _, branch := range []dim.Expr{x, same.out(x), window{kernel: 5, pad: 2}.out(x), pooled} {
			assert.True(t, f.Equal(x, branch), "%s, %s", x, branch)
		}
	}
	size, err := x.Eval(lookup(map[string]int64{"H": 224}))
	require.NoError(t, err)
	assert.EqualValues(t, 14, size)
	assert.Equal(t, "floor((H + 1) / 16)", f.Show(x), "the clipping minimum is decided")
}

func TestInceptionV3(t *testing.T) {
	var f dim.Facts
	valid, reduce := window{kernel: 3}, window{kernel: 3, stride: 2}
	stem := reduce.out(valid.out(reduce.out(valid.out(reduce.out(dim.Sym("H"))).Add(dim.Int(2)))))
	size, err := stem.Eval(lookup(map[string]int64{"H": 299}))
	require.NoError(t, err)
	require.EqualValues(t, 35, size)
	for range 2 {
		double := reduce.out(window{kernel: 3, pad: 1}.out(window{kernel: 7, pad: 3}.out(stem)))
		assert.True(t, f.Equal(reduce.out(stem), double))
		stem = double
	}
}

// validUNet follows the original U-Net: convolutions without border, skips cropped at the centre. It lists (skip, up) per level.
func validUNet(h dim.Expr, depth int) (crops [][2]dim.Expr, pooled []dim.Expr, out dim.Expr) {
	valid := window{kernel: 3}
	down := valid.out(valid.out(h))
	if depth == 0 {
		return nil, nil, down
	}
	crops, pooled, below := validUNet(window{kernel: 2, stride: 2}.out(down), depth-1)
	up := transposed(below, 2, 2)
	return append([][2]dim.Expr{{down, up}}, crops...), append([]dim.Expr{down}, pooled...), valid.out(valid.out(up))
}

func TestUNetWithValidConvolutions(t *testing.T) {
	var f dim.Facts
	crops, pooled, out := validUNet(dim.Sym("H"), 4)
	for level, c := range crops {
		assert.True(t, f.AtMost(c[1], c[0]), "level %d: %s <= %s", level, c[1], c[0])
		assert.False(t, f.Divides(2, c[0].Sub(c[1])))
	}
	assert.False(t, f.Positive(out))
	require.NoError(t, f.AssumeDivisible(dim.Sym("H").Sub(dim.Int(12)), 16))
	for level, c := range crops {
		assert.True(t, f.Divides(2, pooled[level]), "level %d: %s", level, f.Show(pooled[level]))
		assert.True(t, f.Divides(2, c[0].Sub(c[1])), "centre crop on level %d", level)
	}
	assert.Equal(t, "H - 184", f.Show(out))
	require.NoError(t, f.AssumeLess(dim.Int(184), dim.Sym("H")))
	assert.True(t, f.Positive(out))
	lo, _, known, _ := f.Range(out)
	assert.True(t, known)
	assert.EqualValues(t, 4, lo, "188 is the least H")
}

func TestSTFTRoundTrip(t *testing.T) {
	var f dim.Facts
	l := dim.Sym("L")
	frames := window{kernel: 1024, stride: 256, pad: 512}.out(l)
	assert.Equal(t, "floor(L / 256) + 1", frames.String())
	back := frames.Sub(dim.Int(1)).Mul(dim.Int(256))
	assert.False(t, f.Equal(l, back))
	hint, ok := f.Hint([][2]dim.Expr{{l, back}})
	assert.True(t, ok)
	assert.Equal(t, "where L % 256 == 0", hint)
	require.NoError(t, f.AssumeDivisible(l, 256))
	assert.True(t, f.Equal(l, back))
	assert.Equal(t, "L / 256 + 1", f.Show(frames))
}

func TestWaveNetSkips(t *testing.T) {
	var f dim.Facts
	x, receptive := dim.Sym("L"), int64(1)
	var layers []dim.Expr
	for layer := range 10 {
		dilation := int64(1) << layer
		x = window{kernel: 2, dilation: dilation}.out(x)
		receptive += dilation
		layers = append(layers, x)
	}
	assert.Equal(t, "L - 1023", x.String())
	for _, layer := range layers {
		assert.True(t, f.AtMost(x, layer), "the skip is cropped to the last layer")
	}
	require.NoError(t, f.AssumeAtMost(dim.Int(receptive), dim.Sym("L")))
	assert.True(t, f.Positive(x))
}

func TestViTPatches(t *testing.T) {
	var f dim.Facts
	n, h, w := dim.Sym("N"), dim.Sym("H"), dim.Sym("W")
	patch := window{kernel: 16, stride: 16}
	tokens := patch.out(h).Mul(patch.out(w)).Add(dim.Int(1))
	assert.Equal(t, "floor(H / 16) * floor(W / 16) + 1", tokens.String())
	elements := dim.Product(n, dim.Int(3), h, w)
	_, ok := f.DivExact(elements, tokens.Sub(dim.Int(1)))
	assert.False(t, ok)

	require.NoError(t, f.AssumeDivisible(h, 16))
	require.NoError(t, f.AssumeDivisible(w, 16))
	assert.Equal(t, "H * W / 256 + 1", f.Show(tokens))
	per, ok := f.DivExact(elements, tokens.Sub(dim.Int(1)))
	assert.True(t, ok)
	assert.Equal(t, "768 * N", f.Show(per))
}

func TestAttentionHeads(t *testing.T) {
	var f dim.Facts
	d, heads := dim.Sym("D"), dim.Int(12)
	require.NoError(t, f.AssumeDivisible(d, 12))
	size, ok := f.Exact(dim.Over(d, heads))
	require.True(t, ok)
	assert.True(t, f.Equal(size.Mul(heads), d))
	assert.Equal(t, "D / 12", f.Show(size))
}

func TestDecoderPositions(t *testing.T) {
	var f dim.Facts
	pos, steps, limit := dim.Sym("pos"), dim.Sym("T"), dim.Int(1024)
	require.NoError(t, f.Bound("pos", 0, 1<<62))
	require.NoError(t, f.AssumeAtMost(pos.Add(steps), limit))
	assert.True(t, f.Less(pos, limit))
	assert.True(t, f.AtMost(steps, limit))
	assert.False(t, f.Less(steps, limit))
	assert.True(t, f.Equal(dim.Min(pos.Add(steps), limit), pos.Add(steps)))
	lo, hi, loKnown, hiKnown := f.Range(pos)
	assert.True(t, loKnown && hiKnown)
	assert.EqualValues(t, []int64{0, 1023}, []int64{lo, hi})
}

// sameConv is TensorFlow's SAME padding: the output is ceil(h / stride) because that much border is added.
func sameConv(h dim.Expr, kernel, stride int64) dim.Expr {
	out := h.CeilDiv(dim.Int(stride))
	border := dim.Max(out.Sub(dim.Int(1)).Mul(dim.Int(stride)).Add(dim.Int(kernel)).Sub(h), dim.Int(0))
	return window{kernel: kernel, stride: stride}.out(h.Add(border))
}

func TestSamePadding(t *testing.T) {
	var f dim.Facts
	h := dim.Sym("H")
	for _, w := range []window{{kernel: 3, stride: 2}, {kernel: 5, stride: 2}, {kernel: 3, stride: 1}, {kernel: 7, stride: 4}} {
		assert.True(t, f.Equal(sameConv(h, w.kernel, w.stride), h.CeilDiv(dim.Int(w.stride))), "%+v", w)
	}
	assert.False(t, f.Equal(sameConv(h, 1, 2), h.Add(dim.Int(1)).CeilDiv(dim.Int(2))))
}

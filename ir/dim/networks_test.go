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

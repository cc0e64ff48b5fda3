package dim_test

import (
	"testing"

	"mmc/ir/dim"
)

// BenchmarkResNetShapes does the size arithmetic of a ResNet-152: 50 blocks of three convolutions, each output compared.
func BenchmarkResNetShapes(b *testing.B) {
	f := given(b, [3]string{"H", "%", "32"})
	b.ReportAllocs()
	for b.Loop() {
		x := window{kernel: 3, stride: 2, pad: 1}.out(window{kernel: 7, stride: 2, pad: 3}.out(dim.Sym("H")))
		for block := range 50 {
			stride := int64(1)
			if block == 3 || block == 11 || block == 47 {
				stride = 2
			}
			y := window{kernel: 1}.out(window{kernel: 3, stride: stride, pad: 1}.out(window{kernel: 1}.out(x)))
			if !f.Equal(y, window{kernel: 1, stride: stride}.out(x)) {
				b.Fatal("sizes differ")
			}
			x = y
		}
	}
}

func BenchmarkFloorDiv(b *testing.B) {
	x := parse(b, "floor((H + 3) / 4) + 1")
	b.ReportAllocs()
	for b.Loop() {
		x.FloorDiv(dim.Int(2))
	}
}

func BenchmarkElementCount(b *testing.B) {
	n, c, h, w := dim.Sym("N"), dim.Int(64), parse(b, "floor((H + 3) / 4)"), parse(b, "floor((W + 3) / 4)")
	b.ReportAllocs()
	for b.Loop() {
		dim.Product(n, c, h, w)
	}
}

func BenchmarkNorm(b *testing.B) {
	f := given(b, [3]string{"H", "%", "16"}, [3]string{"W", "%", "16"})
	e := parse(b, "64 * N * floor((H + 3) / 4) * floor((W + 3) / 4)")
	b.ReportAllocs()
	for b.Loop() {
		f.Norm(e)
	}
}

func BenchmarkUNetHint(b *testing.B) {
	h, _ := unetSkips(dim.Sym("H"), 4)
	w, _ := unetSkips(dim.Sym("W"), 4)
	eqs := append(h, w...)
	b.ReportAllocs()
	for b.Loop() {
		(&dim.Facts{}).Hint(eqs)
	}
}

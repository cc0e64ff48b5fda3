package kernel_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/codegen/kernel"
	"mmc/codegen/vec"
	"mmc/codegen/vec/vectest"
)

// BenchmarkGemm prints GFLOP/s and the share of the FMA peak, which is measured in the same milliseconds, of products and of
// convolutions on zero-bordered images. GEMM_BENCH selects rows by a regular expression.
func BenchmarkGemm(b *testing.B) {
	if !vectest.HasAVX512(b) {
		b.Skip("the shares of peak are those of the AVX-512 kernels")
	}
	m := vectest.New(b)
	peak, err := kernel.Peak("peak", vec.AVX512)
	require.NoError(b, err)
	families(b, m, gemms[:6], peak)
	m.Copy("testdata/gemmbench")
	fmt.Printf("%s", m.Run(os.Getenv("GEMM_BENCH")))
}

// BenchmarkEmit times the recording, allocation and printing of a large kernel, per line of assembly.
func BenchmarkEmit(b *testing.B) {
	lines := 0
	for b.Loop() {
		f, err := kernel.Gemm{Name: "g", Epilogue: residual}.Kernel(vec.AVX512, 14, kernel.PanelCols)
		require.NoError(b, err)
		lines += bytes.Count(f.Text, []byte("\n"))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(lines), "ns/line")
}

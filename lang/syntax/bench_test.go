package syntax_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/lang/syntax"
)

// longProgram is about 2,000 lines of real models.
func longProgram(t testing.TB) string {
	files, err := filepath.Glob("testdata/good/*.mm")
	require.NoError(t, err)
	var b strings.Builder
	for strings.Count(b.String(), "\n") < 2000 {
		for _, name := range files {
			src, err := os.ReadFile(name)
			require.NoError(t, err)
			b.Write(src)
		}
	}
	return b.String()
}

// BenchmarkParse holds the gate of 60 ms for 2,000 lines.
func BenchmarkParse(b *testing.B) {
	src := longProgram(b)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, found := syntax.Parse("long.mm", src); len(found) > 0 {
			b.Fatal(found)
		}
	}
	lines := strings.Count(src, "\n")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*lines), "us/line")
}

// Time on a shared machine proves little, allocations do: they are most of the cost and repeat exactly.
func TestParseAllocations(t *testing.T) {
	src := longProgram(t)
	perFile := testing.AllocsPerRun(3, func() { syntax.Parse("long.mm", src) })
	assert.Less(t, perFile/float64(strings.Count(src, "\n")), 100.0, "allocations per line")
}

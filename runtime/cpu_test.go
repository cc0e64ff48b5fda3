package rt

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseISA(t *testing.T) {
	for _, c := range []struct {
		name string
		best ISA
		want ISA
		err  string
	}{
		{"go", ISAGo, ISAGo, ""},
		{"go", ISAAVX512, ISAGo, ""},
		{"avx2", ISAAVX512, ISAAVX2, ""},
		{"avx512", ISAAVX512, ISAAVX512, ""},
		{"avx512", ISAAVX2, ISAGo, "MMC_ISA=avx512: this machine has no avx512, its best is avx2"},
		{"avx2", ISAGo, ISAGo, "MMC_ISA=avx2: this machine has no avx2, its best is go"},
		{"sse", ISAAVX512, ISAGo, "MMC_ISA=sse: no such instruction set; there are go, avx2 and avx512"},
		{"AVX2", ISAAVX512, ISAGo, "MMC_ISA=AVX2: no such instruction set; there are go, avx2 and avx512"},
	} {
		got, err := parseISA(c.name, c.best)
		assert.Equal(t, c.want, got, c.name)
		if c.err == "" {
			assert.NoError(t, err, c.name)
		} else {
			assert.EqualError(t, err, c.err)
		}
	}
	assert.Equal(t, "unknown", ISA(9).String())
}

func TestChooseISA(t *testing.T) {
	t.Setenv(ISAVariable, "go")
	got, err := ChooseISA()
	require.NoError(t, err)
	assert.Equal(t, ISAGo, got)
	t.Setenv(ISAVariable, "")
	got, err = ChooseISA()
	require.NoError(t, err)
	assert.Equal(t, bestISA(), got)
	t.Setenv(ISAVariable, "avx1024")
	_, err = ChooseISA()
	assert.Error(t, err)
}

func onAMD64(t *testing.T) {
	t.Helper()
	if runtime.GOARCH != "amd64" {
		t.Skip("only amd64 is asked")
	}
}

// cpuFlags is what the kernel knows of the processor, or a skip.
func cpuFlags(t *testing.T) map[string]bool {
	t.Helper()
	onAMD64(t)
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		t.Skip("no /proc/cpuinfo")
	}
	for line := range strings.SplitSeq(string(info), "\n") {
		if name, list, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "flags" {
			flags := map[string]bool{}
			for _, f := range strings.Fields(list) {
				flags[f] = true
			}
			return flags
		}
	}
	t.Skip("no flags in /proc/cpuinfo")
	return nil
}

func TestBestISAAgreesWithTheKernel(t *testing.T) {
	flags := cpuFlags(t)
	want := ISAGo
	if flags["avx2"] && flags["fma"] {
		want = ISAAVX2
		if flags["avx512f"] && flags["avx512dq"] && flags["avx512bw"] && flags["avx512vl"] {
			want = ISAAVX512
		}
	}
	assert.Equal(t, want, bestISA())
}

func TestCacheSizesAgreeWithTheKernel(t *testing.T) {
	onAMD64(t)
	got := CacheSizes()
	assert.LessOrEqual(t, got.L1, got.L2)
	assert.LessOrEqual(t, got.L2, got.L3)
	seen := 0
	for i := range 8 {
		dir := "/sys/devices/system/cpu/cpu0/cache/index" + strconv.Itoa(i) + "/"
		read := func(name string) string {
			b, _ := os.ReadFile(dir + name)
			return strings.TrimSpace(string(b))
		}
		kib, err := strconv.Atoi(strings.TrimSuffix(read("size"), "K"))
		if err != nil || read("type") == "Instruction" {
			continue
		}
		level := map[string]int{"1": got.L1, "2": got.L2, "3": got.L3}[read("level")]
		assert.Equal(t, kib<<10, level, dir)
		seen++
	}
	if seen == 0 {
		t.Skip("the kernel shows no caches")
	}
}

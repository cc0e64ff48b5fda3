package main

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// kernelRow is a line of the kernels' own benchmark.
type kernelRow struct {
	name                string
	gflops, share, best float64
	undisturbed, tries  int
}

var kernelLine = regexp.MustCompile(`(?m)^(.+?) +([0-9.]+) GFLOP/s +([0-9.]+) % of peak, the best tenth +([0-9.]+) % \(([0-9]+) of ([0-9]+) chunks`)

func parseKernels(text string) []kernelRow {
	var out []kernelRow
	for _, m := range kernelLine.FindAllStringSubmatch(text, -1) {
		number := func(i int) float64 { x, _ := strconv.ParseFloat(m[i], 64); return x }
		out = append(out, kernelRow{m[1], number(2), number(3), number(4), int(number(5)), int(number(6))})
	}
	return out
}

// kernelTargets are what the kernels shall reach, the first that matches a name: % of peak, or GFLOP/s of the portable ones.
var kernelTargets = []struct {
	name   *regexp.Regexp
	target float64
	scalar bool
}{
	{regexp.MustCompile(`^scalar`), 5, true},
	{regexp.MustCompile(`^gemm (256|384|512|768|1024)x[0-9x]+$`), 85, false},
	{regexp.MustCompile(`^conv 3x3/1 (64->64 @56|256->256 @14)$`), 80, false},
}

// kernelRows choose what the benchmark measures.
const kernelRows = `^gemm (256|384|512|768|1024)x|^conv 3x3/1|^scalar`

// kernels runs the matrix kernels' benchmark, which measures the peak in turns with each row.
func kernels(ctx context.Context, h *host, r *report) error {
	text, err := h.output(ctx, h.root, []string{"GEMM_BENCH=" + kernelRows}, "go", "test", "-run", "^$", "-bench", "^BenchmarkGemm$", "-benchtime", "1x", "./codegen/kernel")
	if err != nil {
		return err
	}
	rows := parseKernels(text)
	if len(rows) == 0 {
		return fmt.Errorf("the benchmark printed no rows (it needs AVX-512):\n%s", text)
	}
	ops := map[string][2]float64{}
	head := []string{"kernel", "GFLOP/s, best tenth", "% of peak, median", "best tenth", "counted chunks", "target"}
	if h.peers != nil {
		if ops, err = h.peers.ops(ctx); err != nil {
			r.remark(h, "The peers failed: %v", err)
		}
		head = append(head, "ONNX Runtime GFLOP/s", "PyTorch GFLOP/s")
	}
	t := newTable(head...)
	for _, row := range rows {
		if !h.only.MatchString(row.name) {
			continue
		}
		cells := []string{row.name, fmt.Sprintf("%.1f", row.gflops), fmt.Sprintf("%.0f", row.share), fmt.Sprintf("%.0f", row.best),
			fmt.Sprintf("%d of %d", row.undisturbed, row.tries), row.judge()}
		if h.peers != nil {
			peer := ops[peerOp(row.name)]
			cells = append(cells, rate(peer[0]), rate(peer[1]))
		}
		t.add(cells...)
	}
	r.table(h, t)
	r.remark(h, "Each chunk stands between two measurements of the peak, and counts where both are within 15 %% of the fastest ever seen. "+
		"`scalar` is the portable Go code of the same kernels. The peers run after us, not in turns: their columns are a lead.")
	return nil
}

func (k kernelRow) judge() string {
	for _, t := range kernelTargets {
		if t.name.MatchString(k.name) {
			if t.scalar {
				return judge(k.gflops, "≥", t.target)
			}
			return judge(k.share, "≥", t.target)
		}
	}
	return ""
}

func rate(x float64) string {
	if x == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f", x)
}

var square = regexp.MustCompile(`^gemm ([0-9]+)x([0-9]+)x([0-9]+)$`)

// peerOp is the peers' name of a row.
func peerOp(name string) string {
	if m := square.FindStringSubmatch(name); m != nil && m[1] == m[2] && m[2] == m[3] {
		return "matmul " + m[1]
	}
	return strings.TrimSpace(name)
}

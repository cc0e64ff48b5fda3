package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// kernelTime is one kernel call of a profile.
type kernelTime struct {
	Name   string  `json:"name"`
	Where  string  `json:"where"`
	Kernel string  `json:"kernel"`
	Flops  int64   `json:"flops,omitempty"`
	Bytes  int64   `json:"bytes"`
	Median float64 `json:"median_ms"`
	Best   float64 `json:"best_ms"`
}

// parseKernelTime reads a line of a runner's profile.
func parseKernelTime(line string) (kernelTime, error) {
	f := strings.Split(line, "\t")
	if len(f) != 7 {
		return kernelTime{}, fmt.Errorf("the runner printed %q", line)
	}
	var n [4]int64
	for i := range n {
		x, err := strconv.ParseInt(f[3+i], 10, 64)
		if err != nil {
			return kernelTime{}, err
		}
		n[i] = x
	}
	return kernelTime{f[0], f[1], f[2], n[0], n[1], float64(n[2]) / 1e6, float64(n[3]) / 1e6}, nil
}

// printProfile prints the kernel calls, the slowest first, with their shares, and their rates in the fastest call.
func printProfile(out io.Writer, list []kernelTime, wall float64) error {
	total := 0.0
	for _, k := range list {
		total += k.Median
	}
	slices.SortStableFunc(list, func(a, b kernelTime) int {
		switch {
		case a.Median > b.Median:
			return -1
		case a.Median < b.Median:
			return 1
		}
		return 0
	})
	w := tabwriter.NewWriter(out, 2, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "ms\tshare\tbest\tGFLOP/s\tGB/s\t\x20kernel\t\x20step\t")
	for _, k := range list {
		rate := ""
		if k.Flops > 0 {
			rate = fmt.Sprintf("%.1f", float64(k.Flops)/k.Best/1e6)
		}
		fmt.Fprintf(w, "%.4f\t%.1f %%\t%.4f\t%s\t%.1f\t %s\t %s\t\n", k.Median, 100*k.Median/total, k.Best, rate, float64(k.Bytes)/k.Best/1e6, k.Kernel, strings.TrimSpace(k.Name+" "+k.Where))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%d kernel calls: %.4g ms, %.0f %% of the call\n", len(list), total, 100*total/wall)
	return err
}

// Command parity runs the example models on the weights and inputs of the golden cases, on the float64 evaluator and as compiled
// packages, compares them with what PyTorch computed, and writes the table of the distances:
//
//	go run ./bench/parity                  # bench/parity.md, all cases: some minutes
//	go run ./bench/parity -only 'resnet' -o ''
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"strings"
	"time"

	"mmc/internal/golden"
	"mmc/internal/parity"
)

const head = `# Parity

Example models on the weights and inputs of the golden cases, against what PyTorch computed in float64. Errors are relative: the root
mean square of the difference by that of the expected tensor, and the worst tensor counts: the output, or, of a training, the gradients
of the first step, and every parameter and statistic after the last one, and how far it moved.

- **evaluator**: the reference evaluator, in float64. Expected outputs are stored as float32, losses and digests as float64.
- **float32**: the compiled package; **by PyTorch's** is its error in multiples of that of PyTorch's own float32 run (1e-7 at least), in
  the tensor where it is largest. Up to 8 pass.
- **units**: ReLUs and maxima that took the other side in float32. Where there are some, the float64 run that is compared with has them
  on the same side.
- **ms** of a call or step of the case's batch, one thread; taken in passing, so see networks.md and training.md for speed.

`

func main() {
	only := flag.String("only", "", "regular expression: the cases to run")
	out := flag.String("o", "bench/parity.md", "file to write; '' for none")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *only, *out); err != nil {
		fmt.Fprintln(os.Stderr, "parity:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, only, out string) error {
	wanted, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mmc-parity-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var table strings.Builder
	add := func(format string, args ...any) {
		line := fmt.Sprintf(format+"\n", args...)
		table.WriteString(line)
		fmt.Print(line)
	}
	add("| %-14s | %11s | %9s | %9s | %12s | %5s | %8s |", "case", "parameters", "evaluator", "float32", "by PyTorch's", "units", "ms")
	add("|:%s-|-%s:|-%s:|-%s:|-%s:|-%s:|-%s:|", dashes(14), dashes(11), dashes(9), dashes(9), dashes(12), dashes(5), dashes(8))
	var failed error
	for _, c := range parity.Cases {
		if !wanted.MatchString(c.Name) || ctx.Err() != nil {
			continue
		}
		exact, err := parity.Measure(c, parity.Reference{})
		got, err2 := parity.Measure(c, parity.Compiled{Dir: dir, Exact: golden.Direct, Times: 5})
		if err := errors.Join(err, err2); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		worst := worstOf(got.Reports)
		add("| %-14s | %11d | %9.1e | %9.1e | %12.2f | %5d | %8.3g |", c.Name, got.Parameters, largest(exact.Reports), worst.RelRMS, golden.Direct.Times(worst), got.Units, got.Millis)
	}
	if failed != nil || out == "" || ctx.Err() != nil {
		return errors.Join(failed, ctx.Err())
	}
	text := head + fmt.Sprintf("%s · %s/%s · %s\n\n    go run ./bench/parity\n\n", time.Now().UTC().Format("2006-01-02"), runtime.GOOS, runtime.GOARCH, runtime.Version())
	return os.WriteFile(out, []byte(text+table.String()), 0o666)
}

func dashes(n int) string { return strings.Repeat("-", n) }

// worstOf is the report that is furthest off, by what it is allowed.
func worstOf(reports []golden.Report) (worst golden.Report) {
	for i, r := range reports {
		if i == 0 || r.RelRMS*worst.Allowed > worst.RelRMS*r.Allowed {
			worst = r
		}
	}
	return worst
}

func largest(reports []golden.Report) (x float64) {
	for _, r := range reports {
		x = max(x, r.RelRMS)
	}
	return x
}

package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// peers are other systems, timed by a script that lies outside of the repository.
type peers struct {
	host     *host
	script   string
	versions string
}

// findPeers returns nil, and says why, where there are no peers.
func findPeers(ctx context.Context, h *host) *peers {
	shared := h.shared
	if shared == "" {
		shared = os.Getenv("MMC_SHARED")
	}
	if shared == "" {
		shared = filepath.Join(filepath.Dir(h.root), "shared")
	}
	script, err := filepath.Abs(filepath.Join(shared, "peers", "peers.py"))
	if err == nil {
		_, err = os.Stat(script)
	}
	switch {
	case h.python == "":
		fmt.Fprintln(h.stdout, "note: no peers: name a Python with -python")
		return nil
	case err != nil:
		fmt.Fprintln(h.stdout, "note: no peers:", err)
		return nil
	}
	versions, err := h.output(ctx, "", nil, h.python, "-c",
		"import torch, onnxruntime as o; print('PyTorch', torch.__version__.split('+')[0] + ', ONNX Runtime', o.__version__)")
	if err != nil {
		fmt.Fprintln(h.stdout, "note: no peers:", err)
		return nil
	}
	return &peers{h, script, versions}
}

// run times a model of the peers in turns with a command of ours, whose last line is its milliseconds. It returns the median
// of the rounds by name: torch, onnxruntime, mmc.
func (p *peers) run(ctx context.Context, model string, command []string) (map[string]float64, error) {
	list := "torch,onnxruntime"
	file := filepath.Join(p.host.scratch, "peers.json")
	_, err := p.host.output(ctx, p.host.root, nil, p.host.python, p.script, "run", model, "--peers", list,
		"--threads", strconv.Itoa(p.host.threads), "--seconds", fmt.Sprint(p.host.seconds), "--rounds", strconv.Itoa(p.host.rounds),
		"--with", "mmc="+shellQuote(command), "--json", file)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var rows []map[string]any
	// A peer that failed has NaN, which JSON does not know.
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(data), ": NaN", ": null")), &rows); err != nil || len(rows) != 1 {
		return nil, fmt.Errorf("the peers' result %q: %w", data, err)
	}
	out := map[string]float64{}
	for name, v := range rows[0] {
		if x, ok := v.(float64); ok && !math.IsNaN(x) {
			out[name] = x
		}
	}
	return out, nil
}

// shellQuote writes a command for a shell, and for the script, which fills in what stands in braces.
func shellQuote(command []string) string {
	var words []string
	for _, w := range command {
		words = append(words, "'"+strings.NewReplacer("'", `'\''`, "{", "{{", "}", "}}").Replace(w)+"'")
	}
	return strings.Join(words, " ")
}

// trainScript times one training step of the peers' list.
//
//go:embed train.py
var trainScript string

// train returns the milliseconds of PyTorch's eager step.
func (p *peers) train(ctx context.Context, label string) (float64, error) {
	n := strconv.Itoa(p.host.threads)
	text, err := p.host.output(ctx, p.host.root, []string{"OMP_NUM_THREADS=" + n, "MKL_NUM_THREADS=" + n}, p.host.python, "-c", trainScript,
		filepath.Dir(p.script), label, n, fmt.Sprint(p.host.seconds))
	if err != nil {
		return 0, err
	}
	return lastNumber(text)
}

// ops returns GFLOP/s of ONNX Runtime and PyTorch by the script's names of single operators.
func (p *peers) ops(ctx context.Context) (map[string][2]float64, error) {
	file := filepath.Join(p.host.scratch, "ops.json")
	_, err := p.host.output(ctx, p.host.root, nil, p.host.python, p.script, "ops", "--threads", strconv.Itoa(p.host.threads), "--seconds", "0.3", "--json", file)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		Op                 string
		Onnxruntime, Torch float64
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		return nil, err
	}
	out := map[string][2]float64{}
	for _, r := range rows {
		out[r.Op] = [2]float64{r.Onnxruntime, r.Torch}
	}
	return out, nil
}

// lastNumber is the last line of a program's output.
func lastNumber(text string) (float64, error) {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strconv.ParseFloat(strings.TrimSpace(lines[len(lines)-1]), 64)
}

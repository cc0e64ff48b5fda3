package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// program is a graph of an example at fixed sizes, and what the peers call it.
type program struct {
	name, peer         string
	file, model, graph string
	dims               []string
	target             float64 // the largest ratio to the peer, 0 for none
	limit              float64 // the largest time in ms, 0 for none
	repeat             int
}

var networkList = []program{
	{name: "lenet5", peer: "lenet5", file: "lenet5/lenet5.mm", graph: "classify", dims: []string{"N=1"}, limit: 0.030, repeat: 5000},
	{name: "vae decode", peer: "vae_decode", file: "vae/vae.mm", graph: "decode", dims: []string{"N=1"}, repeat: 5000},
	{name: "alexnet", peer: "alexnet", file: "alexnet/alexnet.mm", graph: "classify", dims: []string{"N=1"}, repeat: 20},
	{name: "resnet18", peer: "resnet18", file: "resnet/resnet.mm", model: "ResNet18", graph: "classify", dims: []string{"N=1", "H=224", "W=224"}, repeat: 20},
	{name: "resnet50", peer: "resnet50", file: "resnet/resnet.mm", model: "ResNet50", graph: "classify", dims: []string{"N=1", "H=224", "W=224"}, target: 1.4, repeat: 15},
	{name: "googlenet", peer: "googlenet", file: "googlenet/googlenet.mm", graph: "classify", dims: []string{"N=1", "H=224", "W=224"}, repeat: 20},
	{name: "vgg16", peer: "vgg16", file: "vgg16/vgg16.mm", model: "VGG16", graph: "classify", dims: []string{"N=1"}, repeat: 7},
	{name: "unet 64..1024 at 256x256", peer: "unet", file: "unet/unet.mm", model: "UNet", graph: "segment", dims: []string{"N=1", "H=256", "W=256"}, target: 1.4, repeat: 5},
}

var trainingList = []program{
	{name: "lenet5 b64 adam", peer: "lenet5 b64 adam", file: "lenet5/lenet5.mm", graph: "step", dims: []string{"N=64"}, target: 1.2, repeat: 200},
	{name: "vae b128 adam", peer: "vae b128 adam", file: "vae/vae.mm", graph: "elbo", dims: []string{"N=128"}, target: 1.2, repeat: 200},
	{name: "resnet18 b8 224x224 sgd", peer: "resnet18 b8 3x224x224 sgd", file: "resnet/resnet.mm", model: "ResNet18", graph: "step",
		dims: []string{"N=8", "H=224", "W=224"}, repeat: 3},
}

// command times the program with mmc; the last line of its output is the median in milliseconds.
func (p program) command(h *host, extra ...string) []string {
	out := []string{h.mmc, "bench", "examples/" + p.file, "--graph", p.graph, "--seed", "1", "--threads", strconv.Itoa(h.threads), "--repeat", strconv.Itoa(p.repeat)}
	if p.model != "" {
		out = append(out, "--model", p.model)
	}
	for _, d := range p.dims {
		out = append(out, "--dim", d)
	}
	return append(out, extra...)
}

// own is the median of some rounds without peers, or the first failure.
func (p program) own(ctx context.Context, h *host, rounds int) (float64, error) {
	c := p.command(h)
	var all []float64
	for range rounds {
		text, err := h.output(ctx, h.root, nil, c[0], c[1:]...)
		if err != nil {
			return 0, err
		}
		x, err := lastNumber(text)
		if err != nil {
			return 0, err
		}
		all = append(all, x)
	}
	return median(all), nil
}

func median(x []float64) float64 {
	slices.Sort(x)
	if len(x) == 0 {
		return 0
	}
	return x[len(x)/2]
}

// flops are the multiply-adds of the graph, times two.
func (p program) flops(ctx context.Context, h *host) float64 {
	args := []string{"stats", "examples/" + p.file, "--json"}
	if p.model != "" {
		args = append(args, "--model", p.model)
	}
	for _, d := range p.dims {
		args = append(args, "--dim", d)
	}
	text, err := h.output(ctx, h.root, nil, h.mmc, args...)
	if err != nil {
		return 0
	}
	var r struct {
		Graphs []struct {
			Name  string
			FLOPs struct{ Value float64 }
		}
	}
	if json.Unmarshal([]byte(text), &r) != nil {
		return 0
	}
	for _, g := range r.Graphs {
		if g.Name == p.graph {
			return g.FLOPs.Value
		}
	}
	return 0
}

// networks times whole models in turns with the peers.
func networks(ctx context.Context, h *host, r *report) error {
	peak, err := h.peak(ctx)
	if err != nil {
		return err
	}
	t := newTable("network", "mmc ms", "GFLOP/s", "% of peak", "ONNX Runtime ms", "mmc/ORT", "PyTorch ms", "mmc/PyTorch", "target")
	var profiles []string
	for _, p := range networkList {
		if !h.only.MatchString(p.name) {
			continue
		}
		row, profile := p.network(ctx, h, peak)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		fmt.Fprintln(h.stdout, strings.Join(row, "  "))
		t.add(row...)
		profiles = append(profiles, profile...)
	}
	r.table(h, t)
	r.remark(h, "%d thread(s); the FMA peak just before was %.1f GFLOP/s. With peers, %d rounds in turns (PyTorch, ONNX Runtime, mmc), each the median of its calls; the median round counts.",
		h.threads, peak, h.rounds)
	r.profiles(h, profiles)
	return nil
}

// network measures one row. The first call of ours builds the program, so that no round does, and its failure is the row.
func (p program) network(ctx context.Context, h *host, peak float64) (row, profile []string) {
	ours, err := p.own(ctx, h, 1)
	if err != nil {
		return []string{p.name, "fails: " + brief(err), "", "", "", "", "", "", ""}, nil
	}
	got := map[string]float64{"mmc": ours}
	if h.peers == nil {
		got["mmc"], err = p.own(ctx, h, h.rounds)
	} else {
		got, err = h.peers.run(ctx, p.peer, p.command(h))
	}
	if err != nil {
		return []string{p.name, "fails: " + brief(err), "", "", "", "", "", "", ""}, nil
	}
	x, ort, torch := got["mmc"], got["onnxruntime"], got["torch"]
	rate := p.flops(ctx, h) / x / 1e6
	goal := judge(x, "≤", p.limit)
	if p.target > 0 && ort > 0 {
		goal = judge(x/ort, "≤", p.target)
	}
	row = []string{p.name, ms(x), fmt.Sprintf("%.1f", rate), fmt.Sprintf("%.0f", 100*rate/peak/float64(h.threads)), ms(ort), ratio(x, ort), ms(torch), ratio(x, torch), goal}
	return row, p.profile(ctx, h)
}

// profile is the table of the slowest kernels, where it was asked for.
func (p program) profile(ctx context.Context, h *host) []string {
	if !h.options.profile {
		return nil
	}
	c := p.command(h, "--profile")
	text, err := h.output(ctx, h.root, nil, c[0], c[1:]...)
	if err != nil {
		text = brief(err)
	}
	return []string{"## " + p.name + "\n\n    " + strings.ReplaceAll(text, "\n", "\n    ")}
}

func (r *report) profiles(h *host, list []string) {
	for _, text := range list {
		r.remark(h, "%s", text)
	}
}

// brief is the first line of an error, short enough for a table.
func brief(err error) string {
	text := err.Error()
	if _, after, ok := strings.Cut(text, "exit status 1: "); ok {
		text = after
	}
	text, _, _ = strings.Cut(text, "\n")
	runes := []rune(strings.ReplaceAll(text, "|", "/"))
	return string(runes[:min(len(runes), 100)])
}

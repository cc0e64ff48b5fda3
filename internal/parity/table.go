package parity

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"mmc/internal/golden"
	"mmc/interop/tensor"
)

// Case pairs a golden case with the model that answers it.
type Case struct {
	Name  string // of the golden case
	File  string
	Model string
	Set   map[string]string
	Graph string            // the graph that each step calls
	Other map[string]string // graphs of the steps that have names of their own
	Big   bool              // takes the evaluator more than some seconds
	Kinks bool              // units may change sides in float32: see kinks.go
	First moment            // of a training case: where the gradients of the first step are read off
}

// moment is an optimiser's slot that holds scale * (gradient + decay * parameter) after one step from zero.
type moment struct {
	slot         string
	scale, decay float64
}

// Cases lists all.
var Cases = []Case{
	{Name: "lenet5", File: example("lenet5"), Graph: "classify"},
	{Name: "alexnet", File: example("alexnet"), Graph: "classify", Big: true},
	{Name: "vgg16", File: example("vgg16"), Model: "VGG16", Graph: "classify", Big: true},
	{Name: "googlenet", File: example("googlenet"), Graph: "classify", Big: true},
	{Name: "inception_v3", File: example("inception_v3"), Graph: "classify", Big: true},
	{Name: "resnet18", File: example("resnet"), Model: "ResNet18", Graph: "classify", Big: true},
	{Name: "resnet50", File: example("resnet"), Model: "ResNet50", Graph: "classify", Big: true},
	{Name: "resnet152", File: example("resnet"), Model: "ResNet152", Graph: "classify", Big: true},
	{Name: "unet", File: example("unet"), Model: "UNet", Graph: "segment", Big: true},
	{Name: "unet_1015", File: example("unet"), Model: "UNet2015", Graph: "segment", Big: true},
	{Name: "vae", File: example("vae"), Graph: "reconstruct"},
	{Name: "train_lenet5", File: example("lenet5"), Graph: "step", First: moment{"m", 0.1, 0}},
	{Name: "train_vae", File: example("vae"), Graph: "elbo", First: moment{"m", 0.1, 0}},
	{Name: "train_gan", File: example("gan"), Graph: "step", First: moment{"m", 0.5, 0}},
	{
		Name: "train_wgan_gp", File: example("wgan_gp"), Graph: "critic", Other: map[string]string{"generator": "generator"},
		First: moment{"m", 1, 0},
	},
	{
		Name: "train_resnet18", File: example("resnet"), Model: "ResNet18", Graph: "step", Big: true,
		Set: map[string]string{"classes": "10", "lr": "0.003"}, Kinks: true, First: moment{"v", 1, 1e-4},
	},
	{
		Name: "train_unet", File: example("unet"), Model: "UNet", Graph: "step", Big: true,
		Set: map[string]string{"inputs": "3", "classes": "1", "width": "8"}, Kinks: true, First: moment{"m", 0.1, 0},
	},
}

func example(name string) string { return path.Join("examples", name, name+".mm") }

// calls makes one call of a forward case, or one for each step of a training case.
func (c Case) calls(g *golden.Case) ([]Call, error) {
	steps := g.Steps()
	if len(steps) == 0 {
		all, err := g.Inputs()
		in := Tensors{}
		for _, x := range all {
			in[x.Name] = x.Tensor
		}
		return []Call{{c.Graph, in}}, err
	}
	var calls []Call
	for _, step := range steps {
		in, err := g.Step(step)
		if err != nil {
			return nil, err
		}
		graph := c.Graph
		if other := c.Other[step]; other != "" {
			graph = other
		}
		calls = append(calls, Call{graph, in})
	}
	return calls, nil
}

// judgeFirstStep compares losses and gradients of the first step.
func (c Case) judgeFirstStep(g *golden.Case, a answer, tol golden.Tolerance) ([]golden.Report, error) {
	var err error
	for name, t := range a.first.Results[0] {
		if g.Losses()[name] == nil {
			continue
		}
		x, notFloat := t.Float64s()
		err = errors.Join(err, notFloat, g.CompareLoss(name, 0, x[0], tol))
	}
	gradients, wrong := c.gradients(a)
	reports, different := g.CompareGradients(gradients, tol)
	return reports, errors.Join(err, wrong, different)
}

// gradients reads the first step's gradients off the optimisers' slots. Those of parameters that the first step does not update are
// those of their only step, in the whole run.
func (c Case) gradients(a answer) (Tensors, error) {
	first, err := c.First.gradients(a.first.Slots, a.weights)
	if err != nil {
		return nil, err
	}
	later, err := c.First.gradients(a.whole.Slots, a.weights)
	for name, t := range later {
		if first[name] == nil {
			first[name] = t
		}
	}
	return first, err
}

// gradients computes them from slots, which are named optimizer/slot/parameter. A slot that is all zeros has seen no step.
func (m moment) gradients(slots, weights Tensors) (Tensors, error) {
	out := Tensors{}
	for name, t := range slots {
		_, rest, _ := strings.Cut(name, "/")
		slot, param, ok := strings.Cut(rest, "/")
		if !ok || slot != m.slot {
			continue
		}
		values, err := t.Float64s()
		if err != nil {
			return nil, fmt.Errorf("slot %s: %w", name, err)
		}
		if !slices.ContainsFunc(values, func(v float64) bool { return v != 0 }) {
			continue
		}
		start, err := weights[param].Float64s()
		if err != nil {
			return nil, err
		}
		g := make([]float64, len(values))
		for i, v := range values {
			g[i] = v/m.scale - m.decay*start[i]
		}
		out[param] = &tensor.Tensor{Shape: t.Shape, Data: g}
	}
	return out, nil
}

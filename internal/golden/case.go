// Package golden reads the golden cases: networks with drawn weights, their inputs, and the results and training steps that PyTorch
// computed for them in float64, with PyTorch's own float32 error beside each. Weights are not stored: they are drawn from a
// counter-based generator by the tensor's name (recipe.go), so a case of a hundred million parameters is a few kilobytes.
//
// Cases lie in testdata/golden of the module; those not copied there, and the photographs and digits that some take as inputs, are
// found through Shared. The package is free of the compiler: it serves the tests of every stage alike.
package golden

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mmc/interop/npy"
	"mmc/interop/tensor"
	rt "mmc/runtime"
)

// Case is one golden case. The exported fields are for reading what a test needs beside tensors.
type Case struct {
	Name, Source, About string
	Parameters          int            // trainable elements, running statistics left out
	Hyper               map[string]any // hyperparameters of network and optimizer
	Layers              string
	Notes               []string
	Trace               []Trace // of the first step, by module in the order of finishing

	dir  string
	spec spec
}

// Trace is the digest of a module's first result, to find where a difference starts.
type Trace struct {
	Module string
	Shape  []int
	RMS    float64
	First  []float64
}

// spec is the rest of case.json.
type spec struct {
	Weights, Inputs  []source
	Outputs          []Output
	Losses, Numbers  series
	Gradients, After []Digest
	LossError        float64 `json:"torch_f32_loss_rel_max"`
}

// source says where a tensor's values come from; exactly one of the fields after DType is set.
type source struct {
	Name    string
	Shape   []int
	DType   tensor.DType
	Uniform []float64
	Normal  bool
	Values  []float64
	File    string
	Dataset *dataset
	TiedTo  string `json:"tied_to"`
}

// Output is an expected result: the full tensor in a file, or samples of it.
type Output struct {
	Name   string
	Shape  []int
	DType  tensor.DType
	RMS    float64
	Argmax []int // over the last axis, or nil

	Error   float64 `json:"torch_f32_rel_rms"` // PyTorch's own, in float32
	File    string
	Samples *Samples
}

// Samples are values at flat indices.
type Samples struct {
	Index []int
	Value []float64
}

// Digest is what is kept of a gradient or of a tensor after the last step: samples and two numbers of the whole.
type Digest struct {
	Name  string
	Shape []int
	RMS   float64
	Error float64 `json:"torch_f32_rel_rms"`
	Zero  bool    // zero but for rounding: not to be compared
	Samples

	Moved      float64 `json:"moved_rms"` // how far it went from its initial value
	MovedError float64 `json:"torch_f32_moved_rel_rms"`
}

// Load reads the case of that name. A case that is neither in testdata nor in the shared folder is ErrAbsent.
func Load(name string) (*Case, error) {
	dir, err := caseDir(name)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(dir, "case.json"))
	if err != nil {
		return nil, err
	}
	c := &Case{dir: dir}
	if err := errors.Join(json.Unmarshal(text, c), json.Unmarshal(text, &c.spec)); err != nil {
		return nil, fmt.Errorf("golden case %s: %w", name, err)
	}
	return c, nil
}

// Open is Load for tests: it skips where the case is absent.
func Open(t testing.TB, name string) *Case {
	t.Helper()
	c, err := Load(name)
	SkipIfAbsent(t, err)
	return c
}

func caseDir(name string) (string, error) {
	root, err := ModuleRoot()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, "testdata", "golden", name)
	if _, err := os.Stat(filepath.Join(dir, "case.json")); err == nil {
		return dir, nil
	}
	return SharedFile("reference", name)
}

// Weights draws all weights in the order of the case. A tied weight appears under its own name with the other's data.
func (c *Case) Weights() ([]tensor.Named, error) {
	byName := map[string]*tensor.Tensor{}
	var all []tensor.Named
	for _, w := range c.spec.Weights {
		t, err := byName[w.TiedTo], error(nil)
		if w.TiedTo == "" {
			t, err = c.materialize(w)
		}
		if err != nil {
			return nil, fmt.Errorf("golden case %s, weight %s: %w", c.Name, w.Name, err)
		}
		byName[w.Name] = t
		all = append(all, tensor.Named{Name: w.Name, Tensor: t})
	}
	return all, nil
}

// WeightMap is Weights by name.
func (c *Case) WeightMap() (map[string]*tensor.Tensor, error) {
	all, err := c.Weights()
	return byName(all), err
}

// Inputs makes all inputs in the order of the case: f32, or i64 for labels and token numbers. Inputs of a training case are named
// step0/images; see Step. ErrAbsent says that an input needs a data set that is not there.
func (c *Case) Inputs() ([]tensor.Named, error) { return c.inputs("") }

// Step makes the inputs of one group of a training case, without its prefix: Step("3") has images for step3/images (cases with
// more than ten steps number them 00, 01, ..), Step("generator") those that are named generator/.
func (c *Case) Step(group string) (map[string]*tensor.Tensor, error) {
	all, err := c.inputs(group + "/")
	if err != nil || len(all) == 0 {
		all, err = c.inputs("step" + group + "/")
	}
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("golden case %s has no inputs of step %s", c.Name, group)
	}
	return byName(all), err
}

// Steps lists the groups of a training case's inputs in order, as Step takes them.
func (c *Case) Steps() []string {
	var groups []string
	seen := map[string]bool{}
	for _, in := range c.spec.Inputs {
		group, _, ok := strings.Cut(strings.TrimPrefix(in.Name, "step"), "/")
		if ok && !seen[group] {
			seen[group] = true
			groups = append(groups, group)
		}
	}
	return groups
}

// inputs makes the inputs whose names start with prefix, and cuts it off. The suffix of a retried draw (images.3) is part of the
// generator's key, not of the input's name.
func (c *Case) inputs(prefix string) ([]tensor.Named, error) {
	var all []tensor.Named
	for _, in := range c.spec.Inputs {
		name, ok := strings.CutPrefix(in.Name, prefix)
		if !ok {
			continue
		}
		t, err := c.materialize(in)
		if err != nil {
			return nil, fmt.Errorf("golden case %s, input %s: %w", c.Name, in.Name, err)
		}
		if prefix != "" {
			name = strings.TrimRight(strings.TrimRight(name, "0123456789"), ".")
		}
		all = append(all, tensor.Named{Name: name, Tensor: t})
	}
	return all, nil
}

func byName(all []tensor.Named) map[string]*tensor.Tensor {
	m := make(map[string]*tensor.Tensor, len(all))
	for _, t := range all {
		m[t.Name] = t.Tensor
	}
	return m
}

// Outputs lists the expected results.
func (c *Case) Outputs() []Output { return c.spec.Outputs }

func (c *Case) materialize(s source) (*tensor.Tensor, error) {
	n, err := rt.Count(s.Shape)
	if err != nil {
		return nil, err
	}
	key := c.Name + "/" + s.Name
	switch {
	case s.File != "":
		return npy.ReadFile(filepath.Join(c.dir, s.File))
	case s.Dataset != nil:
		return s.Dataset.read(s.Shape, s.DType)
	case s.Values != nil:
		return listed(s)
	case s.Normal:
		return tensor.Of(s.Shape, normal(key, n))
	case len(s.Uniform) != 2:
		return nil, errors.New("case.json does not say where its values come from")
	case s.DType == tensor.I64:
		return tensor.Of(s.Shape, integers(key, s.Uniform[0], s.Uniform[1], n))
	}
	return tensor.Of(s.Shape, uniform(key, s.Uniform[0], s.Uniform[1], n))
}

func listed(s source) (*tensor.Tensor, error) {
	if s.DType == tensor.I64 {
		return tensor.Of(s.Shape, mapped(s.Values, func(v float64) int64 { return int64(v) }))
	}
	return tensor.Of(s.Shape, mapped(s.Values, func(v float64) float32 { return float32(v) }))
}

func mapped[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

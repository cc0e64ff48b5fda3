package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"

	"mmc/interop"
	"mmc/interop/tensor"
	"mmc/ir"
	"mmc/ir/dtype"
	rt "mmc/runtime"
)

// benchCmd is mmc bench.
type benchCmd struct {
	File  string      `arg:"" optional:"" help:"The .mm file." type:"path"`
	Model string      `help:"The model, where the file holds several." placeholder:"NAME"`
	Set   assignments `help:"Set a hyperparameter." placeholder:"NAME=VALUE"`
	callFlags
	Repeat  int  `help:"Calls to time, after as many tenths of warm-up." default:"50"`
	Profile bool `help:"Time every kernel call as well, and print the slowest first."`
	JSON    bool `help:"Print as JSON." name:"json"`
	Peak    bool `help:"Measure the machine's peak of fused multiply-adds instead."`
}

// Help is shown by mmc bench --help.
func (benchCmd) Help() string {
	return "Arguments without --input are random; --dim gives their sizes.\n\nExamples:\n  mmc bench resnet.mm --model ResNet50 --seed 1 --dim N=1 --threads 1\n  mmc bench --peak\n\nThe last line of output is the median in milliseconds."
}

// latency is the result of a bench.
type latency struct {
	Median  float64      `json:"median_ms"`
	P10     float64      `json:"p10_ms"`
	P90     float64      `json:"p90_ms"`
	Calls   int          `json:"calls"`
	Kernels []kernelTime `json:"kernels,omitempty"`
}

// Run times the graph.
func (c *benchCmd) Run(e *env) error {
	switch {
	case c.Peak:
		return e.peak(c.JSON)
	case c.File == "":
		return misuse("bench needs a .mm file, or --peak")
	case c.Repeat < 1:
		return misuse("--repeat %d: at least one call has to be timed", c.Repeat)
	}
	f := modelFlags{File: c.File, Model: c.Model, Set: c.Set}
	module, _, err := e.module(f)
	if err != nil {
		return err
	}
	call, err := c.prepare(e, module)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mmc-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	args, err := c.runnerArgs(c.File, dir, call)
	if err != nil {
		return err
	}
	binary, err := e.runner(f, c.Profile)
	if err != nil {
		return err
	}
	var times bytes.Buffer
	quiet := *e
	quiet.out = &times
	warm := 1 + c.Repeat/10
	flags := []string{"-repeat", strconv.Itoa(c.Repeat), "-warm", strconv.Itoa(warm)}
	if c.Profile {
		flags = append(flags, "-profile")
	}
	if err := quiet.execute(binary, append(flags, args...)); err != nil {
		return err
	}
	return c.print(e, times.String())
}

// prepare chooses the graph, reads the arguments that are given and makes the others at random.
func (c *benchCmd) prepare(e *env, m *ir.Module) (call, error) {
	g, err := c.chooseGraph(m, nil)
	if err != nil {
		return call{}, err
	}
	inputs, err := c.readInputs(e, g)
	if err != nil {
		return call{}, err
	}
	made, err := c.random(g)
	return call{g, append(inputs, made...)}, err
}

func (c *benchCmd) print(e *env, text string) error {
	var ms []float64
	var kernels []kernelTime
	for line := range strings.Lines(strings.TrimSpace(text)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.Contains(line, "\t") {
			k, err := parseKernelTime(line)
			if err != nil {
				return err
			}
			kernels = append(kernels, k)
			continue
		}
		x, err := strconv.ParseFloat(line, 64)
		if err != nil {
			return err
		}
		ms = append(ms, x)
	}
	slices.Sort(ms)
	r := latency{Median: ms[len(ms)/2], P10: ms[len(ms)/10], P90: ms[len(ms)*9/10], Calls: len(ms), Kernels: kernels}
	if c.JSON {
		return json.NewEncoder(e.out).Encode(r)
	}
	if len(kernels) > 0 {
		if err := printProfile(e.out, kernels, r.Median); err != nil {
			return err
		}
	}
	fmt.Fprintf(e.out, "median %.4g ms, 10%% %.4g ms, 90%% %.4g ms over %d calls\n%g\n", r.Median, r.P10, r.P90, r.Calls, r.Median)
	return nil
}

// random makes the arguments that are not given.
func (c *benchCmd) random(g *ir.Graph) ([]interop.Named, error) {
	source := rand.New(rand.NewPCG(1, 2))
	var out []interop.Named
	for _, a := range g.Args {
		if _, given := c.Input[a.Name]; given || a.Role != ir.Input || a.Default != nil || a.Optional {
			continue
		}
		var shape []int
		for _, d := range a.Value.Type.Shape {
			v, err := g.Facts.Original(d).Eval(func(s string) (int64, bool) { v, ok := c.Dim[s]; return v, ok })
			if err != nil {
				return nil, misuse("%s is %s: give its sizes with --dim", a.Name, typeText(g, a.Value.Type))
			}
			shape = append(shape, int(v))
		}
		t, err := randomTensor(a.Value.Type.DType, shape, source)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.Name, err)
		}
		out = append(out, interop.Named{Name: a.Name, Tensor: t})
	}
	return out, nil
}

// bytesPerRandom is what an element takes on its way: a number, an element, and its copy in a file.
const bytesPerRandom = 16

// randomTensor makes a plausible argument: reals in 0..1, integers 0 or 1.
func randomTensor(t dtype.DType, shape []int, r *rand.Rand) (*tensor.Tensor, error) {
	n, err := rt.Count(append(slices.Clone(shape), bytesPerRandom))
	if err == nil {
		err = rt.Afford(n)
	}
	if err != nil {
		return nil, err
	}
	n /= bytesPerRandom
	values := make([]float64, n)
	for i := range values {
		if t.IsFloat() {
			values[i] = r.Float64()
		} else {
			values[i] = float64(r.IntN(2))
		}
	}
	if t == dtype.F32 {
		return tensor.Of(shape, convert(values, func(x float64) float32 { return float32(x) }))
	}
	return fileTensor(&ir.Tensor{DType: t, Shape: shape, Data: values})
}

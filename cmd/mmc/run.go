package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"mmc/interop"
	"mmc/interop/tensor"
	"mmc/ir"
)

// runCmd is mmc run.
type runCmd struct {
	modelFlags
	callFlags
	Output map[string]string `help:"Write a result to a file: --output image=sharp.png. Without any, results are summed up on the terminal." placeholder:"NAME=FILE"`
	Eval   bool              `help:"Use the float64 reference evaluator instead of compiling."`
}

// callFlags say how a graph is called.
type callFlags struct {
	Graph   string            `help:"The graph, where the model has several." placeholder:"NAME"`
	Weights string            `help:"The weights. Without this and --seed, NAME.safetensors beside NAME.mm." placeholder:"F.safetensors" type:"path"`
	Seed    *uint64           `help:"Draw the weights (and all other random numbers) from this seed." placeholder:"N"`
	Input   map[string]string `help:"Read an argument from a file: .npy .npz .safetensors .png .jpg .wav .txt." placeholder:"NAME=FILE"`
	Dim     map[string]int64  `help:"A size that no argument tells: --dim N=8." placeholder:"NAME=SIZE"`
	Threads int               `help:"Threads; 0 means all." default:"0"`
}

// Help is shown by mmc run --help.
func (runCmd) Help() string {
	return "Examples:\n  mmc run superres.mm --input image=photo.png --output image=sharp.png\n  mmc run vae.mm --graph sample --dim N=16 --seed 1 --output output=grid.png\n  mmc run lenet5.mm --seed 1 --input image=digit.npy --eval"
}

// Run calls the graph once.
func (c *runCmd) Run(e *env) error {
	module, _, err := e.module(c.modelFlags)
	if err != nil {
		return err
	}
	g, err := c.chooseGraph(module, c.Output)
	if err != nil {
		return err
	}
	if err := c.checkNames(g, c.Output); err != nil {
		return err
	}
	inputs, err := c.readInputs(e, g)
	if err != nil {
		return err
	}
	call := c.evaluate
	if !c.Eval {
		call = c.compiled
	}
	results, err := call(e, module, g, inputs)
	if err != nil {
		return err
	}
	return c.deliver(e, results)
}

// chooseGraph returns the graph to run: the named one, else the only one for inference whose arguments and results have
// the names that the command line uses.
func (c *callFlags) chooseGraph(m *ir.Module, outputs map[string]string) (*ir.Graph, error) {
	var inference []*ir.Graph
	var signatures []string
	for _, g := range m.Graphs {
		signatures = append(signatures, "  "+signature(g))
		if g.Name == c.Graph {
			return g, nil
		}
		if !g.Train && c.checkNames(g, outputs) == nil {
			inference = append(inference, g)
		}
	}
	if c.Graph == "" && len(inference) == 1 {
		return inference[0], nil
	}
	problem := "choose a graph with --graph"
	if c.Graph != "" {
		problem = "there is no graph " + c.Graph
	}
	return nil, usageError{fmt.Errorf("%s; model %s has\n%s", problem, m.Name, strings.Join(signatures, "\n"))}
}

// signature writes a graph's head as the language does.
func signature(g *ir.Graph) string {
	kind := "graph "
	if g.Train {
		kind = "train "
	}
	var args, results []string
	for _, a := range g.Args {
		if a.Role == ir.Input || a.Role == ir.Draw && !strings.ContainsAny(a.Name, ".#") {
			text := a.Name + ": " + typeText(g, a.Value.Type)
			if a.Role == ir.Draw {
				text += " = " + a.Random.Dist.String() + "()"
			}
			args = append(args, text)
		}
	}
	for _, r := range g.Results {
		if r.Role == ir.Input {
			results = append(results, strings.TrimPrefix(r.Name+": ", ": ")+typeText(g, r.Value.Type))
		}
	}
	return kind + g.Name + "(" + strings.Join(args, ", ") + ") -> " + strings.Join(results, ", ")
}

func typeText(g *ir.Graph, t ir.Type) string {
	dims := make([]string, len(t.Shape))
	for i, d := range t.Shape {
		dims[i] = g.Facts.Show(d)
	}
	text := "[" + strings.Join(dims, ", ") + "]"
	if t.DType.String() != "f32" {
		text = t.DType.String() + text
	}
	return text
}

// resultName is how a result is called on the command line.
func resultName(r *ir.Result) string {
	if r.Name == "" {
		return "output"
	}
	return r.Name
}

// checkNames finds names of arguments and results that the graph does not have, before any work.
func (c *callFlags) checkNames(g *ir.Graph, outputs map[string]string) error {
	args, results := map[string]bool{}, map[string]bool{}
	for _, a := range g.Args {
		if a.Role != ir.CellOf {
			args[a.Name] = true
		}
	}
	for _, r := range g.Results {
		if r.Role != ir.CellOf {
			results[resultName(r)] = true
		}
	}
	for _, name := range sortedKeys(c.Input) {
		if !args[name] {
			return usageError{fmt.Errorf("--input %s: the graph is %s", name, signature(g))}
		}
	}
	for _, name := range sortedKeys(outputs) {
		if !results[name] {
			return usageError{fmt.Errorf("--output %s: the graph is %s (an only, unnamed result is called output)", name, signature(g))}
		}
	}
	return nil
}

// readInputs reads the arguments that come from files.
func (c *callFlags) readInputs(e *env, g *ir.Graph) ([]interop.Named, error) {
	var out []interop.Named
	for _, a := range g.Args {
		file, given := c.Input[a.Name]
		if !given {
			if a.Role == ir.Input && a.Default == nil {
				return nil, fmt.Errorf("the argument %s is missing: give it with --input %s=FILE; the graph is %s", a.Name, a.Name, signature(g))
			}
			continue
		}
		want := interop.Want{Name: a.Name, DType: tensor.DType(a.Value.Type.DType.String()), Channels: channels(a)}
		t, note, err := interop.ReadTensor(file, want)
		if err != nil {
			return nil, err
		}
		if note != "" {
			fmt.Fprintln(e.errOut, "note:", note)
		}
		out = append(out, interop.Named{Name: a.Name, Tensor: t})
	}
	return out, nil
}

// channels is how many colour channels an argument wants, or 0.
func channels(a *ir.Arg) int {
	if a.Value.Type.Rank() == 4 {
		if n, ok := a.Value.Type.Shape[1].Const(); ok && n <= 4 {
			return int(n)
		}
	}
	return 0
}

// weightsFile returns the file to load, or "" where the weights are drawn from the seed.
func (c *callFlags) weightsFile(source string) (string, error) {
	if c.Weights != "" {
		return c.Weights, nil
	}
	if c.Seed != nil {
		return "", nil
	}
	beside := strings.TrimSuffix(source, filepath.Ext(source)) + ".safetensors"
	if _, err := os.Stat(beside); err == nil {
		return beside, nil
	}
	return "", fmt.Errorf("there are no weights: give them with --weights F.safetensors, put them at %s, or draw them with --seed N", shorten(beside))
}

// compiled builds the package with a runner, once per content, and runs it.
func (c *runCmd) compiled(e *env, _ *ir.Module, g *ir.Graph, inputs []interop.Named) ([]interop.Named, error) {
	binary, err := e.runner(e.ctx, c.modelFlags, false)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "mmc-run-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "out.safetensors")
	args, err := c.runnerArgs(c.File, g, dir, inputs)
	if err != nil {
		return nil, err
	}
	if err := e.execute(e.ctx, binary, append([]string{"-out", out}, args...)); err != nil {
		return nil, err
	}
	return interop.ReadTensors(out)
}

// runnerArgs are the arguments that describe a call to the runner.
func (c *callFlags) runnerArgs(source string, g *ir.Graph, dir string, inputs []interop.Named) ([]string, error) {
	args := []string{"-graph", g.Name, "-threads", strconv.Itoa(c.Threads)}
	weights, err := c.weightsFile(source)
	if err != nil {
		return nil, err
	}
	if weights != "" {
		args = append(args, "-weights", weights)
	}
	if c.Seed != nil {
		seed := strconv.FormatUint(*c.Seed, 10)
		args = append(args, "-init", seed, "-seed", seed)
	}
	for _, name := range sortedKeys(c.Dim) {
		args = append(args, "-dim", fmt.Sprintf("%s=%d", name, c.Dim[name]))
	}
	if len(inputs) == 0 {
		return args, nil
	}
	file := filepath.Join(dir, "in.safetensors")
	return append(args, file), interop.WriteTensors(file, inputs)
}

// deliver writes the results that were asked for, or sums all up.
func (c *runCmd) deliver(e *env, results []interop.Named) error {
	for _, r := range results {
		if file, ok := c.Output[r.Name]; ok {
			if err := interop.WriteTensor(file, r.Name, r.Tensor); err != nil {
				return err
			}
		}
	}
	if len(c.Output) > 0 {
		return nil
	}
	for _, r := range results {
		fmt.Fprintf(e.out, "%s: %s%s %s\n", r.Name, r.DType(), tensor.Dims(r.Shape), preview(r.Tensor))
	}
	return nil
}

// preview shows the first values of a tensor.
func preview(t *tensor.Tensor) string {
	values, err := t.Values()
	if err != nil {
		return ""
	}
	var parts []string
	for i, v := range values {
		if i == 8 {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, strconv.FormatFloat(v, 'g', 6, 64))
	}
	return strings.Join(parts, " ")
}

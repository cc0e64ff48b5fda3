package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
	Output assignments `help:"Write a result to a file: --output image=sharp.png. Without any, results are summed up on the terminal." placeholder:"NAME=FILE"`
	Eval   bool        `help:"Use the float64 reference evaluator instead of compiling."`
}

// Help is shown by mmc run --help.
func (runCmd) Help() string {
	return `Pictures are RGB or grey in 0..1, [N, C, H, W], and what is beyond is cut off when they are written; a batch becomes a grid.
Sound is [1, channels, T] in -1..1. Text is bytes, i32[1, T]. An only result without a name is called output.

Examples:
  mmc run superres.mm --input image=photo.png --output image=sharp.png
  mmc run vae.mm --graph sample --dim N=16 --seed 1 --output output=grid.npy
  mmc run lenet5.mm --seed 1 --input image=digit.npy --eval

Compiled programs are kept in the user's cache folder, so that the second run of a model starts at once.`
}

// Run calls the graph once.
func (c *runCmd) Run(e *env) error {
	if err := checkOutputs(c.Output); err != nil {
		return err
	}
	module, _, err := e.module(c.modelFlags)
	if err != nil {
		return err
	}
	call, err := c.prepare(e, module)
	if err != nil {
		return err
	}
	how := c.compiled
	if c.Eval {
		how = c.evaluate
	}
	results, err := how(e, module, call)
	if err != nil {
		return err
	}
	return c.deliver(e, results)
}

// prepare chooses the graph and reads its arguments.
func (c *runCmd) prepare(e *env, m *ir.Module) (call, error) {
	g, err := c.chooseGraph(m, c.Output)
	if err != nil {
		return call{}, err
	}
	if g.Train {
		return call{}, misuse("%s is a train graph: it is called by a Trainer of the package that mmc build makes; mmc bench times it", g.Name)
	}
	if a := c.missing(g); a != nil {
		return call{}, misuse("the argument %s is missing: give it with --input %s=FILE to\n  %s", a.Name, a.Name, signature(g))
	}
	inputs, err := c.readInputs(e, g)
	return call{g, inputs}, err
}

// checkOutputs finds files that cannot be written before any work is done.
func checkOutputs(outputs map[string]string) error {
	for _, name := range sortedKeys(outputs) {
		file := outputs[name]
		if !slices.Contains(interop.Extensions(), strings.ToLower(filepath.Ext(file))) {
			return misuse("--output %s=%s: what kind of file this is shows in its ending, one of %s", name, file, strings.Join(interop.Extensions(), " "))
		}
		if info, err := os.Stat(filepath.Dir(file)); err != nil || !info.IsDir() {
			return fmt.Errorf("--output %s=%s: there is no folder %s", name, file, filepath.Dir(file))
		}
		if info, err := os.Stat(file); err == nil && info.IsDir() {
			return fmt.Errorf("--output %s=%s: this is a folder", name, file)
		}
	}
	return nil
}

// compiled builds the package with a runner, once per content, and runs it.
func (c *runCmd) compiled(e *env, _ *ir.Module, call call) ([]interop.Named, error) {
	dir, err := os.MkdirTemp("", "mmc-run-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	args, err := c.runnerArgs(c.File, dir, call)
	if err != nil {
		return nil, err
	}
	binary, err := e.runner(c.modelFlags, false)
	if err != nil {
		return nil, err
	}
	out := filepath.Join(dir, "out.safetensors")
	if err := e.execute(binary, append([]string{"-out", out}, args...)); err != nil {
		return nil, err
	}
	results, err := interop.ReadTensors(out)
	return declared(call.graph, results), err
}

// declared puts results into the order in which the graph declares them.
func declared(g *ir.Graph, results []interop.Named) []interop.Named {
	names := resultNames(g)
	slices.SortStableFunc(results, func(a, b interop.Named) int { return slices.Index(names, a.Name) - slices.Index(names, b.Name) })
	return results
}

// deliver writes the results that were asked for, or sums all up. Results with one file between them share it.
func (c *runCmd) deliver(e *env, results []interop.Named) error {
	byFile := map[string][]interop.Named{}
	for _, r := range results {
		if file, ok := c.Output[r.Name]; ok {
			byFile[file] = append(byFile[file], r)
		}
	}
	for _, file := range sortedKeys(byFile) {
		if err := e.ctx.Err(); err != nil {
			return err
		}
		if err := interop.WriteTensors(file, byFile[file]); err != nil {
			return err
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
	const shown = 8
	values, err := t.Values()
	if err != nil {
		return ""
	}
	var parts []string
	for _, v := range values[:min(shown, len(values))] {
		parts = append(parts, strconv.FormatFloat(v, 'g', 6, 64))
	}
	if len(values) > shown {
		parts = append(parts, "…")
	}
	return strings.Join(parts, " ")
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/interop"
	"mmc/interop/tensor"
)

// outcome is what a command left behind.
type outcome struct {
	code     int
	out, err string
}

// mmc runs a command line in process.
func mmc(t *testing.T, args ...string) outcome {
	t.Helper()
	return mmcUnder(t.Context(), args...)
}

func mmcUnder(ctx context.Context, args ...string) outcome {
	var out, errOut bytes.Buffer
	e := &env{ctx: ctx, out: &out, errOut: &errOut}
	code := e.main(args)
	return outcome{code, out.String(), errOut.String()}
}

// well runs a command line that must succeed, and returns what it prints.
func well(t *testing.T, args ...string) string {
	t.Helper()
	o := mmc(t, args...)
	require.Zero(t, o.code, "mmc %s: %s", strings.Join(args, " "), o.err)
	return o.out
}

// start is where the tests begin: some move on to other folders.
var start, startErr = os.Getwd()

// root is the module's folder.
func root(t *testing.T) string {
	t.Helper()
	require.NoError(t, startErr)
	return filepath.Dir(filepath.Dir(start))
}

// inFolder makes a fresh folder with a model in it the current one.
func inFolder(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	put(t, "lin.mm", linear)
}

const linear = `model Lin(out: int = 3) {
  graph f(x: [N, 4], gain: float = 1.0) -> [N, out] { gain * (x |> fc: Linear(out)) }
  graph g(z: [N, 4] = normal()) -> [N, out] { f(z) }
  train step(x: [N, 4], y: [N, out]) { minimize loss = mean((f(x) - y)**2) using sgd(lr: 0.1) }
}
`

func put(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(name, []byte(text), 0o666))
}

// array writes an .npy file.
func array[T tensor.Element](t *testing.T, name string, data []T, shape ...int) {
	t.Helper()
	x, err := tensor.Of(shape, data)
	require.NoError(t, err)
	require.NoError(t, interop.WriteTensor(name, "x", x))
}

func floats(t *testing.T, name string) []float64 {
	t.Helper()
	x, _, err := interop.ReadTensor(name, interop.Want{})
	require.NoError(t, err)
	v, err := x.Values()
	require.NoError(t, err)
	return v
}

// listing is the names of what lies in the current folder.
func listing(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestHelp(t *testing.T) {
	top := well(t)
	assert.Equal(t, top, well(t, "--help"))
	assert.Equal(t, top, well(t, "help"))
	assert.Equal(t, well(t, "run", "--help"), well(t, "help", "run"))
	assert.Contains(t, well(t, "run", "--help"), "--input=NAME=FILE")
	assert.Equal(t, well(t, "version"), well(t, "--version"))
	for _, command := range []string{"run", "build", "check", "fmt", "stats", "show", "bench", "version"} {
		assert.Contains(t, top, "\n  "+command)
		help := well(t, command, "--help")
		assert.Contains(t, help, "Usage: mmc "+command)
		if command != "version" {
			assert.Contains(t, help, "Examples:\n\n    mmc "+command, command)
		}
	}
	assert.Contains(t, well(t, "version"), "mmc "+version())
}

func TestExamplesAreInOrder(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root(t), "examples", "*", "*.mm"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	assert.Equal(t, len(files), strings.Count(well(t, append([]string{"check"}, files...)...), ": ok, "))
	assert.Empty(t, well(t, append([]string{"fmt", "--check"}, files...)...))
}

func TestCheckJSON(t *testing.T) {
	inFolder(t)
	put(t, "bad.mm", "model M {\n  graph f(x: [N, 3]) -> [N, 3] { softmx(x) }\n}\n")
	assert.Empty(t, well(t, "check", "--json", "lin.mm"))
	o := mmc(t, "check", "--json", "lin.mm", "bad.mm", "none.mm")
	assert.Equal(t, exitUser, o.code)
	assert.Empty(t, o.err)
	lines := strings.Split(strings.TrimSpace(o.out), "\n")
	require.Len(t, lines, 2)
	var d map[string]any
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &d))
	for key, want := range map[string]any{"file": "bad.mm", "line": 2.0, "column": 34.0, "end_line": 2.0, "end_column": 40.0, "severity": "error", "code": "name.unknown"} {
		assert.Equal(t, want, d[key], key)
	}
	assert.Contains(t, d["message"], "softmx")
	assert.Contains(t, d["hint"], "softmax")
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &d))
	assert.Equal(t, "none.mm", d["file"])
	assert.Equal(t, "file", d["code"])
}

func TestFmt(t *testing.T) {
	inFolder(t)
	const rough, neat = "model M {\ngraph f(x:[N])->[N] {relu(x)}\n}\n", "model M {\n  graph f(x: [N]) -> [N] { relu(x) }\n}\n"
	put(t, "rough.mm", rough)
	assert.Equal(t, neat, well(t, "fmt", "--stdout", "rough.mm"))
	o := mmc(t, "fmt", "--check", "rough.mm", "lin.mm")
	assert.Equal(t, outcome{code: exitUser, out: "rough.mm\n"}, o)
	text, err := os.ReadFile("rough.mm")
	require.NoError(t, err)
	assert.Equal(t, rough, string(text), "--check writes nothing")
	well(t, "fmt", "rough.mm")
	assert.Equal(t, neat, well(t, "fmt", "--stdout", "rough.mm"))
	well(t, "fmt", "--check", "rough.mm")
}

// The figures of a linear layer can be counted by hand: 4*3 weights and 3 biases; two operations per weight and row.
func TestStats(t *testing.T) {
	inFolder(t)
	var r modelReport
	require.NoError(t, json.Unmarshal([]byte(well(t, "stats", "lin.mm", "--json", "--graph", "f", "--dim", "N=5")), &r))
	assert.Equal(t, "Lin", r.Model)
	assert.EqualValues(t, 15, r.Parameters)
	assert.EqualValues(t, 60, r.Bytes)
	require.Len(t, r.Cells, 2)
	assert.Equal(t, cellReport{Name: "fc.weight", Kind: "param", DType: "f32", Shape: []int64{3, 4}, Count: 12}, r.Cells[0])
	assert.Equal(t, cellReport{Name: "fc.bias", Kind: "param", DType: "f32", Shape: []int64{3}, Count: 3}, r.Cells[1])
	require.Len(t, r.Graphs, 1)
	f := r.Graphs[0]
	assert.Equal(t, "24 * N", f.FLOPs.Formula)
	require.NotNil(t, f.FLOPs.Value)
	assert.EqualValues(t, 120, *f.FLOPs.Value)
	require.NotNil(t, f.Arena.Value)
	require.NotNil(t, f.LowerBound.Value)
	assert.GreaterOrEqual(t, *f.Arena.Value, *f.LowerBound.Value)
	assert.Less(t, f.Kernels, f.KernelsBefore)
	assert.Zero(t, f.CellCopies)
	text := well(t, "stats", "lin.mm", "--params")
	for _, part := range []string{"15 parameters", "fc.weight", "f32[3, 4]", "24 * N", "arena bytes", "lower bound", "before fusion", "cell copies"} {
		assert.Contains(t, text, part)
	}
}

// The formula of an arena says what the plan computes, or a little more where it is a bound.
func TestArenaFormula(t *testing.T) {
	unet := filepath.Join(root(t), "examples", "unet", "unet.mm")
	e := &env{ctx: t.Context(), out: new(bytes.Buffer), errOut: new(bytes.Buffer)}
	pkg, _, err := e.plan(modelFlags{File: unet, Model: "UNet", Set: map[string]string{"width": "16", "depth": "2"}})
	require.NoError(t, err)
	for _, p := range pkg.Graphs {
		formulas, exact := arenaSize(&p.Arena, p.Graph.Facts)
		assert.LessOrEqual(t, len(formulas), maxFormulas)
		for _, n := range []int64{1, 3, 17} {
			sizes := func(s string) (int64, bool) { return map[string]int64{"N": n, "H": 16 * n, "W": 32}[s], true }
			_, want, err := p.Arena.Sizes(sizes)
			require.NoError(t, err)
			got := int64(0)
			for _, f := range formulas {
				v, err := p.Graph.Facts.Original(f).Eval(sizes)
				require.NoError(t, err)
				got = max(got, v)
			}
			if exact {
				assert.Equal(t, want, got, p.Graph.Name)
			} else {
				assert.GreaterOrEqual(t, got, want, p.Graph.Name)
			}
		}
	}
}

func TestShow(t *testing.T) {
	inFolder(t)
	for stage, part := range map[string]string{
		"ast": "Linear", "ir": `graph "f"`, "grad": `graph "step"`, "fused": "gemm", "plan": "arena", "loop": "gemm", "go": "package model", "asm": "TEXT",
	} {
		assert.Contains(t, well(t, "show", "lin.mm", "--stage", stage), part, stage)
	}
	for _, pass := range passNames() {
		text := well(t, "show", "lin.mm", "--after", pass, "--graph", "f")
		assert.Contains(t, text, `graph "f"`, pass)
		assert.NotContains(t, text, `graph "step"`, pass)
	}
}

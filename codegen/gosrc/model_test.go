package gosrc_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/codegen/gosrc"
	"mmc/internal/diag"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/op"
	"mmc/ir/plan"
	rt "mmc/runtime"
)

// mlpSource is what the graphs of mlp would come from.
const mlpSource = `// A small perceptron.
model MLP(hidden: int = 4) {
  graph classify(x: [N, 3]) -> [N, 4] where N % 2 == 0 { x |> fc: Linear(4) |> relu }
  graph sample(z: [N, 3] = normal()) -> (y: [N, 4], total: []) { classify(z) }
  train step(x: [N, 3], z: [N, 3] = normal()) { minimize loss = sum(fc(x + z)) using sgd(lr: 0.01) }
}
`

func tensor(t dtype.DType, dims ...dim.Expr) ir.Type { return ir.Type{DType: t, Shape: dims} }

// mlp is a model with a parameter table, draws, several results, a train graph with a state and a slot.
func mlp(t *testing.T) *plan.Package {
	n := dim.Sym("N")
	three, four := dim.Int(3), dim.Int(4)
	weight := &ir.Cell{Name: "fc.weight", Kind: ir.ParamCell, Type: tensor(dtype.F32, four, three),
		Init: &ir.Init{Random: &ir.Random{Address: "fc.weight#0", Dist: ir.Uniform, A: -0.5, B: 0.5}}}
	bias := &ir.Cell{Name: "fc.bias", Kind: ir.ParamCell, Type: tensor(dtype.F32, four), Init: &ir.Init{Const: 0.25}}
	calls := &ir.Cell{Name: "calls", Kind: ir.StateCell, Type: tensor(dtype.F32), Init: &ir.Init{}}
	moment := &ir.Cell{Name: "step.loss/m/fc.bias", Kind: ir.SlotCell, Type: tensor(dtype.F32, four), Init: &ir.Init{Const: 0.5}}
	m := &ir.Module{Name: "MLP", Doc: "A small perceptron.", File: "mlp.mm", Cells: []*ir.Cell{weight, bias, calls, moment},
		Hyper: []ir.Hyper{{Name: "hidden", Value: "4"}}}

	at := func(line int) diag.Range {
		return diag.Range{File: "mlp.mm", Start: diag.Pos{Line: line, Col: 3}, End: diag.Pos{Line: line, Col: 4}}
	}
	linear := func(g *ir.Graph, x, w, b *ir.Value) *ir.Value {
		build := ir.NewBuilder(g)
		build.Pos = g.Pos
		y := build.Op(op.Dot, ir.Attrs{"spec": "n i, o i -> n o"}, x, w)
		wide := build.Op(op.Broadcast, ir.Attrs{"shape": []dim.Expr{n, four}}, b)
		sum := build.Op(op.Add, nil, y, wide)
		zero := build.Op(op.Const, ir.Attrs{"value": 0.0, "dtype": dtype.F32})
		return build.Op(op.Max, nil, sum, build.Op(op.Broadcast, ir.Attrs{"shape": []dim.Expr{n, four}}, zero))
	}
	cellArg := func(g *ir.Graph, c *ir.Cell) *ir.Value {
		v := &ir.Value{Type: c.Type}
		g.Args = append(g.Args, &ir.Arg{Name: c.Name, Role: ir.CellOf, Cell: c, Value: v})
		return v
	}
	input := func(g *ir.Graph, name string, role ir.Role, r *ir.Random) *ir.Value {
		v := &ir.Value{Type: tensor(dtype.F32, n, three)}
		g.Args = append(g.Args, &ir.Arg{Name: name, Role: role, Value: v, Random: r})
		return v
	}

	classify := &ir.Graph{Name: "classify", Doc: "Classifies rows.", Pos: at(3), Facts: new(dim.Facts)}
	require.NoError(t, classify.Facts.AssumeDivisible(n, 2))
	y := linear(classify, input(classify, "x", ir.Input, nil), cellArg(classify, weight), cellArg(classify, bias))
	classify.Results = []*ir.Result{{Value: y}}

	sample := &ir.Graph{Name: "sample", Pos: at(4), Facts: new(dim.Facts)}
	y = linear(sample, input(sample, "z", ir.Draw, &ir.Random{Address: "z#0", Dist: ir.Normal, A: 0, B: 1}), cellArg(sample, weight), cellArg(sample, bias))
	total := ir.NewBuilder(sample).Op(op.Sum, ir.Attrs{"axes": []int64{0, 1}}, y)
	sample.Results = []*ir.Result{{Name: "y", Value: y}, {Name: "total", Value: total}}

	step := &ir.Graph{Name: "step", Train: true, Pos: at(5), Facts: new(dim.Facts)}
	x := input(step, "x", ir.Input, nil)
	z := input(step, "z", ir.Draw, &ir.Random{Address: "z#0", Dist: ir.Normal, A: 0, B: 1})
	w, b := cellArg(step, weight), cellArg(step, bias)
	c, mo := cellArg(step, calls), cellArg(step, moment)
	build := ir.NewBuilder(step)
	loss := build.Op(op.Sum, ir.Attrs{"axes": []int64{0, 1}}, linear(step, build.Op(op.Add, nil, x, z), w, b))
	one := build.Op(op.Const, ir.Attrs{"value": 1.0, "dtype": dtype.F32})
	rate := build.Op(op.Broadcast, ir.Attrs{"shape": []dim.Expr{four}}, build.Op(op.Const, ir.Attrs{"value": 0.5, "dtype": dtype.F32}))
	decayed := build.Op(op.Mul, nil, mo, rate)
	step.Results = []*ir.Result{
		{Name: "loss", Role: ir.Loss, Value: loss},
		{Name: "calls", Role: ir.CellOf, Cell: calls, Value: build.Op(op.Add, nil, c, one)},
		{Name: "m", Role: ir.CellOf, Cell: moment, Value: decayed},
		{Name: "bias", Role: ir.CellOf, Cell: bias, Value: build.Op(op.Sub, nil, b, decayed)},
	}
	p := &plan.Package{Module: m}
	for _, g := range []*ir.Graph{classify, sample, step} {
		g.Renumber()
		m.Graphs = append(m.Graphs, g)
		p.Graphs = append(p.Graphs, naive(g))
	}
	return p
}

func mlpOptions() gosrc.Options {
	return gosrc.Options{Package: "mlp", ImportPath: "gen/mlp", Version: "v0", Sources: map[string]string{"mlp.mm": mlpSource}}
}

// TestModel builds a whole package and runs the tests of testdata/mlp on it, which see it as a user does.
func TestModel(t *testing.T) {
	m := newModule(t)
	m.generateWith(mlp(t), mlpOptions())
	m.copyTests("mlp")
	m.vet()
	for _, isa := range isas(t) {
		m.env = []string{"MMC_ISA=" + isa}
		m.test()
	}
	t.Run("race", func(t *testing.T) {
		needRace(t)
		m.env = nil
		m.test("-race")
	})
}

// needRace skips where the race detector cannot be linked: it takes cgo and a C compiler, which nothing else here needs.
func needRace(t *testing.T) {
	out, err := exec.Command("go", "env", "CGO_ENABLED", "CC").Output()
	require.NoError(t, err)
	lines := strings.Split(string(out), "\n")
	if lines[0] != "1" {
		t.Skip("the race detector needs cgo, which is off")
	}
	compiler, _, _ := strings.Cut(lines[1], " ")
	if _, err := exec.LookPath(compiler); err != nil {
		t.Skip("the race detector needs a C compiler: ", err)
	}
}

func (m *module) copyTests(pkg string) {
	m.t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", pkg, "*.go"))
	require.NoError(m.t, err)
	require.NotEmpty(m.t, files)
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(m.t, err)
		m.write(filepath.Join(pkg, filepath.Base(f)), string(text))
	}
}

func (m *module) test(flags ...string) {
	m.t.Helper()
	out, err := m.command("go", append(append([]string{"test"}, flags...), "./...")...).CombinedOutput()
	require.NoError(m.t, err, string(out))
}

// TestSameBytes generates twice from plans that were built twice.
func TestSameBytes(t *testing.T) {
	first, err := gosrc.Target{Options: mlpOptions()}.Generate(mlp(t))
	require.NoError(t, err)
	second, err := gosrc.Target{Options: mlpOptions()}.Generate(mlp(t))
	require.NoError(t, err)
	require.Equal(t, first, second)
}

// TestPlatforms builds the package for systems and processors without assembly.
func TestPlatforms(t *testing.T) {
	if testing.Short() {
		t.Skip("builds for other systems")
	}
	m := newModule(t)
	m.generateWith(mlp(t), mlpOptions())
	for _, p := range [][2]string{{"windows", "amd64"}, {"darwin", "arm64"}, {"js", "wasm"}} {
		m.env = []string{"CGO_ENABLED=0", "GOOS=" + p[0], "GOARCH=" + p[1]}
		out, err := m.command("go", "build", "./...").CombinedOutput()
		assert.NoError(t, err, "%s/%s: %s", p[0], p[1], out)
	}
}

// TestEmbeddedWeights builds weights into the binary, and imports a runtime that is not copied.
func TestEmbeddedWeights(t *testing.T) {
	m := newModule(t)
	o := mlpOptions()
	var file bytes.Buffer
	fill := func(name string, x float32, shape ...int) rt.Source {
		n, err := rt.New[float32](shape...)
		require.NoError(t, err)
		rt.Set(n.Data, x)
		return rt.SourceOf(name, n)
	}
	require.NoError(t, rt.WriteSafeTensors(&file, nil, []rt.Source{fill("fc.weight", 2, 4, 3), fill("fc.bias", 1, 4), fill("calls", 0)}))
	o.Weights = file.Bytes()
	o.Runtime = "gen/shared/rt"
	files := m.generateWith(mlp(t), o)
	for _, f := range files {
		require.NotContains(t, f.Path, "internal/rt")
	}
	shared, err := gosrc.RuntimeFiles("shared/rt", gosrc.Header)
	require.NoError(t, err)
	for _, f := range shared {
		m.write(f.Path, string(f.Data))
	}
	m.write("main.go", embeddedMain)
	m.vet()
	require.Equal(t, "[7 7 7 7 7 7 7 7]\n", string(m.run()))
}

const embeddedMain = `package main

import (
	"context"
	"fmt"

	"gen/mlp"
)

func main() {
	m, err := mlp.Embedded()
	if err != nil {
		panic(err)
	}
	y, err := m.NewSession(mlp.Options{}).Classify(context.Background(), mlp.Tensor[float32]{Shape: []int{2, 3}, Data: []float32{1, 1, 1, 1, 1, 1}})
	if err != nil {
		panic(err)
	}
	fmt.Println(y.Data)
}
`

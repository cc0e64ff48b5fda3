package gosrc_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/codegen"
	"mmc/codegen/gosrc"
	"mmc/codegen/vec/vectest"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/dtype"
	"mmc/ir/eval"
	"mmc/ir/op"
	"mmc/ir/plan"
	"mmc/passes"
)

// sampleCase is one sample of one operator, as a graph of the generated package.
type sampleCase struct {
	graph  *ir.Graph
	prog   *plan.Program
	sample ir.Sample
	given  map[string]*ir.Tensor
	want   map[string]*ir.Tensor
}

// sampleCases are all samples of all operators that lower, with what the evaluator says.
func sampleCases(t *testing.T) []sampleCase {
	var out []sampleCase
	rng := rand.New(rand.NewPCG(1, 2))
	for _, o := range op.All() {
		if o.Lower == nil && !o.Has(ir.View) {
			continue
		}
		for i, s := range o.Samples() {
			c := sampleCase{graph: sampleGraph(t, o, s, fmt.Sprintf("%s_%d", o.Name, i)), sample: s, given: map[string]*ir.Tensor{}}
			if slicesHasHalf(s.Args) || c.graph.Results[0].Value.Type.DType.IsHalf() {
				continue // the programs print halves as their bits
			}
			for k, a := range c.graph.Args {
				c.given[a.Name] = randomTensor(a.Value.Type, s, k, rng)
			}
			got, err := eval.Run(c.graph, eval.Inputs{Args: c.given, Dims: s.Sizes})
			require.NoError(t, err, c.graph.Name)
			c.want = got.Values
			out = append(out, c)
		}
	}
	return out
}

func slicesHasHalf(args []ir.Type) bool {
	for _, a := range args {
		if a.DType.IsHalf() {
			return true
		}
	}
	return false
}

func sampleGraph(t *testing.T, o *ir.Op, s ir.Sample, name string) *ir.Graph {
	g := &ir.Graph{Name: name, Facts: new(dim.Facts)}
	var args []*ir.Value
	for i, typ := range s.Args {
		v := &ir.Value{Type: typ, Index: i}
		args = append(args, v)
		g.Args = append(g.Args, &ir.Arg{Name: fmt.Sprintf("x%d", i), Value: v})
	}
	results, err := ir.NewBuilder(g).Try(o, s.Attrs, args...)
	require.NoError(t, err, name)
	for i, v := range results {
		g.Results = append(g.Results, &ir.Result{Name: fmt.Sprintf("y%d", i), Value: v})
	}
	g.Renumber()
	return g
}

func randomTensor(typ ir.Type, s ir.Sample, arg int, rng *rand.Rand) *ir.Tensor {
	low, high := -1.0, 1.0
	if s.Low != nil {
		low = s.Low[arg]
	}
	if s.High != nil {
		high = s.High[arg]
	}
	t := &ir.Tensor{DType: typ.DType, Shape: []int{}}
	n := 1
	for _, d := range typ.Shape {
		size, err := d.Eval(func(sym string) (int64, bool) { v, ok := s.Sizes[sym]; return v, ok })
		if err != nil {
			panic(err)
		}
		t.Shape = append(t.Shape, int(size))
		n *= int(size)
	}
	t.Data = make([]float64, n)
	for i := range t.Data {
		switch {
		case typ.DType == dtype.Bool:
			t.Data[i] = float64(rng.IntN(2))
		case typ.DType.IsInt():
			t.Data[i] = math.Floor(low) + float64(rng.IntN(int(high-low)+1))
		default:
			t.Data[i] = float64(float32(low + (high-low)*rng.Float64()))
		}
	}
	return t
}

// TestOperatorsConform runs every sample of every operator through generated code and compares with the evaluator: planned
// naively with scalar kernels alone, then by the compiler's passes.
func TestOperatorsConform(t *testing.T) {
	t.Run("naive", func(t *testing.T) {
		if testing.Short() {
			t.Skip("the planned form covers the kernels")
		}
		cases := sampleCases(t)
		pkg := &plan.Package{Module: &ir.Module{Name: "Samples", File: "samples.mm"}}
		for _, c := range cases {
			pkg.Graphs = append(pkg.Graphs, naive(c.graph))
		}
		conform(t, cases, pkg)
	})
	t.Run("planned", func(t *testing.T) {
		cases := slices.DeleteFunc(sampleCases(t), func(c sampleCase) bool {
			return c.graph.Nodes[0].Op.Has(ir.View) // nothing but a view of an argument: there is nothing to plan
		})
		mod := &ir.Module{Name: "Samples", File: "samples.mm"}
		for _, c := range cases {
			mod.Graphs = append(mod.Graphs, c.graph)
		}
		pkg, err := passes.Plan(mod, passes.Options{})
		require.NoError(t, err)
		conform(t, cases, pkg)
	})
}

// conform builds the package and compares the results of all its graphs.
func conform(t *testing.T, cases []sampleCase, pkg *plan.Package) {
	for i, p := range pkg.Graphs {
		require.Equal(t, cases[i].graph.Name, p.Graph.Name)
		cases[i].prog = p
	}
	m := newModule(t)
	m.generate("samples", pkg)
	m.write("main.go", callAll(cases))
	m.vet()
	for _, isa := range isas(t) {
		t.Run(isa, func(t *testing.T) {
			m.env = []string{"MMC_ISA=" + isa}
			compareAll(t, cases, m.run())
		})
	}
}

// isas are the instruction sets that this processor can run.
func isas(t *testing.T) []string {
	if vectest.HasAVX512(t) {
		return []string{"go", "avx512"}
	}
	return []string{"go"}
}

// kernelTypes counts the kernels in a generated file.
func kernelTypes(text string) int { return strings.Count(text, ") Chunk(") }

// compareAll compares what a run printed with what the evaluator says.
func compareAll(t *testing.T, cases []sampleCase, printed []byte) {
	var got map[string]map[string][]any
	require.NoError(t, json.Unmarshal(printed, &got))
	for _, c := range cases {
		t.Run(c.graph.Name, func(t *testing.T) {
			for name, want := range c.want {
				compare(t, name, want, got[c.graph.Name][name], max(1, c.sample.Tolerance))
			}
		})
	}
}

// compare allows float32 an error of a few units in the last place of the largest element.
func compare(t *testing.T, name string, want *ir.Tensor, got []any, times float64) {
	t.Helper()
	require.Len(t, got, len(want.Data), name)
	scale := 1e-30
	for _, x := range want.Data {
		if !math.IsInf(x, 0) && !math.IsNaN(x) {
			scale = max(scale, math.Abs(x))
		}
	}
	for i, x := range want.Data {
		y, err := strconv.ParseFloat(fmt.Sprint(got[i]), 64)
		require.NoError(t, err)
		if x == y || math.IsNaN(x) && math.IsNaN(y) {
			continue
		}
		tolerance := times * 2e-6 * max(scale, 1e-3)
		if !want.DType.IsFloat() {
			tolerance = 0
		}
		if !(math.Abs(x-y) <= tolerance) {
			t.Fatalf("%s[%d] is %v, want %v", name, i, y, x)
		}
	}
}

// callAll is a program that calls every graph and prints what came out.
func callAll(cases []sampleCase) string {
	var b strings.Builder
	b.WriteString(`package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"syscall"
	"unsafe"

	"gen/samples"
)

var out = map[string]map[string][]any{}

func put[T any](graph, name string, data []T) {
	if out[graph] == nil {
		out[graph] = map[string][]any{}
	}
	list := []any{}
	for _, x := range data {
		switch fmt.Sprint(x) {
		case "true":
			list = append(list, "1")
		case "false":
			list = append(list, "0")
		default:
			list = append(list, fmt.Sprint(x))
		}
	}
	out[graph][name] = list
}

// guarded is a copy that ends where the memory ends: a kernel that reads on dies.
func guarded[T any](data []T) []T {
	const page = 1 << 16
	if len(data) == 0 {
		return data
	}
	size := len(data) * int(unsafe.Sizeof(data[0]))
	whole := (size + page - 1) / page * page
	mem, err := syscall.Mmap(-1, 0, whole+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	check(err)
	check(syscall.Mprotect(mem[whole:], syscall.PROT_NONE))
	out := unsafe.Slice((*T)(unsafe.Pointer(&mem[whole-size])), len(data))
	copy(out, data)
	return out
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	m, err := samples.New(samples.Init(1))
	check(err)
	s, ctx := m.NewSession(samples.Options{Threads: 2}), context.Background()
	_ = ctx
`)
	for _, c := range cases {
		call(&b, c)
	}
	b.WriteString("\tcheck(json.NewEncoder(os.Stdout).Encode(out))\n}\n")
	return b.String()
}

func call(b *strings.Builder, c sampleCase) {
	fmt.Fprintf(b, "\t{\n")
	known := map[string]bool{}
	args := []string{"ctx"}
	for _, a := range c.graph.Args {
		x := c.given[a.Name]
		for _, d := range a.Value.Type.Shape {
			if syms := d.Syms(); len(syms) == 1 {
				known[syms[0]] = true
			}
		}
		typ := x.DType.GoName()
		if len(x.Shape) == 0 {
			args = append(args, typ+"("+goNumber(x.Data[0], x.DType)+")")
			continue
		}
		var data []string
		for _, v := range x.Data {
			data = append(data, goNumber(v, x.DType))
		}
		args = append(args, fmt.Sprintf("samples.Tensor[%s]{Data: guarded([]%s{%s}), Shape: %s}", typ, typ, strings.Join(data, ", "), goShape(x.Shape)))
	}
	method := gosrc.MethodName(c.graph.Name)
	var explicit []string
	for _, sym := range gosrc.ExplicitDims(c.prog) {
		explicit = append(explicit, fmt.Sprintf("%s: %d", gosrc.MethodName(sym), c.sample.Sizes[sym]))
	}
	if len(explicit) > 0 {
		args = append(args, fmt.Sprintf("samples.%sArgs{%s}", method, strings.Join(explicit, ", ")))
	}
	fmt.Fprintf(b, "\t\ty, err := s.%s(%s)\n\t\tif err != nil {\n\t\t\tpanic(%q + err.Error())\n\t\t}\n", method, strings.Join(args, ", "), c.graph.Name+": ")
	for _, r := range c.graph.Results {
		value := "y"
		if len(c.graph.Results) > 1 {
			value = "y." + gosrc.MethodName(r.Name)
		}
		if r.Value.Type.Rank() == 0 {
			fmt.Fprintf(b, "\t\tput(%q, %q, []%s{%s})\n", c.graph.Name, r.Name, r.Value.Type.DType.GoName(), value)
		} else {
			fmt.Fprintf(b, "\t\tput(%q, %q, %s.Data)\n", c.graph.Name, r.Name, value)
		}
	}
	fmt.Fprintf(b, "\t}\n")
}

func goNumber(x float64, t dtype.DType) string {
	if t == dtype.Bool {
		return strconv.FormatBool(x != 0)
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

func goShape(shape []int) string {
	return strings.ReplaceAll(fmt.Sprintf("%#v", shape), "[]int(nil)", "[]int{}")
}

// module is a temporary module with generated packages.
type module struct {
	t   *testing.T
	dir string
	env []string
}

func newModule(t *testing.T) *module {
	m := &module{t: t, dir: t.TempDir()}
	if keep := os.Getenv("MMC_KEEP"); keep != "" {
		m.dir = filepath.Join(keep, t.Name())
		require.NoError(t, os.RemoveAll(m.dir))
		require.NoError(t, os.MkdirAll(m.dir, 0o755))
	}
	m.write("go.mod", "module gen\n\ngo 1.26\n")
	return m
}

func (m *module) write(name, text string) {
	m.t.Helper()
	file := filepath.Join(m.dir, name)
	require.NoError(m.t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(m.t, os.WriteFile(file, []byte(text), 0o644))
}

func (m *module) generate(name string, p *plan.Package) []codegen.File {
	m.t.Helper()
	return m.generateWith(p, gosrc.Options{Package: name, ImportPath: "gen/" + name, Version: "v0"})
}

func (m *module) generateWith(p *plan.Package, o gosrc.Options) []codegen.File {
	m.t.Helper()
	files, err := gosrc.Target{Options: o}.Generate(p)
	require.NoError(m.t, err)
	for _, f := range files {
		m.write(filepath.Join(o.Package, f.Path), string(f.Data))
	}
	return files
}

func (m *module) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir = m.dir
	c.Env = append(os.Environ(), append([]string{"GOFLAGS=-mod=mod", "GOWORK=off"}, m.env...)...)
	return c
}

func (m *module) vet() {
	m.t.Helper()
	out, err := m.command("go", "vet", "./...").CombinedOutput()
	require.NoError(m.t, err, string(out))
}

// run runs the main package and gives its output.
func (m *module) run(args ...string) []byte {
	m.t.Helper()
	c := m.command("go", append([]string{"run", "."}, args...)...)
	var errors strings.Builder
	c.Stderr = &errors
	out, err := c.Output()
	require.NoError(m.t, err, errors.String())
	return out
}

//go:build linux

package conform_test

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/cpu"

	"mmc/codegen"
	"mmc/codegen/gosrc"
	"mmc/internal/compiled"
	"mmc/internal/conform"
	"mmc/internal/parity"
	"mmc/ir"
	"mmc/ir/dim"
	"mmc/ir/eval"
	"mmc/ir/plan"
	"mmc/passes"
)

// edgeTensor and edgeRequest are what the program of testdata/edges reads and writes.
type edgeTensor struct {
	Shape []int
	Data  []float64
}

type edgeRequest struct {
	Method string
	Args   []edgeTensor
	Rooms  int
}

// edgeCall is a call with what the evaluator says of it.
type edgeCall struct {
	edgeRequest
	name string
	want []*ir.Tensor
}

// Every kind of kernel, at all tails up to two vectors and some longer ones, on arguments and buffers that end where the memory
// ends: what reads or writes on dies, what reads memory that nothing wrote gives NaN.
func TestEdges(t *testing.T) {
	build := func() *ir.Module {
		m, err := parity.Build(parity.Program{File: "internal/conform/testdata/edges/edges.mm"})
		require.NoError(t, err)
		return m
	}
	calls := edgeCalls(t, build())
	binary := edgeProgram(t, build(), calls, 0)
	for _, isa := range isas(t) {
		t.Run(isa, func(t *testing.T) {
			list, err := answers(t, binary, isa, calls)
			require.NoError(t, err)
			for i, got := range list {
				c := calls[i]
				require.Len(t, got, len(c.want), c.name)
				for k, want := range c.want {
					require.True(t, slices.Equal(want.Shape, got[k].Shape), c.name)
					assert.NoError(t, conform.Compare(want, got[k].Data, edgeTolerance(want)), "%s, result %d", c.name, k)
				}
			}
		})
	}
}

// isas are the instruction sets that this processor can run.
func isas(t *testing.T) []string {
	if cpu.X86.HasAVX512F {
		return []string{"go", "avx512"}
	}
	t.Log("this processor has no AVX-512")
	return []string{"go"}
}

// edgeTolerance is some roundings of the largest element; sums of operands as large as 2 may cancel.
func edgeTolerance(want *ir.Tensor) float64 {
	scale := 0.0
	for _, x := range want.Data {
		scale = max(scale, math.Abs(x))
	}
	return 4e-6 * max(1, 1/max(scale, 1e-3))
}

// A buffer of which one element lies behind the end of the memory kills the program: the fences are where the test wants them.
func TestFences(t *testing.T) {
	m, err := parity.Build(parity.Program{File: "internal/conform/testdata/edges/fence.mm"})
	require.NoError(t, err)
	calls := edgeCalls(t, m)[:1]
	binary := edgeProgram(t, m, calls, 4)
	for _, isa := range []string{"go", ""} {
		_, err := answers(t, binary, isa, calls)
		assert.ErrorContains(t, err, "Double [[1]]")
	}
}

// edgeSizes are the sizes of N: all tails of two vectors, then the ends of longer blocks.
func edgeSizes() []int64 {
	var out []int64
	for n := range int64(33) {
		out = append(out, n+1)
	}
	return append(out, 47, 48, 49, 63, 64, 65, 79, 81, 127, 129)
}

// edgeCalls evaluates all graphs at all sizes.
func edgeCalls(t *testing.T, m *ir.Module) []edgeCall {
	var out []edgeCall
	rng := rand.New(rand.NewPCG(5, 6))
	for _, g := range m.Graphs {
		for i, n := range edgeSizes() {
			sizes := map[string]int64{"N": n, "K": []int64{1, 3, 2, 5, 17, 4, 8}[i%7]}
			if n > 33 {
				sizes["K"] = 2
			}
			in := eval.Inputs{Args: map[string]*ir.Tensor{}, Dims: sizes}
			c := edgeCall{edgeRequest{Method: gosrc.MethodName(g.Name)}, fmt.Sprintf("%s at %v", g.Name, sizes), nil}
			for _, a := range g.Args {
				low, high := -2.0, 2.0
				if a.Value.Type.DType.IsInt() {
					low, high = 0, 4 // indices into five places
				}
				x := conform.Random(a.Value.Type, sizes, low, high, rng)
				in.Args[a.Name] = x
				c.Args = append(c.Args, edgeTensor{x.Shape, x.Data})
			}
			got, err := eval.Run(g, in)
			require.NoError(t, err, c.name)
			for _, r := range g.Results {
				c.want = append(c.want, got.Values[r.Name])
			}
			out = append(out, c)
		}
	}
	return out
}

// edgeProgram builds the module with each buffer of an arena in a room of its own, at whose end the memory ends, or so many bytes
// further.
func edgeProgram(t *testing.T, m *ir.Module, calls []edgeCall, further int64) string {
	pkg, err := passes.Plan(m, passes.Options{Verify: ir.Verify})
	require.NoError(t, err)
	rooms := map[string]int{}
	for _, p := range pkg.Graphs {
		giveRooms(p, further)
		rooms[gosrc.MethodName(p.Graph.Name)] = len(p.Arena.Order)
	}
	for i := range calls {
		calls[i].Rooms = rooms[calls[i].Method]
	}
	files, err := gosrc.Target{Options: gosrc.Options{Package: "model", ImportPath: "mmcrun/model", Version: "test"}}.Generate(pkg)
	require.NoError(t, err)
	if m.Name == "Edges" {
		allKinds(t, pkg, files)
	}
	main, err := os.ReadFile("testdata/edges/main.go")
	require.NoError(t, err)
	files = append(files, codegen.File{Path: "run/main.go", Data: main},
		codegen.File{Path: "use.go", Data: []byte("package model\n\nfunc (s *Session) Use(mem []byte) { s.Arena.Use(mem) }\n")},
		codegen.File{Path: "internal/rt/use.go", Data: []byte("package rt\n\nfunc (a *Arena) Use(mem []byte) { a.buf = mem }\n")})
	binary, err := compiled.Build(t.Context(), files)
	require.NoError(t, err)
	return binary
}

// room and page are those of the program, of which a page is not larger.
const room, page = 256 << 10, 4096

func giveRooms(p *plan.Program, further int64) {
	var order []*plan.Buffer
	for _, b := range p.Buffers {
		if b.Space == plan.ArenaSpace && b.Last >= b.First {
			order = append(order, b)
			b.Offset = dim.Int(int64(len(order)*room-page) + further).Sub(b.Size.Mul(dim.Int(int64(b.DType.Size()))))
		}
	}
	p.Arena.Order, p.Arena.Bytes = order, dim.Int(int64(len(order)*room))
}

// allKinds makes sure that the table of graphs reaches every template and every family of kernels.
func allKinds(t *testing.T, pkg *plan.Package, files []codegen.File) {
	seen := map[plan.Template]bool{}
	for _, p := range pkg.Graphs {
		for _, s := range p.Steps {
			seen[s.Template] = true
		}
	}
	for _, want := range []plan.Template{plan.Loops, plan.Map, plan.Reduce, plan.Gemm, plan.Copy} {
		assert.True(t, seen[want], "no graph has a step of template %s", want)
	}
	var families []string
	for _, f := range files {
		if strings.HasPrefix(f.Path, "kernels") {
			for _, k := range regexp.MustCompile(`(?m)^type ([a-z]+)\d+ struct`).FindAllStringSubmatch(string(f.Data), -1) {
				families = append(families, k[1])
			}
		}
	}
	slices.Sort(families)
	assert.Equal(t, []string{"gemm", "loops", "map", "reduce", "turn"}, slices.Compact(families))
}

// answers runs the program on the calls; it is an error, which names the call, if the program dies.
func answers(t *testing.T, binary, isa string, calls []edgeCall) ([][]edgeTensor, error) {
	var in, out, notes bytes.Buffer
	requests := gob.NewEncoder(&in)
	for _, c := range calls {
		require.NoError(t, requests.Encode(c.edgeRequest))
	}
	cmd := exec.CommandContext(t.Context(), binary)
	cmd.Env = append(os.Environ(), "MMC_ISA="+isa)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &notes
	if err := cmd.Run(); err != nil {
		lines := strings.SplitAfter(notes.String(), "\n")
		at := slices.IndexFunc(lines, func(l string) bool { return !strings.Contains(l, "[[") })
		return nil, fmt.Errorf("%w in the call %s", err, strings.Join(lines[max(0, at-1):min(len(lines), at+25)], ""))
	}
	var list [][]edgeTensor
	from := gob.NewDecoder(&out)
	for range calls {
		var got []edgeTensor
		require.NoError(t, from.Decode(&got))
		list = append(list, got)
	}
	return list, nil
}

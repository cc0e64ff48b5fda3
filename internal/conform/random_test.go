//go:build linux

package conform_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/codegen/gosrc"
	"mmc/internal/conform"
	"mmc/internal/plancheck"
	"mmc/ir"
	"mmc/ir/eval"
	"mmc/passes/grad"
)

var (
	graphs = flag.Int("graphs", 12, "how many graphs of chance to compile, in one package")
	first  = flag.Int("first", 0, "the number of the first of them")
)

// Graphs of chance, gradients among them, compiled, on buffers that end where the memory ends, against the evaluator. Of many more
// graphs some will differ, where the last bits decide: which of two elements is the largest, on which side of a kink a value lies.
func TestRandomGraphs(t *testing.T) {
	calls := randomCalls(t, randomModule())
	binary := edgeProgram(t, randomModule(), calls, 0)
	for _, isa := range isas(t) {
		t.Run(isa, func(t *testing.T) {
			list, err := answers(t, binary, isa, calls)
			require.NoError(t, err)
			for i, got := range list {
				for k, want := range calls[i].want {
					assert.NoError(t, conform.Compare(want, got[k].Data, 1e-4), "%s, result %d", calls[i].name, k)
				}
			}
		})
	}
}

// randomModule has the graphs, whose cells are arguments and results like others.
func randomModule() *ir.Module {
	out := &ir.Module{Name: "Chance", File: "chance.mm"}
	for i := *first; i < *first+*graphs; i++ {
		g := plancheck.Random(rand.New(rand.NewPCG(12, uint64(i))), 4+i%15).Graphs[0]
		g.Name, g.Train = fmt.Sprintf("chance%d", i), false
		for _, a := range g.Args {
			a.Role, a.Cell = ir.Input, nil
		}
		for k, r := range g.Results {
			r.Name, r.Role, r.Cell = fmt.Sprintf("y%d", k), 0, nil
		}
		out.Graphs = append(out.Graphs, g)
	}
	return out
}

// randomCalls evaluates each graph at the sizes that it allows.
func randomCalls(t *testing.T, m *ir.Module) []edgeCall {
	var out []edgeCall
	rng := rand.New(rand.NewPCG(8, 9))
	for _, g := range m.Graphs {
		grad.Expand(g)
		for _, sizes := range []plancheck.Sizes{{"N": 2, "H": 9, "W": 6}, {"N": 1, "H": 5, "W": 17}, {"N": 3, "H": 18, "W": 33}} {
			in := eval.Inputs{Args: map[string]*ir.Tensor{}, Dims: sizes}
			c := edgeCall{edgeRequest{Method: gosrc.MethodName(g.Name)}, fmt.Sprintf("%s at %v", g.Name, sizes), nil}
			for _, a := range g.Args {
				low, high := -2.0, 2.0
				if a.Value.Type.DType.IsInt() {
					low, high = 0, 1
				}
				x := conform.Random(a.Value.Type, sizes, low, high, rng)
				in.Args[a.Name] = x
				c.Args = append(c.Args, edgeTensor{x.Shape, x.Data})
			}
			got, err := eval.Run(g, in)
			if err != nil {
				continue
			}
			for _, r := range g.Results {
				c.want = append(c.want, got.Values[r.Name])
			}
			out = append(out, c)
		}
	}
	require.GreaterOrEqual(t, len(out), 2**graphs)
	return out
}

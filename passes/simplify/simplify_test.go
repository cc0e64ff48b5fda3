package simplify_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/internal/conform"
	"mmc/internal/plancheck"
	"mmc/ir"
	"mmc/ir/eval"
	"mmc/ir/op"
	"mmc/passes/rewrite"
	"mmc/passes/simplify"
)

var update = flag.Bool("update", false, "write what the rules make of the graphs into the files, to be read by a person")

// Each file of testdata is named by the rule that must fire, and holds a graph before and after. Both are evaluated on the
// same operands.
func TestRules(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	proven := map[string]bool{}
	for _, path := range files {
		rule, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(path), ".txtar"), "_")
		proven[rule] = true
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { checkRule(t, path, rule) })
	}
	var unproven []string
	for _, r := range simplify.Rules() {
		require.NotEmpty(t, r.Law, r.Name)
		if !proven[r.Name] {
			unproven = append(unproven, r.Name)
		}
	}
	require.Empty(t, unproven, "rules that no test fires")
}

func checkRule(t *testing.T, path, rule string) {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	parts := plancheck.Sections(string(text))
	g, err := ir.ParseGraph(parts["before"], op.Lookup)
	require.NoError(t, err)
	require.NoError(t, ir.Verify(g))
	before := evaluate(t, g)
	m := &ir.Module{Graphs: []*ir.Graph{g}}
	require.Contains(t, simplify.Run(g, rewrite.WeightsOf(m)), rule)
	require.NoError(t, ir.Verify(g))
	after := evaluate(t, g)
	for name, want := range before {
		require.Equal(t, want.Shape, after[name].Shape, name)
		require.NoError(t, conform.Compare(want, after[name].Data, 1e-12), name)
	}
	if *update {
		comment := parts[""]
		require.NoError(t, os.WriteFile(path, []byte(comment+"-- before --\n"+parts["before"]+"-- after --\n"+g.String()), 0o644))
		return
	}
	require.Equal(t, parts["after"], g.String())
	again := g.String()
	require.Empty(t, simplify.Run(g, rewrite.WeightsOf(m)), "a second run changes %s", again)
}

// evaluate runs a graph with every size 3, but H = 5.
func evaluate(t *testing.T, g *ir.Graph) map[string]*ir.Tensor {
	t.Helper()
	sizes := map[string]int64{"N": 3, "H": 5}
	in := eval.Inputs{Args: map[string]*ir.Tensor{}, Cells: map[string]*ir.Tensor{}, Dims: sizes}
	for i, a := range g.Args {
		x := conform.Random(a.Value.Type, sizes, -2, 2, rand.New(rand.NewPCG(3, uint64(i))))
		if a.Role == ir.CellOf {
			in.Cells[a.Cell.Name] = x
		} else {
			in.Args[a.Name] = x
		}
	}
	out, err := eval.Run(g, in)
	require.NoError(t, err)
	return out.Values
}

// Weights that a graph trains are no constants: nothing is folded into them.
func TestTrainingFoldsNothing(t *testing.T) {
	text, err := os.ReadFile("testdata/scale-into-weight_conv.txtar")
	require.NoError(t, err)
	for name, change := range map[string]func(g *ir.Graph){
		"train": func(g *ir.Graph) { g.Train = true },
		"written": func(g *ir.Graph) {
			c := g.Args[1]
			g.Results = append(g.Results, &ir.Result{Name: "w", Role: ir.CellOf, Cell: c.Cell, Value: c.Value})
		},
		"of the caller": func(g *ir.Graph) { g.Args[1].Cell.Kind = ir.InOutCell },
	} {
		t.Run(name, func(t *testing.T) {
			g, err := ir.ParseGraph(plancheck.Sections(string(text))["before"], op.Lookup)
			require.NoError(t, err)
			change(g)
			fired := simplify.Run(g, rewrite.WeightsOf(&ir.Module{Graphs: []*ir.Graph{g}}))
			require.NotContains(t, fired, "scale-into-weight", fmt.Sprint(fired))
		})
	}
}

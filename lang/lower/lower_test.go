package lower_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/ir"
	"mmc/ir/op"
	"mmc/lang/check"
	"mmc/lang/lower"
)

// Every example lowers to modules whose graphs verify.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob("../../examples/*/*.mm")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			parsed, diags := check.Load(name, os.ReadFile)
			require.Empty(t, diags)
			p, diags := check.Check(parsed, check.Options{Ops: op.Lookup})
			require.Empty(t, diags)
			require.NotEmpty(t, p.Models)
			for _, m := range p.Models {
				mod, diags := lower.Lower(m)
				require.Empty(t, diags)
				for _, g := range mod.Graphs {
					require.NoError(t, ir.Verify(g))
					for _, n := range g.Nodes {
						require.Equal(t, name, n.Pos.File, "%s comes from the user's text, not from %s", n.Op.Name, n.Inner)
					}
				}
			}
		})
	}
}

// What a call of the library is made of stands at the user's call, the innermost one, with the library's own place beside it.
func TestPlaces(t *testing.T) {
	const src = `block Two(out: int)(x: [N, D]) -> [N, out] {
  y = x |> fc: Linear(out)
  relu(y)
}
fn twice(x: [...]) { x + x }
model M() {
  graph f(x: [N, 4]) -> [N, 3] {
    h = x |> two: Two(3)
    softmax(h, axis: 1) |> twice
  }
  train step(x: [N, 4]) {
    minimize loss = sum(f(x)) using sgd(lr: 0.1)
  }
}`
	m := compile(t, src)
	lines := map[string][]int{}
	for _, n := range m.Graph("f").Nodes {
		if n.Op != op.Broadcast && n.Op != op.Const {
			assert.Equal(t, "test.mm", n.Pos.File)
			lines[n.Op.Name] = append(lines[n.Op.Name], n.Pos.Start.Line)
		}
		if n.Op == op.Dot || n.Op == op.Max || n.Op == op.Exp {
			assert.True(t, strings.HasPrefix(n.Inner.File, "std/"), n.Inner.File)
		}
	}
	assert.Equal(t, map[string][]int{
		"transpose": {2}, "dot": {2}, "add": {2, 5}, "max": {3}, // relu is max with 0
		"amax": {9}, "stop_gradient": {9}, "sub": {9}, "exp": {9}, "sum": {9}, "div": {9},
	}, lines)
	nodes := m.Graph("step").Nodes
	last := nodes[len(nodes)-1]
	assert.Equal(t, 12, last.Pos.Start.Line, "the optimiser's last operation stands at the minimize")
	assert.Equal(t, "std/optim.mm", last.Inner.File)
}

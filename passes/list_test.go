package passes_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/ir"
	"mmc/ir/plan"
	"mmc/passes"
)

// What a pass wants to come after stands before it in the list.
func TestOrderOfPasses(t *testing.T) {
	all := slices.Concat(passes.Pipeline, passes.Planning)
	require.NoError(t, ordered(all))
	for i := range all {
		for j := range i {
			swapped := slices.Clone(all)
			swapped[i], swapped[j] = swapped[j], swapped[i]
			if _, needed := all[i].After[all[j].Name]; needed {
				require.Error(t, ordered(swapped), "%s before %s", all[i].Name, all[j].Name)
			}
		}
	}
}

type disorder struct{ pass, after string }

func (d disorder) Error() string { return d.pass + " needs " + d.after + " before it" }

func ordered(list []passes.Pass) error {
	seen := map[string]bool{}
	for _, p := range list {
		for name, reason := range p.After {
			if !seen[name] || reason == "" {
				return disorder{p.Name, name}
			}
		}
		if seen[p.Name] || p.Doc == "" {
			return disorder{p.Name, "a name and a sentence of its own"}
		}
		seen[p.Name] = true
	}
	return nil
}

// What runs on every graph is the list, entry by entry: the graph of a train step has no other way than one of inference.
func TestListIsWhatRuns(t *testing.T) {
	want := map[string][]string{}
	for _, p := range slices.Concat(passes.Pipeline, passes.Planning) {
		for _, g := range []string{"classify", "step"} {
			want[g] = append(want[g], p.Name)
		}
	}
	for _, p := range passes.Planning {
		want["prepare"] = append(want["prepare"], p.Name)
	}
	got := map[string][]string{}
	m := lowered(t, "../examples/lenet5/lenet5.mm", "LeNet5")
	_, err := passes.Plan(m, passes.Options{Observe: func(pass string, g *ir.Graph) { got[g.Name] = append(got[g.Name], pass) }})
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// A pass that is taken from the list does not run, wherever in the list it stands.
func TestListIsAllThatRuns(t *testing.T) {
	planned := func() *plan.Package {
		pkg, err := passes.Plan(lowered(t, "../examples/lenet5/lenet5.mm", "LeNet5"), passes.Options{})
		require.NoError(t, err)
		return pkg
	}
	graphs, programs := passes.Pipeline, passes.Planning
	t.Cleanup(func() { passes.Pipeline, passes.Planning = graphs, programs })
	whole := planned()
	require.NotEmpty(t, whole.Graphs[0].Arena.Order)
	passes.Planning = programs[:3]
	require.Empty(t, planned().Graphs[0].Arena.Order, "memory is planned though memplan is gone")
	passes.Planning = programs[1:]
	require.NotNil(t, whole.Prepare)
	require.Nil(t, planned().Prepare, "weights are prepared though hoist is gone")
	passes.Pipeline, passes.Planning = graphs[:2], programs
	require.Greater(t, len(planned().Graphs[1].Graph.Nodes), len(whole.Graphs[1].Graph.Nodes), "simplify is gone")
}

// A graph that a pass breaks is found after that pass.
func TestBrokenGraphsAreFound(t *testing.T) {
	for i, p := range slices.Concat(passes.Pipeline, passes.Planning) {
		calls := 0
		_, err := passes.Plan(lowered(t, "../examples/lenet5/lenet5.mm", "LeNet5"), passes.Options{Verify: func(g *ir.Graph) error {
			if g.Name == "step" {
				calls++
			}
			if calls == i+1 {
				return errors.New("broken")
			}
			return nil
		}})
		require.EqualError(t, err, "after pass "+p.Name+" on graph step: broken")
	}
}

package passes_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

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

// Graph passes have a function, the others are run by Plan.
func TestKindsOfPasses(t *testing.T) {
	for _, p := range passes.Pipeline {
		require.NotNil(t, p.Run, p.Name)
	}
	for _, p := range passes.Planning {
		require.Nil(t, p.Run, p.Name)
	}
}

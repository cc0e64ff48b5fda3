package fuse_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/internal/plancheck"
	"mmc/ir"
	"mmc/ir/op"
	"mmc/ir/plan"
	"mmc/passes/fuse"
)

var update = flag.Bool("update", false, "write the groups into the files, to be read by a person")

// Each file of testdata holds a graph and the groups that it must fall into, with the nest of those that have several
// results. That groups compute the right thing is tested by internal/plancheck.
func TestGroups(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			parts := plancheck.Sections(string(text))
			g, err := ir.ParseGraph(parts["graph"], op.Lookup)
			require.NoError(t, err)
			before := g.String()
			got := show(fuse.Run(g))
			require.Equal(t, before, g.String(), "fuse changed the graph")
			for range 8 {
				require.Equal(t, got, show(fuse.Run(g)), "fuse is not deterministic")
			}
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(parts[""]+"-- graph --\n"+parts["graph"]+"-- groups --\n"+got), 0o644))
				return
			}
			require.Equal(t, parts["groups"], got)
			_, err = plancheck.Module(&ir.Module{Graphs: []*ir.Graph{g}}, plancheck.Sizes{"N": 3, "H": 4, "W": 5, "C": 2})
			require.NoError(t, err)
		})
	}
}

// show writes a line for each group: what it stores = what it does (what it reads): why it ends.
func show(groups []*plan.Group) string {
	var out strings.Builder
	for _, g := range groups {
		names := make([]string, len(g.Nodes))
		for i, n := range g.Nodes {
			names[i] = n.Op.Name
		}
		fmt.Fprintf(&out, "%s = %s (%s): %s\n", ids(g.Out), strings.Join(names, "+"), ids(g.In), g.Why)
		if len(g.Out) > 1 {
			for _, n := range g.Nests {
				out.WriteString("  " + strings.ReplaceAll(strings.TrimSuffix(n.String(), "\n"), "\n", "\n  ") + "\n")
			}
		}
	}
	return out.String()
}

func ids(values []*ir.Value) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = fmt.Sprintf("%%%d", v.ID)
	}
	return strings.Join(out, ", ")
}

package plancheck_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/internal/conform"
	"mmc/internal/plancheck"
	"mmc/ir"
)

// Every sample of every operator goes through the passes.
func TestSamples(t *testing.T) {
	cases, err := conform.Cases(conform.Options{Larger: []int64{0, 5}})
	require.NoError(t, err)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			m := &ir.Module{Name: c.Name, Graphs: []*ir.Graph{c.Graph}}
			_, err := plancheck.Given(m, c.Given, c.Sample.Sizes)
			require.NoError(t, err)
		})
	}
}

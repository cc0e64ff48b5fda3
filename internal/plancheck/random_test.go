package plancheck_test

import (
	"flag"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"mmc/internal/plancheck"
)

var graphs = flag.Int("graphs", 150, "how many random graphs to plan")
var first = flag.Int("first", 0, "the number of the first random graph")

// sizes are ordinary and extreme ones. A random graph may refuse some: a size below zero is no plan's fault.
var sizes = []plancheck.Sizes{{"N": 2, "H": 9, "W": 6}, {"N": 1, "H": 1, "W": 1}, {"N": 1, "H": 4, "W": 1}, {"N": 3, "H": 4, "W": 7}}

func TestRandomGraphs(t *testing.T) {
	refused := 0
	for i := *first; i < *first+*graphs; i++ {
		var fit []plancheck.Sizes
		t.Logf("graph %d", i)
		m := plancheck.Random(rand.New(rand.NewPCG(11, uint64(i))), 4+i%17)
		for _, s := range sizes {
			if plancheck.Allows(m, s) {
				fit = append(fit, s)
			} else {
				refused++
			}
		}
		if _, err := plancheck.Module(m, fit...); err != nil {
			t.Fatalf("graph %d: %v", i, err)
		}
	}
	t.Logf("%d of %d calls had sizes that the graph refuses", refused, *graphs*len(sizes))
	require.Less(t, refused, *graphs*len(sizes)/2)
}

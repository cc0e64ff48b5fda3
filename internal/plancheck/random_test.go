package plancheck_test

import (
	"flag"
	"math/rand/v2"
	"runtime/debug"
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
		refused += checkRandom(t, i)
	}
	t.Logf("%d of %d calls had sizes that the graph refuses", refused, *graphs*len(sizes))
	require.Less(t, refused, *graphs*len(sizes)/2)
}

// checkRandom plans graph i once for all sizes that it takes, and returns the number of the others.
func checkRandom(t *testing.T, i int) (refused int) {
	defer func() {
		if r := recover(); r != nil {
			t.Fatalf("graph %d: %v\n%s", i, r, debug.Stack())
		}
	}()
	m := plancheck.Random(rand.New(rand.NewPCG(11, uint64(i))), 4+i%17)
	var fit []plancheck.Sizes
	for _, s := range sizes {
		if plancheck.Allows(m, s) {
			fit = append(fit, s)
		}
	}
	if _, err := plancheck.Module(m, fit...); err != nil {
		t.Fatalf("graph %d: %v", i, err)
	}
	return len(sizes) - len(fit)
}

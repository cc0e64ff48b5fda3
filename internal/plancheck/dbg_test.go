package plancheck_test

import (
	"math/rand/v2"
	"testing"

	"mmc/internal/plancheck"
	"mmc/passes/grad"
	"mmc/passes/simplify"
	"mmc/passes/rewrite"
)

func TestDbg(t *testing.T) {
	m := plancheck.Random(rand.New(rand.NewPCG(11, uint64(*first))), 4+*first%17)
	grad.Expand(m.Graphs[0])
	simplify.Run(m.Graphs[0], rewrite.WeightsOf(m))
	t.Log("\n" + m.Graphs[0].String())
}

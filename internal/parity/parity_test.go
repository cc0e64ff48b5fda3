package parity

import (
	"testing"

	"mmc/internal/golden"
)

// big is set by the build tag of that name: also run what takes the evaluator minutes.
var big bool

func TestReference(t *testing.T) {
	for _, c := range Cases {
		t.Run(c.Name, func(t *testing.T) {
			if c.Big && !big {
				t.Skip("takes the evaluator long: go test -tags big")
			}
			golden.SkipIfAbsent(t, Check(c, Reference{}))
		})
	}
}

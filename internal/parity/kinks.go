package parity

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"mmc/internal/golden"
)

// Networks with ReLUs and maxima have kinks: a unit whose inputs nearly tie may change sides by a rounding, and from then on the
// training goes another way, if only a little. In train_gan, for one, a change of the weights by a few units in their last place,
// with everything computed in float64, does it in two of three trials. So a float32 run of such a case is held to the full tolerance
// in its first step; after that it must only go the same way.
const (
	roughLoss     = 1e-3 // relative, of each loss
	roughMovement = 0.1  // of the rms of what a tensor moved: a wrong update rule is wrong by its whole movement
)

// compareRoughly compares all losses and movements of a run.
func compareRoughly(g *golden.Case, got *Transcript) error {
	err := compareSteps(g.Losses(), got.Results, func(name string, step int, x float64) error {
		want := g.Losses()[name][step]
		if diff := math.Abs(x-want) / math.Abs(want); !(diff <= roughLoss) {
			return fmt.Errorf("%s %s of step %d is %g, want %g", g.Name, name, step, x, want)
		}
		return nil
	})
	reports, _ := g.CompareAfter(got.Cells, golden.Float64) // its errors are about precision
	moved := 0
	for _, r := range reports {
		if !strings.Contains(r.What, "movement of") {
			continue
		}
		moved++
		if !(r.RelRMS <= roughMovement) {
			err = errors.Join(err, errors.New(r.String()))
		}
	}
	for _, d := range g.Gradients() {
		if d.Zero {
			moved++ // not reported
		}
	}
	if moved != len(g.After()) {
		err = errors.Join(err, fmt.Errorf("%s: %d of %d tensors can be compared", g.Name, moved, len(g.After())))
	}
	return err
}

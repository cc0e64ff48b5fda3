package parity

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"mmc/internal/golden"
	"mmc/ir"
)

// Networks with ReLUs and maxima have kinks: a unit whose inputs nearly tie may change sides by a rounding. Outputs and losses
// hardly notice, gradients do, and from then on the training goes another way, if only a little. PyTorch's own float32 errors, from
// which the tolerances are made, are of inputs picked so that no unit changes sides in PyTorch's arithmetic.
//
// Where a float32 run of such a case misses the tolerance, the units are counted that take another side than in float64, and the
// float64 run is made again with every unit on the side that it took in float32. With the sides equal, all must agree to the full
// tolerance; and the two float64 runs must be as close as such runs have been seen to be.
const (
	fewUnits = 1e-5 // the part of all units that may change sides

	// Between the two float64 runs. PyTorch's own float32 runs, where units changed sides, kept within 8 % of a gradient's rms, and
	// within 44 % of the movement in three steps of Adam, which makes steps of equal size of the smallest gradients.
	roughLoss     = 1e-3
	roughGradient = 0.08
	roughMovement = 0.44
)

// sidePrefix begins the names of the results that tell on which sides units are.
const sidePrefix = "side_"

// addSides makes results of all that is chosen by floats rather than computed from them: what comparisons say, and the places of
// maxima. They are numbered in the order of the graph.
func addSides(g *ir.Graph) {
	for _, n := range g.Nodes {
		for _, v := range n.Results {
			if !v.Type.DType.IsFloat() && hasFloat(n.Args) {
				g.Results = append(g.Results, &ir.Result{Name: fmt.Sprint(sidePrefix, len(g.Results)), Value: v})
			}
		}
	}
}

func hasFloat(values []*ir.Value) bool {
	for _, v := range values {
		if v.Type.DType.IsFloat() {
			return true
		}
	}
	return false
}

// sides are the sides that units take in a run, by call, and how many would take another one in float64 after the same history.
type sides struct {
	calls        []Tensors
	changed, all int
}

// trace puts the units of a call on their sides while the evaluator runs.
func (s *sides) trace(g *ir.Graph, call int) (func(*ir.Node, []*ir.Tensor), error) {
	given := map[*ir.Value][]float64{}
	for _, r := range g.Results {
		if !strings.HasPrefix(r.Name, sidePrefix) {
			continue
		}
		t := s.calls[call][r.Name]
		if t == nil {
			return nil, fmt.Errorf("graph %s: %s is missing", g.Name, r.Name)
		}
		values, err := t.Values()
		if err != nil {
			return nil, err
		}
		given[r.Value] = values
	}
	return func(n *ir.Node, out []*ir.Tensor) {
		for i, v := range n.Results {
			if values := given[v]; values != nil {
				s.take(out[i].Data, values)
			}
		}
	}, nil
}

func (s *sides) take(own, given []float64) {
	s.all += len(own)
	for i, x := range given[:len(own)] {
		if own[i] != x {
			own[i] = x
			s.changed++
		}
	}
}

// err is an error unless some units changed sides, and few did.
func (s *sides) err() error {
	if s.changed == 0 || float64(s.changed) > fewUnits*float64(s.all) {
		return fmt.Errorf("%d of %d units changed sides, which explains nothing", s.changed, s.all)
	}
	return nil
}

// checkSides compares a float32 run with the float64 run whose units are on the same sides.
func (c Case) checkSides(g *golden.Case, p Program, r Runner) (reports []golden.Report, units int, err error) {
	p.Sides = true
	got, err := c.ask(p, r)
	if err != nil {
		return nil, 0, err
	}
	taken := &sides{calls: got.whole.Results}
	want, err := c.ask(p, Reference{taken})
	if err != nil {
		return nil, 0, err
	}
	if err := taken.err(); err != nil {
		return nil, taken.changed, err
	}
	expected, err := c.expect(g, want)
	if err != nil {
		return nil, taken.changed, err
	}
	reports, err = c.judge(expected, got, r.Tolerance())
	return reports, taken.changed, errors.Join(compareRoughly(g, expected), err)
}

// expect is the golden case with the values of another float64 run in place of its own.
func (c Case) expect(g *golden.Case, a answer) (*golden.Case, error) {
	losses := map[string][]float64{}
	for _, results := range a.whole.Results {
		for name := range g.Losses() {
			if results[name] == nil {
				continue
			}
			x, err := results[name].Float64s()
			if err != nil {
				return nil, err
			}
			losses[name] = append(losses[name], x[0])
		}
	}
	gradients, err := c.gradients(a)
	if err != nil {
		return nil, err
	}
	return g.Expecting(losses, gradients, a.whole.Cells)
}

// compareRoughly compares what two versions of a case expect.
func compareRoughly(a, b *golden.Case) error {
	var errs []error
	for name, values := range a.Losses() {
		for step, want := range values {
			if got := b.Losses()[name][step]; !(math.Abs(got-want) <= roughLoss*math.Abs(want)) {
				errs = append(errs, fmt.Errorf("%s %s of step %d is %g, want %g", a.Name, name, step, got, want))
			}
		}
	}
	errs = append(errs,
		digestsRoughly(a.Gradients(), b.Gradients(), func(d golden.Digest) float64 { return roughGradient * d.RMS }),
		digestsRoughly(a.After(), b.After(), func(d golden.Digest) float64 { return roughMovement * d.Moved }))
	return errors.Join(errs...)
}

// digestsRoughly compares samples.
func digestsRoughly(a, b []golden.Digest, allowed func(golden.Digest) float64) error {
	var errs []error
	for i, d := range a {
		sum := 0.0
		for k := range d.Value {
			sum += math.Pow(b[i].Value[k]-d.Value[k], 2)
		}
		if rms := math.Sqrt(sum / float64(len(d.Value))); !d.Zero && !(rms <= allowed(d)) {
			errs = append(errs, fmt.Errorf("%s is off by %.2g, more than %.2g", d.Name, rms, allowed(d)))
		}
	}
	return errors.Join(errs...)
}

package conform

import (
	"fmt"
	"math"
	"testing"

	"mmc/ir"
	"mmc/ir/dtype"
)

// Runner computes all cases at once: for each the elements of every result by name, integers and booleans as numbers.
type Runner func(cases []*Case) ([]map[string][]float64, error)

// RunAll compares a target with the evaluator on all cases.
func RunAll(t *testing.T, opt Options, run Runner) {
	t.Helper()
	cases, err := Cases(opt)
	if err != nil {
		t.Fatal(err)
	}
	got, err := run(cases)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(cases) {
		t.Fatalf("%d results for %d cases", len(got), len(cases))
	}
	for i, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			if err := c.Check(got[i]); err != nil {
				t.Error(err)
			}
		})
	}
}

// Check compares results with those of the evaluator.
func (c *Case) Check(got map[string][]float64) error {
	for _, r := range c.Graph.Results {
		if err := Compare(c.Want[r.Name], got[r.Name], max(1, c.Sample.Tolerance)*c.error()); err != nil {
			return fmt.Errorf("%s: %s: %w", c.Name, r.Name, err)
		}
	}
	return nil
}

// roundings are the errors that a case may have per element type, relative to the largest element: some tens of roundings,
// as sums over a few hundred products make them.
var roundings = map[dtype.DType]float64{dtype.F64: 1e-14, dtype.F32: 2e-6, dtype.F16: 4e-3, dtype.BF16: 3e-2}

// error is the allowance of the narrowest float among operands and results.
func (c *Case) error() float64 {
	worst := 0.0
	for _, a := range c.Graph.Args {
		worst = max(worst, roundings[a.Value.Type.DType])
	}
	for _, r := range c.Graph.Results {
		worst = max(worst, roundings[r.Value.Type.DType])
	}
	return worst
}

// Compare allows every element an error relative to the largest finite one; integers and booleans must be equal.
func Compare(want *ir.Tensor, got []float64, tolerance float64) error {
	if len(got) != len(want.Data) {
		return fmt.Errorf("%d elements instead of %d", len(got), len(want.Data))
	}
	if !want.DType.IsFloat() {
		tolerance = 0
	}
	scale := 0.0
	for _, x := range want.Data {
		if !math.IsInf(x, 0) && !math.IsNaN(x) {
			scale = max(scale, math.Abs(x))
		}
	}
	for i, x := range want.Data {
		if y := got[i]; x != y && !(math.IsNaN(x) && math.IsNaN(y)) && !(math.Abs(x-y) <= tolerance*scale) {
			return fmt.Errorf("element %d is %v instead of %v", i, y, x)
		}
	}
	return nil
}

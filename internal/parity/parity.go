// Package parity holds the example models against the golden cases: the same weights and inputs must give what PyTorch computed,
// outputs, losses and everything that training changes. The table of cases (table.go) says which model answers which case; a
// Runner says how a model is run, so that the reference evaluator and compiled packages answer the same questions.
package parity

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mmc/internal/golden"
	"mmc/interop/tensor"
)

// Tensors are tensors by name.
type Tensors = map[string]*tensor.Tensor

// Program is what a runner is asked to do: build a model, give it weights, call its graphs one after the other.
type Program struct {
	File    string            // relative to the module's root
	Model   string            // "" for the file's only one
	Set     map[string]string // hyperparameters
	Weights Tensors           // parameters and states by name
	Calls   []Call
}

// Call is one call of a graph. Inputs are arguments and draws by the names of the signature.
type Call struct {
	Graph  string
	Inputs Tensors
}

// Transcript is what came of it.
type Transcript struct {
	Results []Tensors // of each call: outputs, losses and reports by name
	Cells   Tensors   // parameters and states after the last call
	Slots   Tensors   // the states of the optimisers after it, as optimizer/slot/parameter
}

// Runner is one way to run a model.
type Runner interface {
	Run(p Program) (*Transcript, error)
	// Tolerance is how exact it is.
	Tolerance() golden.Tolerance
}

// Check runs a case and compares everything that the golden case knows. The errors of all differences are joined.
func Check(c Case, r Runner) error {
	g, err := golden.Load(c.Name)
	if err != nil {
		return err
	}
	weights, err := g.WeightMap()
	if err != nil {
		return err
	}
	calls, err := c.calls(g)
	if err != nil {
		return err
	}
	p := Program{File: c.File, Model: c.Model, Set: c.Set, Weights: weights, Calls: calls}
	got, err := r.Run(p)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Name, err)
	}
	errs := []error{sameNames(got.Cells, weights)}
	if len(g.Outputs()) > 0 {
		errs = append(errs, compareOutputs(g, got.Results[0], r.Tolerance()))
		return errors.Join(errs...)
	}
	if c.Kinks != smooth && r.Tolerance() != golden.Float64 {
		errs = append(errs, compareRoughly(g, got))
	} else {
		_, after := g.CompareAfter(got.Cells, r.Tolerance())
		errs = append(errs, compareSeries(g, got.Results, r.Tolerance()), after)
	}
	return errors.Join(append(errs, c.checkFirstStep(g, p, got, r))...)
}

// sameNames compares the names of a model's cells with those of the case, which leaves the counters of batches out.
func sameNames(cells, weights Tensors) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(cells)) {
		if weights[name] == nil && !strings.HasSuffix(name, "num_batches_tracked") {
			errs = append(errs, fmt.Errorf("the model has %s, the case does not", name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(weights)) {
		if cells[name] == nil {
			errs = append(errs, fmt.Errorf("the case has %s, the model does not", name))
		}
	}
	return errors.Join(errs...)
}

func compareOutputs(g *golden.Case, got Tensors, tol golden.Tolerance) error {
	var errs []error
	for _, want := range g.Outputs() {
		_, err := g.Compare(want.Name, got[want.Name], tol)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// compareSeries compares the losses and numbers that a training case lists by step. A call that does not compute one of them is no
// step of it.
func compareSeries(g *golden.Case, calls []Tensors, tol golden.Tolerance) error {
	return errors.Join(
		compareSteps(g.Losses(), calls, func(name string, step int, x float64) error { return g.CompareLoss(name, step, x, tol) }),
		compareSteps(g.Numbers(), calls, func(name string, step int, x float64) error { return g.CompareNumber(name, step, x, tol) }),
	)
}

func compareSteps(want map[string][]float64, calls []Tensors, compare func(name string, step int, x float64) error) error {
	var errs []error
	for name, values := range want {
		step := 0
		for _, results := range calls {
			if results[name] == nil {
				continue
			}
			x, err := results[name].Float64s()
			if err != nil || len(x) != 1 {
				errs = append(errs, fmt.Errorf("%s is no scalar: %w", name, err))
				continue
			}
			errs = append(errs, compare(name, step, x[0]))
			step++
		}
		if step != len(values) {
			errs = append(errs, fmt.Errorf("%d values of %s, want %d", step, name, len(values)))
		}
	}
	return errors.Join(errs...)
}

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
	Sides   bool // results tell on which sides of their kinks units are
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
	Millis  float64   // the median of some more calls, where the runner measures them
}

// Runner is one way to run a model.
type Runner interface {
	Run(p Program) (*Transcript, error)
	// Tolerance is how exact it is.
	Tolerance() golden.Tolerance
}

// Check runs a case and compares everything that the golden case knows. The errors of all differences are joined.
func Check(c Case, r Runner) error {
	_, err := Measure(c, r)
	return err
}

// Result tells how a case went.
type Result struct {
	Parameters int
	Reports    []golden.Report // of outputs, or of gradients and of what training changed
	Units      int             // how many changed sides: see kinks.go
	Millis     float64         // of a call or step, where the runner measures it
}

// Measure is Check with the distances.
func Measure(c Case, r Runner) (Result, error) {
	g, err := golden.Load(c.Name)
	if err != nil {
		return Result{}, err
	}
	p, err := c.program(g)
	if err != nil {
		return Result{}, err
	}
	got, err := c.ask(p, r)
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", c.Name, err)
	}
	out := Result{Parameters: g.Parameters, Millis: got.whole.Millis}
	out.Reports, err = c.judge(g, got, r.Tolerance())
	if err != nil && c.Kinks && r.Tolerance() != golden.Float64 {
		out.Reports, out.Units, err = c.checkSides(g, p, r)
	}
	return out, err
}

// program is what the case asks.
func (c Case) program(g *golden.Case) (Program, error) {
	weights, err := g.WeightMap()
	if err != nil {
		return Program{}, err
	}
	calls, err := c.calls(g)
	return Program{File: c.File, Model: c.Model, Set: c.Set, Weights: weights, Calls: calls}, err
}

// answer is what a runner made of a case.
type answer struct {
	weights Tensors
	whole   *Transcript
	first   *Transcript // of a training: its first step alone
}

// ask runs a case.
func (c Case) ask(p Program, r Runner) (a answer, err error) {
	a.weights = p.Weights
	if a.whole, err = r.Run(p); err != nil || c.First == (moment{}) {
		return a, err
	}
	p.Calls = p.Calls[:1]
	a.first, err = r.Run(p)
	return a, err
}

// judge compares an answer with what the golden case expects.
func (c Case) judge(g *golden.Case, a answer, tol golden.Tolerance) ([]golden.Report, error) {
	names := sameNames(a.whole.Cells, a.weights)
	if len(g.Outputs()) > 0 {
		reports, err := compareOutputs(g, a.whole.Results[0], tol)
		return reports, errors.Join(names, err)
	}
	first, wrongFirst := c.judgeFirstStep(g, a, tol)
	after, wrongAfter := g.CompareAfter(a.whole.Cells, tol)
	return append(first, after...), errors.Join(names, compareSeries(g, a.whole.Results, tol), wrongAfter, wrongFirst)
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

func compareOutputs(g *golden.Case, got Tensors, tol golden.Tolerance) (reports []golden.Report, err error) {
	for _, want := range g.Outputs() {
		r, wrong := g.Compare(want.Name, got[want.Name], tol)
		reports, err = append(reports, r), errors.Join(err, wrong)
	}
	return reports, err
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

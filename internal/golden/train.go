package golden

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"mmc/interop/tensor"
)

// series are numbers by name and step, from the float64 run and from PyTorch's float32 run. A lone loss is called "loss".
type series struct {
	Float64 named `json:"f64"`
	Float32 named `json:"torch_f32"`
}

type named map[string][]float64

// UnmarshalJSON accepts a list or lists by name.
func (n *named) UnmarshalJSON(text []byte) error {
	var lone []float64
	if json.Unmarshal(text, &lone) == nil {
		*n = named{"loss": lone}
		return nil
	}
	return json.Unmarshal(text, (*map[string][]float64)(n))
}

// Losses returns the losses by name and step, each taken before its step's update. A lone loss is called "loss".
func (c *Case) Losses() map[string][]float64 { return c.spec.Losses.Float64 }

// Numbers returns the other numbers kept of each step, such as a gradient's norm.
func (c *Case) Numbers() map[string][]float64 { return c.spec.Numbers.Float64 }

// CompareLoss holds the loss of that name and step against the expected one.
func (c *Case) CompareLoss(name string, step int, got float64, tol Tolerance) error {
	return c.compareNumber(c.spec.Losses, name, step, got, tol.digest(c.spec.LossError))
}

// CompareNumber holds one of Numbers against the expected one.
func (c *Case) CompareNumber(name string, step int, got float64, tol Tolerance) error {
	own := 0.0
	if a, b := c.spec.Numbers.Float64[name], c.spec.Numbers.Float32[name]; step < min(len(a), len(b)) {
		own = relative(math.Abs(a[step]-b[step]), math.Abs(a[step]))
	}
	return c.compareNumber(c.spec.Numbers, name, step, got, tol.digest(own))
}

func (c *Case) compareNumber(s series, name string, step int, got, allowed float64) error {
	want := s.Float64[name]
	if step < 0 || step >= len(want) {
		return fmt.Errorf("golden case %s has no %s of step %d", c.Name, name, step)
	}
	what := fmt.Sprintf("%s %s of step %d", c.Name, name, step)
	return measure(what, []float64{got}, want[step:step+1], math.Abs(want[step]), allowed).Err()
}

// Gradients lists the digests of the first step's gradients.
func (c *Case) Gradients() []Digest { return c.spec.Gradients }

// After lists the digests of parameters and running statistics after the last step.
func (c *Case) After() []Digest { return c.spec.After }

// CompareGradients holds the first step's gradients against the expected ones, all but those that are zero except for rounding.
// It returns a report for each that was compared, and the errors of those beyond tolerance. Gradients of networks with ReLUs and
// maxima may differ more if a unit near its kink changes sides in float32.
func (c *Case) CompareGradients(got map[string]*tensor.Tensor, tol Tolerance) ([]Report, error) {
	var reports []Report
	var errs []error
	for _, d := range c.spec.Gradients {
		if d.Zero {
			continue
		}
		values, err := d.values(got)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s gradient of %s: %w", c.Name, d.Name, err))
			continue
		}
		reports = append(reports, d.compare(c.Name+" gradient of "+d.Name, values, tol)...)
	}
	return reports, errors.Join(append(errs, failures(reports)...)...)
}

// CompareAfter holds the state after the last step against the expected one: the values, and how far they moved from the initial
// ones, since a small learning rate hides errors in the values. A tensor whose gradient is only rounding noise is left out.
func (c *Case) CompareAfter(got map[string]*tensor.Tensor, tol Tolerance) ([]Report, error) {
	initial, err := c.WeightMap()
	if err != nil {
		return nil, err
	}
	var reports []Report
	var errs []error
	for _, d := range c.spec.After {
		if c.noise(d.Name) {
			continue
		}
		values, err := d.values(got)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s %s after training: %w", c.Name, d.Name, err))
			continue
		}
		start, err := initial[d.Name].Float64s()
		if err != nil {
			return nil, err
		}
		reports = append(reports, d.compare(c.Name+" "+d.Name+" after training", values, tol)...)
		reports = append(reports, d.compareMovement(c.Name+" movement of "+d.Name, values, start, tol))
	}
	return reports, errors.Join(append(errs, failures(reports)...)...)
}

// Expecting is the case with the values of another float64 run, of the same steps, as what is expected.
func (c *Case) Expecting(losses map[string][]float64, gradients, after map[string]*tensor.Tensor) (*Case, error) {
	initial, err := c.WeightMap()
	if err != nil {
		return nil, err
	}
	out := *c
	out.spec.Losses.Float64 = losses
	var errs [2]error
	out.spec.Gradients, errs[0] = retaken(c.spec.Gradients, gradients, initial)
	out.spec.After, errs[1] = retaken(c.spec.After, after, initial)
	return &out, errors.Join(errs[:]...)
}

// retaken are digests with other values.
func retaken(list []Digest, from, initial map[string]*tensor.Tensor) ([]Digest, error) {
	out := slices.Clone(list)
	for i := range out {
		d := &out[i]
		if d.Zero {
			continue
		}
		values, err := d.values(from)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.Name, err)
		}
		start, err := d.values(initial)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.Name, err)
		}
		moved := make([]float64, len(values))
		for k := range values {
			moved[k] = values[k] - start[k]
		}
		d.Value, d.RMS, d.Moved = pick(values, d.Index), rms(values), rms(moved)
	}
	return out, nil
}

func (c *Case) noise(name string) bool {
	return slices.ContainsFunc(c.spec.Gradients, func(g Digest) bool { return g.Zero && g.Name == name })
}

func failures(reports []Report) []error {
	var errs []error
	for _, r := range reports {
		if err := r.Err(); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

func (d Digest) values(got map[string]*tensor.Tensor) ([]float64, error) {
	t := got[d.Name]
	if t == nil {
		return nil, errors.New("is missing")
	}
	if err := errors.Join(t.Validate(), sameShape(t.Shape, d.Shape)); err != nil {
		return nil, err
	}
	return t.Float64s()
}

// compare holds the samples and the rms of the whole against the digest: the samples find a wrong value, the rms one between them.
func (d Digest) compare(what string, values []float64, tol Tolerance) []Report {
	allowed := tol.digest(d.Error)
	samples := measure(what, pick(values, d.Index), d.Value, d.RMS, allowed)
	samples.At = d.Index[samples.At]
	whole := measure("rms of "+what, []float64{rms(values)}, []float64{d.RMS}, d.RMS, allowed)
	return []Report{samples, whole}
}

// compareMovement compares differences to the initial value. In float64 the digest's relative precision is that of the value, and
// the movement, being smaller, has less.
func (d Digest) compareMovement(what string, values, start []float64, tol Tolerance) Report {
	allowed := tol.digest(d.MovedError)
	if tol.digests > 0 {
		allowed *= max(1, relative(d.RMS, d.Moved))
	}
	got, want := make([]float64, len(d.Index)), make([]float64, len(d.Index))
	for i, at := range d.Index {
		got[i], want[i] = values[at]-start[at], d.Value[i]-start[at]
	}
	r := measure(what, got, want, d.Moved, allowed)
	r.At = d.Index[r.At]
	return r
}

func rms(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v * v
	}
	return math.Sqrt(sum / float64(max(1, len(values))))
}

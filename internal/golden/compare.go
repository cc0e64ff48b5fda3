package golden

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"mmc/interop/npy"
	"mmc/interop/tensor"
)

// Tolerance says how far a result may be from the float64 one.
type Tolerance struct {
	times    float64 // multiple of PyTorch's own float32 error
	absolute float64 // if not zero: this relative error instead
	digests  float64 // likewise, for losses and digests
}

// The tolerances of the project. An error of PyTorch's below leastError is taken as leastError: it was met by luck.
var (
	Direct   = Tolerance{times: 8}                      // float32 kernels that sum products: direct and GEMM
	Winograd = Tolerance{times: 16}                     // float32 kernels with transformed inputs
	Float64  = Tolerance{absolute: 1e-7, digests: 1e-9} // evaluation in float64: outputs are stored as float32, digests are not
)

const leastError = 1e-7

// output and digest give the relative error allowed, by where PyTorch's float32 run was.
func (t Tolerance) output(own float64) float64 {
	if t.absolute > 0 {
		return t.absolute
	}
	return t.times * max(own, leastError)
}

func (t Tolerance) digest(own float64) float64 {
	if t.digests > 0 {
		return t.digests
	}
	return t.times * max(own, leastError)
}

// Report tells how far a result is from what was expected.
type Report struct {
	What     string  // the case and the tensor
	RelRMS   float64 // rms of the difference, relative to the rms of the expected tensor
	Allowed  float64 // the most that RelRMS may be
	MaxAbs   float64 // largest difference,
	At       int     // where it is (flat index),
	Got      float64 // what was there,
	Want     float64 // and what was expected
	Compared int     // the number of values compared
}

// String is one line of all numbers.
func (r Report) String() string {
	return fmt.Sprintf("%s: relative rms error %.3g (allowed %.3g, ratio %.2f) over %d values; worst %.3g at %d: got %.9g, want %.9g",
		r.What, r.RelRMS, r.Allowed, r.RelRMS/r.Allowed, r.Compared, r.MaxAbs, r.At, r.Got, r.Want)
}

// Err is an error unless the result is within tolerance; a NaN anywhere never is.
func (r Report) Err() error {
	if r.RelRMS <= r.Allowed {
		return nil
	}
	return errors.New(r.String())
}

// measure compares got with want, value by value, relative to scale.
func measure(what string, got, want []float64, scale, allowed float64) Report {
	r := Report{What: what, Allowed: allowed, Compared: len(want)}
	sum := 0.0
	for i, w := range want {
		diff := math.Abs(got[i] - w)
		sum += diff * diff
		if !(diff <= r.MaxAbs) || i == 0 { // a NaN is the worst
			r.MaxAbs, r.At, r.Got, r.Want = diff, i, got[i], w
		}
		if math.IsNaN(diff) {
			r.RelRMS = math.NaN()
			return r
		}
	}
	r.RelRMS = relative(math.Sqrt(sum/float64(len(want))), scale)
	return r
}

// relative is a/b, where nothing is as far from nothing as nothing.
func relative(a, b float64) float64 {
	if a == 0 {
		return 0
	}
	return a / b
}

// Compare holds a result against the expected output of that name. Float results may be f32 or f64; integers (token numbers) may
// be of any width and must be equal. The report is returned with the error too.
func (c *Case) Compare(name string, got *tensor.Tensor, tol Tolerance) (Report, error) {
	what := c.Name + " " + name
	i := slices.IndexFunc(c.spec.Outputs, func(o Output) bool { return o.Name == name })
	if i < 0 {
		return Report{}, fmt.Errorf("golden case %s has no output %s", c.Name, name)
	}
	if got == nil {
		return Report{}, fmt.Errorf("%s: is missing", what)
	}
	want := c.spec.Outputs[i]
	if err := errors.Join(got.Validate(), sameShape(got.Shape, want.Shape)); err != nil {
		return Report{}, fmt.Errorf("%s: %w", what, err)
	}
	if want.DType == tensor.I64 {
		return Report{What: what}, c.compareIntegers(want, got)
	}
	values, err := got.Float64s()
	if err != nil {
		return Report{}, fmt.Errorf("%s: %w", what, err)
	}
	r, err := c.compareFloats(want, values, tol)
	if err != nil {
		return r, err
	}
	return r, errors.Join(r.Err(), sameArgmax(want, values))
}

func (c *Case) compareFloats(want Output, got []float64, tol Tolerance) (Report, error) {
	at, expected, err := c.expected(want)
	if err != nil {
		return Report{}, err
	}
	r := measure(c.Name+" "+want.Name, pick(got, at), expected, want.RMS, tol.output(want.Error))
	if at != nil {
		r.At = at[r.At]
	}
	return r, nil
}

// expected returns the values to compare and, if they are samples, their flat indices.
func (c *Case) expected(o Output) (at []int, want []float64, err error) {
	if o.Samples != nil {
		return o.Samples.Index, o.Samples.Value, nil
	}
	t, err := npy.ReadFile(filepath.Join(c.dir, o.File))
	if err != nil {
		return nil, nil, err
	}
	want, err = t.Float64s()
	return nil, want, errors.Join(err, sameShape(t.Shape, o.Shape))
}

func (c *Case) compareIntegers(o Output, got *tensor.Tensor) error {
	want, err := npy.ReadFile(filepath.Join(c.dir, o.File))
	if err != nil {
		return err
	}
	wide, _, err := tensor.Convert(got, tensor.I64)
	if err != nil {
		return fmt.Errorf("%s %s: %w", c.Name, o.Name, err)
	}
	a, b := wide.Data.([]int64), want.Data.([]int64)
	for i := range b {
		if a[i] != b[i] {
			return fmt.Errorf("%s %s: element %d is %d, want %d", c.Name, o.Name, i, a[i], b[i])
		}
	}
	return nil
}

func sameShape(got, want []int) error {
	if !slices.Equal(got, want) {
		return fmt.Errorf("shape %s, want %s", tensor.Dims(got), tensor.Dims(want))
	}
	return nil
}

// pick returns the values at those indices, or all of them where at is nil.
func pick(values []float64, at []int) []float64 {
	if at == nil {
		return values
	}
	return mapped(at, func(i int) float64 { return values[i] })
}

func sameArgmax(o Output, got []float64) error {
	if o.Argmax == nil {
		return nil
	}
	row := 0
	for values := range slices.Chunk(got, o.Shape[len(o.Shape)-1]) {
		best := 0
		for i, v := range values {
			if v > values[best] {
				best = i
			}
		}
		if best != o.Argmax[row] {
			return fmt.Errorf("%s: the largest of row %d is element %d, want %d", o.Name, row, best, o.Argmax[row])
		}
		row++
	}
	return nil
}

// Times is a report's error in multiples of PyTorch's own.
func (t Tolerance) Times(r Report) float64 { return relative(r.RelRMS*t.times, r.Allowed) }

package rt

import (
	"errors"
	"math"
	"slices"
	"strconv"
)

// An IndexError says that a position read from a tensor lies outside of what it is a position in.
type IndexError struct {
	Index, Size int64
	Where       string // graph, operator and place
}

func (e *IndexError) Error() string {
	text := "index " + strconv.FormatInt(e.Index, 10) + " is outside 0 .. " + strconv.FormatInt(e.Size-1, 10)
	if e.Where != "" {
		text = e.Where + ": " + text
	}
	return text
}

// Index is a position that must lie in 0 .. n-1. If it does not, the kernel ends with an IndexError, before anything is read there.
func Index(i, n int64) int64 {
	if uint64(i) >= uint64(n) {
		outside(i, n)
	}
	return i
}

// outside is not part of Index, which is small enough to be inlined without it.
func outside(i, n int64) { panic(&IndexError{Index: i, Size: n}) }

// A LossError says that a loss is NaN or infinite.
type LossError struct {
	Graph, Loss string
	Value       float64
	Step        uint64 // counted from 1
}

func (e *LossError) Error() string {
	value := "infinite"
	if e.Value != e.Value {
		value = "NaN"
	}
	return e.Graph + ": " + e.Loss + " is " + value + " in step " + strconv.FormatUint(e.Step, 10)
}

// At says which step of a graph has just run, for the error of an index.
func (m *Machine) At(where string) {
	if m.err != nil {
		m.err = placed(m.err, where)
	}
}

// placed is apart from At so that calls which go well allocate nothing.
func placed(err error, where string) error {
	e := (*IndexError)(nil)
	if !errors.As(err, &e) {
		return err
	}
	e.Where = where
	return e
}

// Loss looks at a loss that has just been computed: unless the owner allows it, one that is not finite ends the call.
func (m *Machine) Loss(graph, name string, x float64) {
	if (x != x || math.IsInf(x, 0)) && !m.AnyLoss && m.err == nil {
		m.err = &LossError{Graph: graph, Loss: name, Value: x}
	}
}

// InStep gives the error of a training step its number; steps were done before it.
func InStep(err error, steps uint64) error {
	if e := (*LossError)(nil); errors.As(err, &e) {
		e.Step = steps + 1
	}
	return err
}

// A tornError is a step's failure between its updates.
type tornError struct{ err error }

func (e *tornError) Unwrap() error { return e.err }
func (e *tornError) Error() string {
	return e.err.Error() + "; some of the step's updates are done and others are not: go on from a checkpoint"
}

// Torn is the error of a call that failed when it had begun to write cells. Until Mended, every call of the machine is refused with it.
func (m *Machine) Torn(err error) error {
	m.torn = &tornError{err}
	return m.torn
}

// Mended says that the cells hold what belongs together.
func (m *Machine) Mended() { m.torn = nil }

// CheckNumbers refuses cells that hold NaN, which are worth nothing in a file.
func CheckNumbers(cells []Cell) error {
	for _, c := range cells {
		if c.Data.hasNaN() {
			return errors.New(c.Name + " holds NaN: it is not saved")
		}
	}
	return nil
}

func (s slice[T]) hasNaN() bool {
	switch data := any(*s.at).(type) {
	case []float32:
		return anyNaN(data)
	case []float64:
		return anyNaN(data)
	case []F16:
		return slices.ContainsFunc(data, func(x F16) bool { return x.Float32() != x.Float32() })
	case []BF16:
		return slices.ContainsFunc(data, func(x BF16) bool { return x.Float32() != x.Float32() })
	}
	return false
}

func anyNaN[T float32 | float64](data []T) bool {
	for _, x := range data {
		if x != x {
			return true
		}
	}
	return false
}

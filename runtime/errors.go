package rt

import "strconv"

// A ShapeError says which argument of which graph does not have the shape that the .mm file declares.
type ShapeError struct {
	Graph string // the graph called; empty outside of a call
	Arg   string // the argument; empty when the fault is none's alone
	Msg   string // the fault, in the .mm file's dim names
}

func (e *ShapeError) Error() string {
	s := ""
	if e.Graph != "" {
		s += e.Graph + ": "
	}
	if e.Arg != "" {
		s += e.Arg + " "
	}
	return s + e.Msg
}

// A PanicError is a panic inside a chunk of a parallel step, carried to the caller of the step.
type PanicError struct {
	Chunk int // the lowest chunk that panicked
	Value any // what it panicked with
}

func (e *PanicError) Error() string {
	return "internal error: panic in chunk " + strconv.Itoa(e.Chunk) + ": " + panicText(e.Value)
}

// Unwrap gives the error that was panicked with, if it was one.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

func panicText(v any) string {
	switch v := v.(type) {
	case error:
		return v.Error()
	case string:
		return v
	case interface{ String() string }:
		return v.String()
	}
	return "unknown value"
}

// A wrapped error says where an error came from.
type wrapped struct {
	where string
	err   error
}

func (e *wrapped) Error() string { return e.where + ": " + e.err.Error() }
func (e *wrapped) Unwrap() error { return e.err }

// within puts where before an error; an empty where, or no error, changes nothing.
func within(where string, err error) error {
	if where == "" || err == nil {
		return err
	}
	return &wrapped{where, err}
}

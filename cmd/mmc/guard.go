package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
)

// guarded runs f and turns a panic, which can only be a bug of the compiler, into an error with the trace in a file.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = internalError(p, debug.Stack())
		}
	}()
	return f()
}

// compute is guarded for what takes its time: an interrupt ends the wait at once. As f may then go on until the process ends, it
// must neither write nor print.
func compute[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	if err := ctx.Err(); err != nil { // of an interrupt and a result that are both there, select takes any
		var none T
		return none, err
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		o.err = guarded(func() (err error) { o.value, err = f(); return err })
		done <- o
	}()
	select {
	case o := <-done:
		return o.value, o.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

func internalError(p any, stack []byte) error {
	text := fmt.Appendf(nil, "mmc %s\n%v\n\n%s", version(), p, stack)
	file, err := os.CreateTemp("", "mmc-crash-*.txt")
	if err != nil {
		return fmt.Errorf("internal error: %v: please report\n%s", p, stack)
	}
	defer file.Close()
	if _, err := file.Write(text); err != nil {
		return fmt.Errorf("internal error: %v: please report\n%s", p, stack)
	}
	return fmt.Errorf("internal error: %v: please report, with %s", p, file.Name())
}

package main

import (
	"fmt"
	"os"
	"runtime/debug"
)

// guarded runs f and turns a panic, which can only be a bug of the compiler, into an error with the trace in a file.
func (e *env) guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = internalError(p, debug.Stack())
		}
	}()
	return f()
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

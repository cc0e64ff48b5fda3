package main

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// patience is how long work may take before a person wants to see that it goes on.
const patience = time.Second

// spin shows a spinner with the text once patience is over, on a terminal only, until the function that it returns is called.
func (e *env) spin(text string) (stop func()) {
	if !e.terminal {
		return func() {}
	}
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		select {
		case <-done:
			return
		case <-time.After(patience):
		}
		e.turn(text, done)
	}()
	return func() { close(done); <-gone }
}

// turn moves the spinner until done, and clears its line.
func (e *env) turn(text string, done <-chan struct{}) {
	const pace = 100 * time.Millisecond
	bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(e.errOut), progressbar.OptionSetDescription(text),
		progressbar.OptionSpinnerType(14), progressbar.OptionClearOnFinish(), progressbar.OptionSetElapsedTime(true))
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for {
		select {
		case <-done:
			_ = bar.Finish() // of a spinner on a terminal: nothing depends on it
			return
		case <-tick.C:
			_ = bar.Add(1)
		}
	}
}

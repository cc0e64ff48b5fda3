package rt

import (
	"errors"
	"sync/atomic"
)

// A Kernel is a kernel call with its operands filled in.
type Kernel interface {
	Task
	Chunks() int // how many chunks it has, by shape alone
}

// A Machine runs the kernels of a session or trainer: workers and working memory. It belongs to one goroutine at a time.
type Machine struct {
	Pool  *Pool
	Arena Arena
	Tape  Tape // noise to use in place of draws
	// AnyLoss lets steps go on whose loss is not finite.
	AnyLoss bool

	err   error // of the first kernel that failed since Failed was asked
	torn  error // of the call that failed between updates of cells
	awake bool  // the pool's workers are up for this call
	busy  atomic.Bool
}

// Enter begins a call.
func (m *Machine) Enter() error {
	if err := m.Occupy(); err != nil {
		return err
	}
	if m.torn != nil {
		m.Leave()
		return m.torn
	}
	return nil
}

// Occupy begins a call that does not need what the cells hold. Two calls at a time are a mistake of the program, which would mix
// up their memory.
func (m *Machine) Occupy() error {
	if m.busy.CompareAndSwap(false, true) {
		return nil
	}
	return errors.New("two calls at the same time on one session; make a session for each goroutine")
}

// Leave ends a call.
func (m *Machine) Leave() {
	if m.awake {
		m.awake = false
		m.Pool.End()
	}
	m.busy.Store(false)
}

// Do runs a kernel. The workers are woken by the first one that has work for them, and stay up until Leave.
func (m *Machine) Do(k Kernel) {
	n := k.Chunks()
	if n > 1 && !m.awake {
		m.awake = true
		m.Pool.Begin()
	}
	if err := m.Pool.Do(k, n); err != nil && m.err == nil {
		m.err = err
	}
}

// Failed is the error of a kernel, which is forgotten.
func (m *Machine) Failed() error {
	err := m.err
	m.err = nil
	return err
}

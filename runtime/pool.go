package rt

import (
	"errors"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"
)

// A Task is one parallel step: chunks that may run in any order and at the same time, each writing outputs of
// its own. It is an interface, not a function, so that a step lives in its session and a call allocates nothing.
type Task interface {
	Chunk(i int)
}

// A Runner is a pool of somebody else: it calls f(0) .. f(n-1), concurrently if it likes, and returns when all
// have returned. Only types of the language appear in it, so that packages compiled apart, and programs that
// have workers already, share threads. *Pool is one itself.
type Runner interface {
	Run(n int, f func(i int))
}

// A Pool runs parallel steps on a fixed number of threads, the caller's being one of them.
//
// A step publishes how many of its chunks are unclaimed in one word; workers and the caller claim chunks by
// compare-and-swap, and the caller waits only for chunks that somebody has claimed. A worker that the operating
// system does not run therefore delays nobody: the caller does its share. Which thread runs a chunk never
// touches the result, since chunks are cut by shape alone.
//
// Between the steps of a call, workers spin for a short while (see spinTime), because waking one takes as long
// as a small kernel; outside of calls they are parked. A session brackets a call with Begin and End.
//
// Sessions may share a Pool. A step that finds it busy, be it with another session's step or with the step that
// it is itself a part of, runs in its caller alone.
type Pool struct {
	t *team // apart from Pool, so that workers do not keep a forgotten Pool from being collected
}

// NewPool makes a pool of so many threads; 0 or less means GOMAXPROCS. On WebAssembly there is only one.
func NewPool(threads int) *Pool {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	if runtime.GOARCH == "wasm" {
		threads = 1
	}
	t := &team{workers: make([]worker, min(threads, maxThreads)-1)}
	for i := range t.workers {
		t.workers[i].wake = make(chan struct{}, 1)
		go t.work(&t.workers[i])
	}
	p := &Pool{t: t}
	if len(t.workers) > 0 {
		runtime.AddCleanup(p, (*team).close, t)
	}
	return p
}

// Adopt makes a Pool that hands its chunks to r.
func Adopt(r Runner) *Pool {
	if p, ok := r.(*Pool); ok {
		return p
	}
	t := &team{foreign: r}
	t.each = t.foreignChunk
	t.bracket, _ = r.(bracket)
	return &Pool{t: t}
}

// Threads is how many threads a step may run on; 0 if a foreign pool decides.
func (p *Pool) Threads() int {
	if p.t.foreign != nil {
		return 0
	}
	return len(p.t.workers) + 1
}

// Begin wakes the workers for a call whose steps follow at once. Every Begin has its End. A call that has no
// parallel step needs neither.
func (p *Pool) Begin() {
	t := p.t
	if t.bracket != nil {
		t.bracket.Begin()
	}
	t.calls.Add(1)
	t.wake(len(t.workers))
}

// End lets the workers park, unless another session's call is running.
func (p *Pool) End() {
	p.t.calls.Add(-1)
	if p.t.bracket != nil {
		p.t.bracket.End()
	}
}

// Do runs chunks 0 .. n-1 of a step and returns when all are done. A panic in a chunk becomes a *PanicError.
func (p *Pool) Do(step Task, n int) error {
	t := p.t
	if n <= 1 || t.alone() || uint64(n) > maxChunks || !t.busy.CompareAndSwap(false, true) {
		return serial(step, n)
	}
	err := t.fork(step, n)
	t.busy.Store(false)
	runtime.KeepAlive(p)
	return err
}

// Run makes a Pool a Runner. A panic in f goes on in the caller.
func (p *Pool) Run(n int, f func(i int)) {
	if err := p.Do(funcTask(f), n); err != nil {
		panic(err.(*PanicError).Value)
	}
}

// Close ends the workers. Steps after it run in their callers.
func (p *Pool) Close() { p.t.close() }

// bracket is what a Runner may have besides: the calls that a shared rt.Pool needs to know of.
type bracket interface {
	Begin()
	End()
}

type funcTask func(i int)

func (f funcTask) Chunk(i int) { f(i) }

const (
	// maxThreads bounds what a caller may ask for; beyond it a step has no chunks for more.
	maxThreads = 1024
	maxChunks  = 1<<32 - 1
	// spinTime is how long a worker looks for a next step before it parks. Longer gains nothing on kernels
	// that are worth a fork, and takes the core from whoever shares it.
	spinTime = 50 * time.Microsecond
	// pauses is how many pause instructions separate two looks at the shared word: few enough to start a
	// step at once, enough to leave a sibling hyper-thread its core.
	pauses = 4
	// looksPerClock is how many looks separate two readings of the clock, which cost more than a look.
	looksPerClock = 16
)

// A team is a Pool's shared state. Fields that are written while a step runs have cache lines of their own.
type team struct {
	word atomic.Uint64 // epoch of the step << 32 | its chunks not yet claimed
	_    [120]byte
	done atomic.Uint32 // chunks of the step that workers have finished
	_    [124]byte

	// The step: written by its caller before word, read by others only after they claimed a chunk.
	step   Task
	chunks uint32
	epoch  uint32

	busy    atomic.Bool  // a step is running
	calls   atomic.Int32 // calls between Begin and End
	parked  atomic.Int32 // workers that sleep
	closed  atomic.Bool
	failure atomic.Pointer[PanicError] // the panic of the lowest chunk
	workers []worker

	foreign Runner
	bracket bracket
	each    func(i int) // foreignChunk, bound once
}

type worker struct {
	parked atomic.Bool
	wake   chan struct{} // a token for whoever set parked to false on the worker's behalf
	_      [48]byte
}

func (t *team) alone() bool { return t.foreign == nil && len(t.workers) == 0 }

// fork runs a step of n chunks together with the workers.
func (t *team) fork(step Task, n int) error {
	t.step, t.chunks = step, uint32(n)
	t.done.Store(0)
	if t.foreign != nil {
		t.foreign.Run(n, t.each)
	} else {
		t.forkOwn(n)
	}
	t.step = nil
	if p := t.failure.Swap(nil); p != nil {
		return p
	}
	if ran := int(t.done.Load()); t.foreign != nil && ran != n {
		return errors.New("the pool in use ran " + strconv.Itoa(ran) + " of " + strconv.Itoa(n) + " chunks")
	}
	return nil
}

func (t *team) forkOwn(n int) {
	t.epoch++
	t.word.Store(uint64(t.epoch)<<32 | uint64(n))
	t.wake(n - 1)
	own := uint32(0)
	for i, ok := t.claim(); ok; i, ok = t.claim() {
		t.run(i)
		own++
	}
	for looks := 1; t.done.Load()+own != uint32(n); looks++ {
		pause(pauses)
		if looks%looksPerClock == 0 { // the claimed chunk may belong to a goroutine that waits for this thread
			runtime.Gosched()
		}
	}
}

// claim takes the next chunk of the running step. The epoch in the word makes the swap fail for a thread that
// read the word in an earlier step.
func (t *team) claim() (int, bool) {
	for {
		w := t.word.Load()
		left := uint32(w)
		if left == 0 {
			return 0, false
		}
		if t.word.CompareAndSwap(w, w-1) {
			return int(t.chunks - left), true
		}
	}
}

// run runs a chunk and keeps its panic.
func (t *team) run(i int) {
	if p := protect(t.step, i); p != nil {
		t.fail(p)
	}
}

// fail keeps the panic of the lowest chunk, so that the error does not depend on timing.
func (t *team) fail(p *PanicError) {
	for {
		old := t.failure.Load()
		if old != nil && old.Chunk <= p.Chunk || t.failure.CompareAndSwap(old, p) {
			return
		}
	}
}

func (t *team) foreignChunk(i int) {
	t.run(i)
	t.done.Add(1)
}

// serial runs a step in the caller.
func serial(step Task, n int) error {
	for i := range n {
		if p := protect(step, i); p != nil {
			return p
		}
	}
	return nil
}

func protect(step Task, i int) (p *PanicError) {
	defer func() {
		if v := recover(); v != nil {
			p = &PanicError{Chunk: i, Value: v}
		}
	}()
	step.Chunk(i)
	return nil
}

// work is a worker's life: sleep, serve the steps of a call, sleep.
func (t *team) work(w *worker) {
	for t.sleep(w) {
		t.serve()
	}
}

// serve runs chunks until no call is under way or none has come for spinTime.
func (t *team) serve() {
	var since time.Time // when the worker ran out of chunks; zero while it has not looked at the clock
	for looks := 1; ; looks++ {
		if i, ok := t.claim(); ok {
			t.run(i)
			t.done.Add(1)
			since = time.Time{}
			continue
		}
		if t.calls.Load() == 0 {
			return
		}
		if looks%looksPerClock == 0 {
			if since.IsZero() {
				since = time.Now()
			} else if time.Since(since) > spinTime {
				return
			}
		}
		pause(pauses)
	}
}

// sleep parks a worker until it is woken, and reports whether the pool is still open. A step published between
// the last look and the parking is seen either here or by its publisher, who looks at parked after the word.
func (t *team) sleep(w *worker) bool {
	w.parked.Store(true)
	t.parked.Add(1)
	if (uint32(t.word.Load()) > 0 || t.closed.Load()) && w.parked.CompareAndSwap(true, false) {
		t.parked.Add(-1)
	} else {
		<-w.wake
	}
	return !t.closed.Load()
}

// wake wakes up to n parked workers.
func (t *team) wake(n int) {
	if t.parked.Load() == 0 {
		return
	}
	for i := range t.workers {
		w := &t.workers[i]
		if n <= 0 {
			return
		}
		if w.parked.Load() && w.parked.CompareAndSwap(true, false) {
			t.parked.Add(-1)
			w.wake <- struct{}{}
			n--
		}
	}
}

func (t *team) close() {
	t.closed.Store(true)
	t.wake(len(t.workers))
}

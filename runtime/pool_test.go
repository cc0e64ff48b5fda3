package rt

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// marks counts how often each chunk ran.
type marks struct{ ran []int32 }

func (m *marks) Chunk(i int) { atomic.AddInt32(&m.ran[i], 1) }

func (m *marks) allOnce(t *testing.T) {
	t.Helper()
	for i, n := range m.ran {
		require.EqualValues(t, 1, n, "chunk %d", i)
	}
}

func TestPoolRunsEachChunkOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 8} {
		p := NewPool(threads)
		if runtime.GOARCH == "wasm" {
			threads = 1
		}
		assert.Equal(t, threads, p.Threads())
		for _, n := range []int{0, 1, 2, 3, 7, 64, 1000} {
			for _, call := range []bool{false, true} {
				m := &marks{ran: make([]int32, n)}
				if call {
					p.Begin()
				}
				require.NoError(t, p.Do(m, n))
				if call {
					p.End()
				}
				m.allOnce(t)
			}
		}
		p.Close()
	}
}

// sums is a step whose chunks write plain memory: under the race detector it proves that what a step wrote is
// ordered before what follows it.
type sums struct{ in, out []float32 }

func (s *sums) Chunk(i int) { s.out[i] = s.in[i]*2 + 1 }

func TestPoolOrdersSteps(t *testing.T) {
	p := NewPool(4)
	defer p.Close()
	a, b := make([]float32, 33), make([]float32, 33)
	want := float32(0)
	p.Begin()
	defer p.End()
	for range 2000 {
		require.NoError(t, p.Do(&sums{a, b}, len(a)))
		a, b = b, a
		if want < 1e6 {
			want = want*2 + 1
		} else {
			clear(a)
			want = 0
		}
		for i, v := range a {
			require.Equal(t, want, v, "element %d", i)
		}
	}
}

func TestPoolIsShared(t *testing.T) {
	p := NewPool(3)
	defer p.Close()
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for range 200 {
				p.Begin()
				m := &marks{ran: make([]int32, 17)}
				assert.NoError(t, p.Do(m, 17))
				m.allOnce(t)
				p.End()
			}
		})
	}
	wg.Wait()
}

// hostage is a step of which one chunk waits for all others, whoever runs it.
type hostage struct {
	done atomic.Int32
	n    int32
}

func (h *hostage) Chunk(i int) {
	if i == 0 {
		for h.done.Load() != h.n-1 {
			runtime.Gosched()
		}
	}
	h.done.Add(1)
}

// A thread that is held up in a chunk holds up that chunk alone: the others take over all the rest.
func TestPoolTakesOver(t *testing.T) {
	p := threadedPool(t, 2)
	defer p.Close()
	for round := range 100 {
		h := &hostage{n: 20}
		if round%2 == 0 {
			p.Begin()
		}
		require.NoError(t, p.Do(h, 20))
		if round%2 == 0 {
			p.End()
		}
		require.EqualValues(t, 20, h.done.Load())
	}
}

// With one processor the workers never run while the caller does: it does all chunks, and waits for nobody.
func TestPoolWithoutProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	p := NewPool(4)
	defer p.Close()
	start := time.Now()
	for range 1000 {
		p.Begin()
		m := &marks{ran: make([]int32, 16)}
		require.NoError(t, p.Do(m, 16))
		m.allOnce(t)
		p.End()
	}
	assert.Less(t, time.Since(start), 5*time.Second)
}

// nest runs a step within each chunk of a step.
type nest struct {
	p     *Pool
	inner []marks
}

func (n *nest) Chunk(i int) {
	if err := n.p.Do(&n.inner[i], len(n.inner[i].ran)); err != nil {
		panic(err)
	}
}

func TestPoolNests(t *testing.T) {
	n := &nest{p: NewPool(3), inner: make([]marks, 9)}
	defer n.p.Close()
	for i := range n.inner {
		n.inner[i].ran = make([]int32, 5)
	}
	require.NoError(t, n.p.Do(n, len(n.inner)))
	for i := range n.inner {
		n.inner[i].allOnce(t)
	}
}

type faulty struct {
	from int
	with any
}

func (f *faulty) Chunk(i int) {
	if i >= f.from {
		panic(f.with)
	}
}

func TestPoolCarriesPanics(t *testing.T) {
	cause := errors.New("cause")
	for _, p := range []*Pool{NewPool(1), NewPool(4), Adopt(goroutines{})} {
		for range 20 {
			err := p.Do(&faulty{3, cause}, 40)
			var panicked *PanicError
			require.ErrorAs(t, err, &panicked)
			require.Equal(t, 3, panicked.Chunk, "the lowest chunk, whatever the timing")
			require.ErrorIs(t, err, cause)
			require.EqualError(t, err, "internal error: panic in chunk 3: cause")
		}
		m := &marks{ran: make([]int32, 40)} // the pool works on
		require.NoError(t, p.Do(m, 40))
		m.allOnce(t)
		p.Close()
	}
	err := NewPool(2).Do(&faulty{0, 7}, 2)
	require.EqualError(t, err, "internal error: panic in chunk 0: unknown value")
}

func TestPoolIsARunner(t *testing.T) {
	p := NewPool(2)
	defer p.Close()
	var r Runner = p
	m := &marks{ran: make([]int32, 50)}
	r.Run(50, m.Chunk)
	m.allOnce(t)
	assert.PanicsWithValue(t, "no", func() { r.Run(3, func(int) { panic("no") }) })
	assert.Same(t, p, Adopt(p))
}

type goroutines struct{}

func (goroutines) Run(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

// lazy is a foreign pool that forgets the last chunk.
type lazy struct{}

func (lazy) Run(n int, f func(i int)) {
	for i := range n - 1 {
		f(i)
	}
}

func TestAdoptedPool(t *testing.T) {
	p := Adopt(goroutines{})
	m := &marks{ran: make([]int32, 100)}
	p.Begin()
	require.NoError(t, p.Do(m, 100))
	p.End()
	m.allOnce(t)
	assert.ErrorContains(t, Adopt(lazy{}).Do(&marks{ran: make([]int32, 4)}, 4), "3 of 4 chunks")
}

// bracketed counts the calls that an adopting pool passes on.
type bracketed struct {
	goroutines
	begun, ended int
}

func (b *bracketed) Begin() { b.begun++ }
func (b *bracketed) End()   { b.ended++ }

func TestAdoptPassesCallsOn(t *testing.T) {
	b := &bracketed{}
	p := Adopt(b)
	p.Begin()
	p.End()
	assert.Equal(t, 1, b.begun)
	assert.Equal(t, 1, b.ended)
}

// eventually polls in this goroutine, so that goroutines can be counted.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		require.True(t, time.Now().Before(end), "timed out")
	}
}

// threadedPool is a pool with workers, or a skip.
func threadedPool(t *testing.T, threads int) *Pool {
	t.Helper()
	if runtime.GOARCH == "wasm" {
		t.Skip("one thread only")
	}
	return NewPool(threads)
}

func TestPoolParksAfterCall(t *testing.T) {
	p := threadedPool(t, 4)
	defer p.Close()
	p.Begin()
	require.NoError(t, p.Do(&marks{ran: make([]int32, 12)}, 12))
	p.End()
	eventually(t, func() bool { return p.t.parked.Load() == 3 })
}

func TestPoolParksWithinLongCall(t *testing.T) {
	p := threadedPool(t, 4)
	defer p.Close()
	p.Begin()
	defer p.End()
	eventually(t, func() bool { return p.t.parked.Load() == 3 })
	m := &marks{ran: make([]int32, 12)}
	require.NoError(t, p.Do(m, 12))
	m.allOnce(t)
}

func TestPoolCloses(t *testing.T) {
	before := runtime.NumGoroutine()
	p := NewPool(8)
	p.Close()
	eventually(t, func() bool { return runtime.NumGoroutine() <= before })
	m := &marks{ran: make([]int32, 12)}
	require.NoError(t, p.Do(m, 12))
	m.allOnce(t)
}

func TestForgottenPoolIsCollected(t *testing.T) {
	before := runtime.NumGoroutine()
	func() {
		p := NewPool(8)
		require.NoError(t, p.Do(&marks{ran: make([]int32, 12)}, 12))
	}()
	eventually(t, func() bool {
		runtime.GC()
		return runtime.NumGoroutine() <= before
	})
}

func TestPoolAllocatesNothing(t *testing.T) {
	p := NewPool(2)
	defer p.Close()
	m := &marks{ran: make([]int32, 16)}
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		p.Begin()
		_ = p.Do(m, 16)
		p.End()
	}))
}

func BenchmarkForkJoin(b *testing.B) {
	p := NewPool(2)
	defer p.Close()
	m := &marks{ran: make([]int32, 8)}
	p.Begin()
	defer p.End()
	for b.Loop() {
		_ = p.Do(m, 8)
	}
}

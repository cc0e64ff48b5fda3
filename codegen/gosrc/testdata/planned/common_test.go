package planned

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

var background = context.Background()

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// ramp is a tensor of numbers between -1 and 1.
func ramp(shape ...int) Tensor[float32] {
	n := 1
	for _, d := range shape {
		n *= d
	}
	x := Tensor[float32]{Shape: shape, Data: make([]float32, n)}
	for i := range x.Data {
		x.Data[i] = float32(i*7%17)/8 - 1
	}
	return x
}

// share is a ramp between 0 and 1, as pictures are.
func share(shape ...int) Tensor[float32] {
	x := ramp(shape...)
	for i := range x.Data {
		x.Data[i] = (x.Data[i] + 1) / 2
	}
	return x
}

func labels(n int) Tensor[int32] {
	x := Tensor[int32]{Shape: []int{n}}
	for i := range n {
		x.Data = append(x.Data, int32(i*3%10))
	}
	return x
}

// one makes a slice of a number without an allocation.
func one(x float32) []float32 {
	single[0] = x
	return single[:]
}

var single [1]float32

// digest sums up the bits that it is shown.
type digest struct {
	bits []byte
	nans int
}

func (d *digest) show(data []float32) {
	for _, x := range data {
		if x != x {
			d.nans++
		}
		b := math.Float32bits(x)
		d.bits = append(d.bits, byte(b), byte(b>>8), byte(b>>16), byte(b>>24))
	}
}

func (d *digest) String() string {
	sum := sha256.Sum256(d.bits)
	return fmt.Sprintf("%s of %d bytes, %d NaN", hex.EncodeToString(sum[:8]), len(d.bits), d.nans)
}

var model = sync.OnceValue(func() *Model { return must(New(Init(1))) })

func ofGraphs(threads int) *digest {
	d := new(digest)
	s := model().NewSession(Options{Threads: threads})
	for range 2 {
		if err := graphs(s, d.show); err != nil {
			panic(err)
		}
	}
	return d
}

// ofSteps is what some steps show and leave in the weights and in the states of the optimisers.
func ofSteps(threads int, dir string) *digest {
	d := new(digest)
	t := must(NewTrainer(Init(1), TrainOptions{Threads: threads, AnyLoss: true})) // NaN is counted
	for range 3 {
		if err := steps(t, d.show); err != nil {
			panic(err)
		}
	}
	file := filepath.Join(dir, "checkpoint")
	if err := t.Save(file); err != nil {
		panic(err)
	}
	d.bits = append(d.bits, must(os.ReadFile(file))...)
	return d
}

// Every number of threads gives the same bits, which go to a file for whoever runs the test in several ways, each with a name.
func TestThreads(t *testing.T) {
	ways := map[string]func(threads int) *digest{"graphs": ofGraphs, "steps": func(n int) *digest { return ofSteps(n, t.TempDir()) }}
	for name, of := range ways {
		t.Run(name, func(t *testing.T) {
			first := of(1)
			if first.nans > 0 {
				t.Errorf("%d results are NaN", first.nans)
			}
			for _, threads := range []int{2, 7} {
				if d := of(threads); d.String() != first.String() {
					t.Errorf("%d threads: %s, one: %s", threads, d, first)
				}
			}
			if run := os.Getenv("RUN"); run != "" {
				if err := os.WriteFile(name+"."+run+".digest", []byte(first.String()), 0o666); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// saved is what a trainer saves.
func saved(t *testing.T, tr *Trainer) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "checkpoint")
	if err := tr.Save(file); err != nil {
		t.Fatal(err)
	}
	return string(must(os.ReadFile(file)))
}

// After the first call nothing is allocated.
func TestAllocations(t *testing.T) {
	show := func([]float32) {}
	for _, threads := range []int{1, 2} {
		s := model().NewSession(Options{Threads: threads})
		tr := must(NewTrainer(Init(1), TrainOptions{Threads: threads}))
		for name, call := range map[string]func() error{
			"graphs": func() error { return graphs(s, show) },
			"steps":  func() error { return steps(tr, show) },
		} {
			run := func() {
				if err := call(); err != nil {
					t.Fatal(err)
				}
			}
			run()
			if n := testing.AllocsPerRun(3, run); n != 0 {
				t.Errorf("%s on %d threads: %v allocations", name, threads, n)
			}
		}
	}
}

// Sessions of one model serve as many goroutines.
func TestSessions(t *testing.T) {
	want := ofGraphs(1).String()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if got := ofGraphs(i % 3).String(); got != want {
				t.Errorf("session %d: %s, alone: %s", i, got, want)
			}
		})
	}
	wg.Wait()
}

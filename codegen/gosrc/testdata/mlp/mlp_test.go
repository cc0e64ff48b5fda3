package mlp

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	rt "gen/mlp/internal/rt"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func batch(rows int) Tensor[float32] {
	x := Tensor[float32]{Data: make([]float32, rows*3), Shape: []int{rows, 3}}
	for i := range x.Data {
		x.Data[i] = float32(i%7) - 3
	}
	return x
}

// linear is the model in plain Go.
func linear(m *Model, x Tensor[float32]) []float32 {
	var out []float32
	for r := range x.Shape[0] {
		for o := range 4 {
			s := float64(m.w.fcBias[o])
			for i := range 3 {
				s += float64(m.w.fcWeight[o*3+i]) * float64(x.Data[r*3+i])
			}
			out = append(out, float32(max(s, 0)))
		}
	}
	return out
}

func near(t *testing.T, want, got []float32) {
	t.Helper()
	if len(want) != len(got) {
		t.Fatalf("%d elements, want %d", len(got), len(want))
	}
	for i := range want {
		if math.Abs(float64(want[i]-got[i])) > 1e-5 {
			t.Fatalf("element %d is %g, want %g", i, got[i], want[i])
		}
	}
}

func TestClassify(t *testing.T) {
	m := must(New(Init(7)))
	if m.w.fcBias[3] != 0.25 || m.w.fcWeight[5] == 0 || m.w.fcWeight[5] < -0.5 || m.w.fcWeight[5] >= 0.5 {
		t.Fatal("first values", m.w)
	}
	s := m.NewSession(Options{Threads: 2})
	for _, rows := range []int{2, 64, 4, 1000} {
		y := must(s.Classify(context.Background(), batch(rows)))
		if len(y.Shape) != 2 || y.Shape[0] != rows || y.Shape[1] != 4 {
			t.Fatal("shape", y.Shape)
		}
		near(t, linear(m, batch(rows)), y.Data)
	}
}

func TestResultsAliasTheArena(t *testing.T) {
	m := must(New(Init(7)))
	s, ctx := m.NewSession(Options{}), context.Background()
	y := must(s.Classify(ctx, batch(2)))
	kept := y.Clone()
	x := batch(2)
	for i := range x.Data {
		x.Data[i] = -x.Data[i] + 1
	}
	must(s.Classify(ctx, x))
	near(t, linear(m, batch(2)), kept.Data)
	near(t, linear(m, x), y.Data)
}

func TestDoor(t *testing.T) {
	m := must(New(Init(7)))
	s, ctx := m.NewSession(Options{}), context.Background()
	for _, c := range []struct {
		x    Tensor[float32]
		want string
	}{
		{Tensor[float32]{Data: make([]float32, 8), Shape: []int{2, 4}}, "classify: x is [2, 4], want [N, 3]: axis 1 is 4, not 3"},
		{batch(3), "where N % 2 == 0"},
		{Tensor[float32]{Data: make([]float32, 5), Shape: []int{2, 3}}, "6 elements"},
		{Tensor[float32]{}, "want [N, 3]"},
		{Tensor[float32]{Shape: []int{0, 3}}, "at least 1"},
	} {
		if _, err := s.Classify(ctx, c.x); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %s", c.x.Shape, err, c.want)
		}
	}
	if _, err := s.Sample(ctx, SampleArgs{}); err == nil || !strings.Contains(err.Error(), "N") {
		t.Error(err)
	}
	if _, err := s.Sample(ctx, SampleArgs{N: 2, Z: batch(4)}); err == nil || !strings.Contains(err.Error(), "axis 0 is 4, but N = 2") {
		t.Error(err)
	}
	near(t, linear(m, batch(2)), must(s.Classify(ctx, batch(2))).Data) // a refused call leaves the session whole
}

func TestCancel(t *testing.T) {
	s := must(New(Init(7))).NewSession(Options{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Classify(ctx, batch(2)); err != context.Canceled {
		t.Fatal(err)
	}
}

func TestSample(t *testing.T) {
	m := must(New(Init(7)))
	s, ctx := m.NewSession(Options{}), context.Background()
	a := must(s.Sample(ctx, SampleArgs{N: 5, Seed: 1}))
	first := a.Y.Clone()
	sum := float32(0)
	for _, v := range first.Data {
		sum += v
	}
	if math.Abs(float64(sum-a.Total)) > 1e-3 {
		t.Fatal(sum, a.Total)
	}
	near(t, first.Data, must(s.Sample(ctx, SampleArgs{N: 5, Seed: 1})).Y.Data)
	other := must(s.Sample(ctx, SampleArgs{N: 5, Seed: 2})).Y
	same := true
	for i := range other.Data {
		same = same && other.Data[i] == first.Data[i]
	}
	if same {
		t.Fatal("the seed changes nothing")
	}
	near(t, linear(m, batch(4)), must(s.Sample(ctx, SampleArgs{N: 4, Z: batch(4)})).Y.Data)
	taped := m.NewSession(Options{Tape: Tape{"z#0": batch(4)}})
	near(t, linear(m, batch(4)), must(taped.Sample(ctx, SampleArgs{N: 4})).Y.Data)
}

func TestNoAllocations(t *testing.T) {
	m := must(New(Init(7)))
	s, ctx := m.NewSession(Options{Threads: 2}), context.Background()
	x := batch(512)
	call := func() {
		if _, err := s.Classify(ctx, x); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Sample(ctx, SampleArgs{N: 32}); err != nil {
			t.Fatal(err)
		}
	}
	call()
	if n := testing.AllocsPerRun(100, call); n != 0 {
		t.Fatalf("%v allocations per call", n)
	}
	tr := must(NewTrainer(Init(1), TrainOptions{}))
	step := func() {
		if _, err := tr.Step(ctx, x, StepArgs{}); err != nil {
			t.Fatal(err)
		}
	}
	step()
	if n := testing.AllocsPerRun(100, step); n != 0 {
		t.Fatalf("%v allocations per step", n)
	}
}

func TestReserve(t *testing.T) {
	s, ctx := must(New(Init(7))).NewSession(Options{}), context.Background()
	if err := s.Reserve(Sizes{N: 512}); err != nil {
		t.Fatal(err)
	}
	size := s.Arena.Size()
	must(s.Classify(ctx, batch(512)))
	if s.Arena.Size() != size {
		t.Fatal("the arena grew")
	}
}

func TestManySessions(t *testing.T) {
	m := must(New(Init(7)))
	want := linear(m, batch(256))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s := m.NewSession(Options{})
			for range 20 {
				near(t, want, must(s.Classify(context.Background(), batch(256))).Data)
			}
		})
	}
	wg.Wait()
}

func TestThreadsDoNotChangeBits(t *testing.T) {
	m, ctx := must(New(Init(7))), context.Background()
	one := must(m.NewSession(Options{Threads: 1}).Classify(ctx, batch(5000))).Clone()
	four := must(m.NewSession(Options{Threads: 4}).Classify(ctx, batch(5000)))
	for i := range one.Data {
		if math.Float32bits(one.Data[i]) != math.Float32bits(four.Data[i]) {
			t.Fatal(i)
		}
	}
}

type serial struct{ calls int }

func (p *serial) Run(n int, f func(int)) {
	p.calls++
	for i := range n {
		f(i)
	}
}

func TestForeignPool(t *testing.T) {
	m, p := must(New(Init(7))), new(serial)
	near(t, linear(m, batch(5000)), must(m.NewSession(Options{Pool: p}).Classify(context.Background(), batch(5000))).Data)
	if p.calls == 0 {
		t.Fatal("the pool was not used")
	}
}

func TestSaveAndLoad(t *testing.T) {
	m := must(New(Init(7)))
	path := filepath.Join(t.TempDir(), "w.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	n := must(Load(path))
	near(t, m.w.fcWeight, n.w.fcWeight)
	data := must(os.ReadFile(path))
	near(t, m.w.fcWeight, must(LoadBytes(data)).w.fcWeight)
	wrong := strings.NewReplacer("fc.weight", "fc.weighx", "fc.bias", "fc.biax").Replace(string(data))
	_, err := LoadBytes([]byte(wrong))
	for _, want := range []string{"missing fc.weight", "missing fc.bias", "superfluous fc.weighx"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %s", err, want)
		}
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("no error for a missing file")
	}
}

func TestTrainer(t *testing.T) {
	ctx := context.Background()
	tr := must(NewTrainer(Init(3), TrainOptions{}))
	bias := tr.w.fcBias[0]
	var losses []float32
	for range 3 {
		losses = append(losses, must(tr.Step(ctx, batch(4), StepArgs{})))
	}
	if got, want := tr.w.fcBias[0], bias-0.25-0.125-0.0625; got != want {
		t.Fatalf("bias %g, want %g", got, want)
	}
	if tr.w.calls[0] != 3 || tr.Steps() != 3 {
		t.Fatal("calls", tr.w.calls, tr.Steps())
	}
	if losses[0] == losses[1] {
		t.Fatal("the noise of two steps is the same")
	}
	path := filepath.Join(t.TempDir(), "c.safetensors")
	if err := tr.Save(path); err != nil {
		t.Fatal(err)
	}
	next := must(tr.Step(ctx, batch(4), StepArgs{}))
	again := must(NewTrainer(File(path), TrainOptions{}))
	if again.Steps() != 3 || again.o.cells()[0].Name != "@opt/step.loss/m/fc.bias" {
		t.Fatal(again.at, again.o.cells()[0].Name)
	}
	if got := must(again.Step(ctx, batch(4), StepArgs{})); got != next {
		t.Fatalf("after loading the loss is %g, want %g", got, next)
	}
	other := must(NewTrainer(Init(9), TrainOptions{}))
	if err := other.Load(path); err != nil {
		t.Fatal(err)
	}
	if got := must(other.Step(ctx, batch(4), StepArgs{})); got != next {
		t.Fatalf("after Load the loss is %g, want %g", got, next)
	}
	m := must(tr.Model())
	near(t, tr.w.fcBias, m.w.fcBias)
	must(tr.Step(ctx, batch(4), StepArgs{}))
	if m.w.fcBias[0] == tr.w.fcBias[0] {
		t.Fatal("Model is no copy")
	}
	near(t, must(Load(path)).w.fcWeight, m.w.fcWeight) // a checkpoint is a weight file
}

func TestIgnoreExtra(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.safetensors")
	if err := must(New(Init(7))).Save(path); err != nil {
		t.Fatal(err)
	}
	file := must(rt.OpenSafeTensors(path))
	defer file.Close()
	all := []rt.Source{rt.SourceOf("more", batch(1))}
	for _, e := range file.Entries() {
		if e.DType == rt.F32 {
			all = append(all, rt.SourceOf(e.Name, must(rt.LoadTensor[float32](file, e.Name))))
		}
	}
	more := filepath.Join(t.TempDir(), "more.safetensors")
	if err := rt.SaveSafeTensors(more, nil, all); err != nil {
		t.Fatal(err)
	}
	_, err := Load(more)
	if err == nil || !strings.Contains(err.Error(), "superfluous more: f32[1, 3]") || !strings.Contains(err.Error(), "IgnoreExtra") {
		t.Error(err)
	}
	m := must(New(File(more).IgnoreExtra()))
	near(t, must(Load(path)).w.fcWeight, m.w.fcWeight)
	data := must(os.ReadFile(more))
	near(t, m.w.fcWeight, must(NewTrainer(Bytes(data).IgnoreExtra(), TrainOptions{})).w.fcWeight)
}

// A checkpoint that lacks a state of the optimiser, or is one of another model, leaves a trainer as it was.
func TestLoadIsWholeOrNothing(t *testing.T) {
	ctx := context.Background()
	tr := must(NewTrainer(Init(3), TrainOptions{}))
	must(tr.Step(ctx, batch(4), StepArgs{}))
	path := filepath.Join(t.TempDir(), "c.safetensors")
	if err := tr.Save(path); err != nil {
		t.Fatal(err)
	}
	data := string(must(os.ReadFile(path)))
	other := must(NewTrainer(Init(9), TrainOptions{}))
	must(other.Step(ctx, batch(4), StepArgs{}))
	before := append([]float32(nil), other.w.fcWeight...)
	for old, wrong := range map[string]string{"@opt/step.loss/m/fc.bias": "@opt/step.loss/n/fc.bias", "\"interface\":\"": "\"interface\":\"0"} {
		text := strings.Replace(data, old, wrong, 1)
		if len(text) != len(data) { // the hash keeps its length
			at := strings.Index(text, wrong) + len(wrong)
			text = text[:at+15] + text[at+16:]
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := other.Load(path); err == nil {
			t.Fatal("no error for", wrong)
		}
		near(t, before, other.w.fcWeight)
		if other.Steps() != 1 {
			t.Fatal(other.Steps())
		}
		if _, err := NewTrainer(File(path), TrainOptions{}); err == nil {
			t.Fatal("no error for", wrong)
		}
	}
}

package inout

import (
	"math"
	"sync"
	"testing"
)

var x = ramp(6, 4)

// lent are the values that a session or trainer changes: each has its own.
var lent sync.Map

func lentTo(user any) Tensor[float32] {
	h, ok := lent.Load(user)
	if !ok {
		h, _ = lent.LoadOrStore(user, share(6, 4))
	}
	return h.(Tensor[float32])
}

func graphs(s *Session, show func([]float32)) error {
	h := lentTo(s)
	copy(h.Data, x.Data)
	y, err := s.Mix(background, x, h)
	show(y.Data)
	show(h.Data)
	return err
}

func steps(t *Trainer, show func([]float32)) error {
	h := lentTo(t)
	copy(h.Data, x.Data)
	t.SetEpoch(1, 5)
	out, err := t.Step(background, x, h)
	show(one(out.Loss))
	show(h.Data)
	return err
}

func near(t *testing.T, what string, got float32, want float64) {
	t.Helper()
	if math.Abs(float64(got)-want) > 1e-6 {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// What the caller lends is changed in place, and the result is that of the new value.
func TestLent(t *testing.T) {
	s, mine := model().NewSession(Options{}), share(6, 4)
	before := mine.Clone()
	for range 2 {
		y := must(s.Mix(background, x, mine))
		for i := range before.Data {
			want := 0.5*before.Data[i] + x.Data[i]
			near(t, "h", mine.Data[i], float64(want))
			near(t, "y", y.Data[i], 2*float64(want))
		}
		copy(before.Data, mine.Data)
	}
}

// The rate is 0.1 (epoch + 1) / steps of the epoch: a step of gradient descent in plain Go.
func TestEpoch(t *testing.T) {
	for epoch := range 3 {
		tr := must(NewTrainer(Init(1), TrainOptions{}))
		weight, bias := append([]float32(nil), tr.w.fcWeight...), append([]float32(nil), tr.w.fcBias...)
		tr.SetEpoch(epoch, 4)
		state := share(6, 4)
		before := state.Clone()
		out := must(tr.Step(background, x, state))
		near(t, "epoch", out.At, float64(epoch))
		var loss float64
		var slope [4][5]float64 // of each output by its inputs and its bias
		for n := range 6 {
			for o := range 4 {
				y := float64(bias[o])
				for i := range 4 {
					y += float64(weight[o*4+i]) * float64(x.Data[n*4+i]+before.Data[n*4+i])
				}
				near(t, "h", state.Data[n*4+o], y)
				loss += y * y / 24
				for i := range 4 {
					slope[o][i] += y / 12 * float64(x.Data[n*4+i]+before.Data[n*4+i])
				}
				slope[o][4] += y / 12
			}
		}
		near(t, "loss", out.Loss, loss)
		rate := 0.1 * float64(epoch+1) / 4
		for o := range 4 {
			for i := range 4 {
				near(t, "weight", tr.w.fcWeight[o*4+i], float64(weight[o*4+i])-rate*slope[o][i])
			}
			near(t, "bias", tr.w.fcBias[o], float64(bias[o])-rate*slope[o][4])
		}
	}
}

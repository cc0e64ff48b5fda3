package lenet5

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
)

var images, classes = ramp(5, 1, 28, 28), labels(5)

func graphs(s *Session, show func([]float32)) error {
	y, err := s.Classify(background, images)
	show(y.Data)
	return err
}

func steps(t *Trainer, show func([]float32)) error {
	loss, err := t.Step(background, images, classes)
	show(one(loss))
	return err
}

// A step that fails leaves everything as it was: the next one is the first.
func TestFailedStep(t *testing.T) {
	bad, wrong := images.Clone(), classes.Clone()
	bad.Data[100] = float32(math.NaN())
	for _, label := range []int32{999, 10, -1, math.MinInt32} {
		wrong.Data[3] = label
		tr := must(NewTrainer(Init(1), TrainOptions{}))
		before := saved(t, tr)
		for want, fail := range map[string]func() (float32, error){
			"step: loss is NaN in step 1":                    func() (float32, error) { return tr.Step(background, bad, classes) },
			fmt.Sprintf("index %d is outside 0 .. 9", label): func() (float32, error) { return tr.Step(background, images, wrong) },
		} {
			if loss, err := fail(); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "step: ") || loss != 0 {
				t.Errorf("loss %v, error %v, want %s", loss, err, want)
			}
		}
		if saved(t, tr) != before || tr.Steps() != 0 {
			t.Error("a failed step changes the training")
		}
		fresh := must(NewTrainer(Init(1), TrainOptions{}))
		if a, b := must(tr.Step(background, images, classes)), must(fresh.Step(background, images, classes)); a != b || saved(t, tr) != saved(t, fresh) {
			t.Error("after a failed step another loss", a, b)
		}
	}
}

// Who wants them gets losses that are NaN, and then may save what comes of it.
func TestAnyLoss(t *testing.T) {
	bad := images.Clone()
	bad.Data[100] = float32(math.NaN())
	tr := must(NewTrainer(Init(1), TrainOptions{AnyLoss: true}))
	if loss := must(tr.Step(background, bad, classes)); loss == loss {
		t.Error("the loss is", loss)
	}
	file := filepath.Join(t.TempDir(), "checkpoint")
	if err := tr.Save(file); err != nil {
		t.Error(err)
	}
	careful := must(NewTrainer(File(file), TrainOptions{}))
	if err := careful.Save(file); err == nil || !strings.Contains(err.Error(), "holds NaN") {
		t.Error("NaN is saved:", err)
	}
}

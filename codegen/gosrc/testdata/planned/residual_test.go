package residual

import (
	"math"
	"path/filepath"
	"strings"
	"testing"
)

var images, classes = ramp(3, 3, 40, 33), labels(3)

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

// The means of a batch are stored before its loss is known. A step that fails in between is torn: nothing goes on from it but a
// checkpoint.
func TestTornStep(t *testing.T) {
	tr := must(NewTrainer(Init(1), TrainOptions{}))
	must(tr.Step(background, images, classes))
	file := filepath.Join(t.TempDir(), "checkpoint")
	if err := tr.Save(file); err != nil {
		t.Fatal(err)
	}
	next := must(tr.Step(background, images, classes))
	bad := images.Clone()
	bad.Data[100] = float32(math.NaN())
	_, err := tr.Step(background, bad, classes)
	if err == nil || !strings.Contains(err.Error(), "loss is NaN in step 3") || !strings.Contains(err.Error(), "checkpoint") {
		t.Fatal(err)
	}
	_, again := tr.Step(background, images, classes)
	_, model := tr.Model()
	for _, refused := range []error{again, model, tr.Save(file), tr.Load(file + "x")} {
		if refused == nil {
			t.Error("a torn training goes on")
		}
	}
	if err := tr.Load(file); err != nil {
		t.Fatal(err)
	}
	if loss := must(tr.Step(background, images, classes)); loss != next {
		t.Errorf("after Load the loss is %v, was %v", loss, next)
	}
}

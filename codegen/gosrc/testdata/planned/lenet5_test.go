package lenet5

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

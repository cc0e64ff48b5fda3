package residual

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

package gan

var images = ramp(4, 1, 28, 28)

func graphs(s *Session, show func([]float32)) error {
	y, err := s.Generate(background, GenerateArgs{N: 4, Seed: 3})
	if err != nil {
		return err
	}
	show(y.Data)
	y, err = s.Judge(background, images)
	show(y.Data)
	return err
}

func steps(t *Trainer, show func([]float32)) error {
	out, err := t.Step(background, images, StepArgs{})
	show(one(out.DLoss))
	show(one(out.GLoss))
	return err
}

package unet

var images, masks, wide = ramp(2, 1, 32, 48), share(2, 2, 32, 48), ramp(1, 1, 48, 16)

func graphs(s *Session, show func([]float32)) error {
	for _, x := range [...]Tensor[float32]{images, wide} {
		y, err := s.Segment(background, x)
		if err != nil {
			return err
		}
		show(y.Data)
	}
	return nil
}

func steps(t *Trainer, show func([]float32)) error {
	out, err := t.Step(background, images, masks)
	show(one(out.Loss))
	return err
}

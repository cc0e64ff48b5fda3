package vae

var images, codes = share(6, 1, 28, 28), ramp(6, 20)

func graphs(s *Session, show func([]float32)) error {
	e, err := s.Encode(background, images)
	if err != nil {
		return err
	}
	show(e.Mu.Data)
	show(e.Logvar.Data)
	y, err := s.Decode(background, codes)
	if err != nil {
		return err
	}
	show(y.Data)
	y, err = s.Sample(background, SampleArgs{N: 7, Seed: 3})
	show(y.Data)
	return err
}

func steps(t *Trainer, show func([]float32)) error {
	out, err := t.Elbo(background, images, ElboArgs{})
	show(one(out.Loss))
	return err
}

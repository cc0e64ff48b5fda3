// gan.mm: statements of a train graph run in order; `over` picks the parameters; each minimize is one optimiser.
model GAN(latent: int = 64) {
  G: Generator(); D: Discriminator()        // declared instances: public, applied later
  graph generate(z: [N, latent] = normal()) -> [N, 1, 28, 28] { G(z) }
  train step(real: [N, 1, 28, 28], z: [N, latent] = normal()) {
    fake = G(z)
    minimize d_loss = bce_logits(D(real), 1) + bce_logits(D(stop_gradient(fake)), 0) over D using adam(lr: 2e-4, beta1: 0.5)
    minimize g_loss = bce_logits(D(fake), 1) over G using adam(lr: 2e-4, beta1: 0.5)
  }
}
// Several train graphs may share one optimiser:   optimizer opt_d = adam(lr: 2e-4, beta1: 0.5) over D   …   minimize d_loss = … using opt_d
// A Wasserstein critic adds:   update D = clamp(D, -0.01, 0.01)
// A momentum teacher (MoCo, DINO):   update teacher = ema(teacher, student, decay: 0.996)

// Wasserstein GAN with gradient penalty (Gulrajani et al., 2017) of 28x28 digits: the loss of the critic holds the gradient of
// the critic, so its step differentiates twice.

// Noise to a digit, pixels in -1..1.
block Generator(hidden: int = 128)(z: [N, L]) -> [N, 1, 28, 28] {
  z |> fc1: Linear(hidden) |> relu |> fc2: Linear(784) |> tanh |> rearrange("n (c h w) -> n c h w", c: 1, h: 28)
}

// A digit to one number. It has no normalisation: the penalty is on each digit's own gradient.
block Critic()(x: [N, 1, 28, 28]) -> [N] {
  x = x |> conv1: Conv2d(32, 4, stride: 2, pad: 1) |> leaky_relu(0.2)
  x = x |> conv2: Conv2d(64, 4, stride: 2, pad: 1) |> leaky_relu(0.2)
  (x |> rearrange("n c h w -> n (c h w)") |> fc: Linear(1))[:, 0]
}

model WGAN_GP(latent: int = 64, lr: float = 1e-4, weight: float = 10.0) {
  G: Generator()
  D: Critic()

  // Digits from noise.
  graph generate(z: [N, latent] = normal()) -> [N, 1, 28, 28] { G(z) }

  // One step of the critic; the slope is taken at points between real and generated digits.
  train critic(images: [N, 1, 28, 28], noise: [N, latent] = normal(), mix: [N, 1, 1, 1] = uniform()) {
    fake = stop_gradient(G(noise))
    mixed = mix * images + (1 - mix) * fake
    slope = grad(sum(D(mixed)), mixed)
    norm = sqrt(sum(slope**2, axes: [1, 2, 3]))
    penalty = mean((norm - 1)**2)
    minimize d_loss = mean(D(fake)) - mean(D(images)) + weight * penalty over D using adam(lr: lr, beta1: 0.0, beta2: 0.9)
    report penalty, mean_slope_norm = mean(norm)
  }

  // One step of the generator; a round is a few steps of the critic and one of these.
  train generator(noise: [N, latent] = normal()) {
    minimize g_loss = -mean(D(G(noise))) over G using adam(lr: lr, beta1: 0.0, beta2: 0.9)
  }
  expect params(self) == 145_969
}

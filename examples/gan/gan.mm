// A small DCGAN (Radford, Metz and Chintala, 2015) of 28x28 digits. Both networks live in one model, and so in one weight file.

// Noise to a digit, pixels in -1..1.
block Generator()(z: [N, L]) -> [N, 1, 28, 28] {
  x = z |> fc: Linear(64 * 7 * 7, bias: false) |> rearrange("n (c h w) -> n c h w", h: 7, w: 7) |> bn0: BatchNorm2d() |> relu
  x = x |> up1: ConvTranspose2d(32, 4, stride: 2, pad: 1, bias: false) |> bn1: BatchNorm2d() |> relu
  x |> up2: ConvTranspose2d(1, 4, stride: 2, pad: 1) |> tanh
}

// A digit to one logit: is it real?
block Discriminator()(x: [N, 1, 28, 28]) -> [N] {
  x = x |> conv1: Conv2d(32, 4, stride: 2, pad: 1) |> leaky_relu(0.2)
  x = x |> conv2: Conv2d(64, 4, stride: 2, pad: 1, bias: false) |> bn2: BatchNorm2d() |> leaky_relu(0.2)
  (x |> rearrange("n c h w -> n (c h w)") |> fc: Linear(1))[:, 0]
}

model GAN(latent: int = 64, lr: float = 2e-4) {
  G: Generator()
  D: Discriminator()

  // Digits from noise.
  graph generate(z: [N, latent] = normal()) -> [N, 1, 28, 28] { G(z) }

  // How real digits look, as logits.
  graph judge(image: [N, 1, 28, 28]) -> [N] { D(image) }

  // One step of the discriminator, then one of the generator against the new discriminator.
  train step(images: [N, 1, 28, 28], noise: [N, latent] = normal()) {
    fake = G(noise)
    minimize d_loss = bce_logits(D(images), 1) + bce_logits(D(stop_gradient(fake)), 0) over D using adam(lr: lr, beta1: 0.5)
    minimize g_loss = bce_logits(D(fake), 1) over G using adam(lr: lr, beta1: 0.5)
  }
  expect params(self) == 270_754
}

// Variational autoencoder (Kingma and Welling, 2013) of 28x28 digits, 784-400-20.
model VAE(latent: int = 20, hidden: int = 400, lr: float = 1e-3) {
  // Mean and logarithm of the variance of the code of a digit, pixels in 0..1.
  graph encode(image: [N, 1, 28, 28]) -> (mu: [N, latent], logvar: [N, latent]) {
    h = rearrange(image, "n c h w -> n (c h w)") |> fc1: Linear(hidden) |> relu
    (h |> fc21: Linear(latent), h |> fc22: Linear(latent))
  }

  // The logits of a code's pixels.
  graph logits(z: [N, latent]) -> [N, 784] { z |> fc3: Linear(hidden) |> relu |> fc4: Linear(784) }

  // The picture of a code.
  graph decode(z: [N, latent]) -> [N, 1, 28, 28] {
    logits(z) |> sigmoid |> rearrange("n (c h w) -> n c h w", c: 1, h: 28)
  }

  // Pictures of random codes.
  graph sample(z: [N, latent] = normal()) -> [N, 1, 28, 28] { decode(z) }

  // A digit's way through code and back, with all that lies between.
  graph reconstruct(image: [N, 1, 28, 28], noise: [N, latent] = normal())
    -> (mu: [N, latent], logvar: [N, latent], z: [N, latent], reconstruction: [N, 784])
  {
    mu, logvar = encode(image)
    z = mu + noise * exp(0.5 * logvar)
    (mu, logvar, z, sigmoid(logits(z)))
  }

  // One step of Adam on the negative evidence lower bound, per digit.
  train elbo(images: [N, 1, 28, 28], noise: [N, latent] = normal()) {
    mu, logvar = encode(images)
    z = mu + noise * exp(0.5 * logvar)  // the reparametrisation trick
    pixels = rearrange(images, "n c h w -> n (c h w)")
    rec = bce_logits(logits(z), pixels, reduce: sum) / N
    kl = -0.5 * sum(1 + logvar - mu**2 - exp(logvar)) / N
    minimize loss = rec + kl using adam(lr: lr)
    report rec, kl
  }
  expect params(reconstruct) == 652_824
}

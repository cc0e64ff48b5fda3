// vae.mm: several graphs on one set of weights; sampling is reproducible (counter-based RNG, same bits on CPU and GPU).
model VAE(latent: int = 20, beta: float = 1.0) {
  graph encode(x: [N, 784]) -> (mu: [N, latent], logvar: [N, latent]) {
    h = x |> enc: Linear(400) |> relu
    (h |> mu: Linear(latent), h |> logvar: Linear(latent))
  }
  graph decode(z: [N, latent]) -> [N, 784] { z |> dec: Linear(400) |> relu |> out: Linear(784) |> sigmoid }
  graph sample(z: [N, latent] = normal()) -> [N, 784] { decode(z) }

  train elbo(x: [N, 784], noise: [N, latent] = normal()) {
    mu, logvar = encode(x)
    z   = mu + exp(0.5 * logvar) * noise                  // the reparametrisation trick
    rec = bce(decode(z), x, reduce: sum) / N
    kl  = -0.5 * sum(1 + logvar - mu**2 - exp(logvar)) / N
    minimize loss = rec + beta * kl using adam(lr: 1e-3)
    report rec, kl
  }
}

model M() {
  train step(x: [N, 4]) {
    minimize loss = mean(x |> a: Linear(1)) + mean(x |> b: Linear(1, bias: false)) using sgd(lr: 0.1)
    update a = ema(a, b, 0.9) // want "b has no bias, which a has"
  }
}

model M() {
  train step(x: [N, 4]) {
    minimize loss = mean(x |> fc: Linear(1)) using sgd(rate: 0.1) // want "sgd has no parameter rate"
  }
}

model M() {
  train step(x: [N, 4]) {
    minimize loss = mean(x |> fc: Linear(1)) using adma(lr: 0.1) // want "adma is not known here"
  }
}

model M() {
  train step(x: [N, 4]) {
    minimize loss = (x |> fc: Linear(1)) using sgd(lr: 0.1) // want "a loss is a float scalar, and this is \[N, 1\]"
  }
}

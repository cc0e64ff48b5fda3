model M() {
  train step(x: [N, 4]) {
    minimize loss = mean(x |> fc: Linear(1)) over fc using sgd(lr: 0.1), over params(rank >= 2) using sgd(lr: 0.2) // want "fc.weight is in two groups of one statement"
  }
}

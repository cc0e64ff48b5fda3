model M() {
  train step(x: [N, 4]) {
    minimize loss = mean(x |> fc: Linear(1)) over fd using sgd(lr: 0.1) // want "fd is not known here"
  }
}

model M() {
  train step(x: [N, 4]) {
    minimize loss = mean(stop_gradient(x |> fc: Linear(1))) using sgd(lr: 0.1) // want "does not depend on any parameter"
  }
}

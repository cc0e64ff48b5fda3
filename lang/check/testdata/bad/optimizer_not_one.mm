model M() {
  train step(x: [N, 4]) {
    minimize loss = mean(x |> fc: Linear(1)) using relu(0.1) // want "an optimizer is needed here, and relu is a function"
  }
}

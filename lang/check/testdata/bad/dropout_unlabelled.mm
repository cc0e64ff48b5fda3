model M() {
  graph g(x: [N, 4]) -> [N, 4] { x }
  train t(x: [N, 4]) {
    minimize loss = mean(x |> Dropout(0.5) |> fc: Linear(1)) using sgd(lr: 0.1) // want "Dropout draws keep, so it needs a label"
  }
}

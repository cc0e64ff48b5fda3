model M() {
  train t(x: [N, 4]) {
    minimize loss = mean(x |> fc: Linear(1)) using sgd(lr: 0.1) accumulate 0 // want "accumulate takes a positive int, not 0"
  }
}

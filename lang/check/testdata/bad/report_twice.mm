model M() {
  train step(x: [N, 4]) {
    minimize loss = mean(x |> fc: Linear(1)) using sgd(lr: 0.1)
    report loss // want "loss is reported twice"
  }
}

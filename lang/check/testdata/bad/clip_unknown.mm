model M() {
  train step(x: [N, 4]) {
    minimize loss = mean(x |> fc: Linear(1)) using sgd(lr: 0.1) clip size(1.0) // want "there is no fn clip_size"
  }
}

fn clip_none(gs: list) { 3 }
model M() {
  train t(x: [N, 4]) {
    minimize loss = mean(x |> fc: Linear(1)) using sgd(lr: 0.1) clip none(1) // want "clip"
  }
}

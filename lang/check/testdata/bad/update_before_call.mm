block Net()(x: [N, 4]) -> [N, 1] { x |> fc: Linear(1) }
model M() {
  D: Net()
  train step(x: [N, 4]) {
    update D = clamp(D, -1, 1) // want "D has no parameters yet"
    minimize loss = mean(D(x)) using sgd(lr: 0.1)
  }
}

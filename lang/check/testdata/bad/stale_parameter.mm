block Net()(x: [N, 4]) -> [N, 1] { x |> fc: Linear(1) }
model M() {
  D: Net(); G: Net()
  train step(x: [N, 4]) {
    p = D(x)
    minimize a = mean(p) over D using sgd(lr: 0.1)
    minimize b = mean(p**2) over D using sgd(lr: 0.1) // want "b depends on D.fc.weight as it was before line 6 changed it"
  }
}

model M() {
  state s: [4] init 0
  train step(x: [N, 4]) {
    minimize loss = mean(x |> fc: Linear(1)) over s using sgd(lr: 0.1) // want "s is a state; only params are trained|does not depend"
  }
}

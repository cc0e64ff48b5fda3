model M() {
  freeze f: Linear(4)
  train t(x: [N, 4]) {
    minimize loss = mean(f(x)) using sgd(lr: 0.1) // want "loss does not depend on any parameter that is to be trained"
  }
}

model M() {
  train step(x: [N, 4]) {
    minimize loss = mean(x) using sgd(lr: 0.1) // want "loss does not depend on any parameter that is to be trained"
  }
}

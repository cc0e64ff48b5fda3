model M() {
  graph g(x: [N, 4]) -> [N, 4] {
    minimize loss = mean(x) using sgd(lr: 0.1) // want "minimize stands in the body of a train graph"
    x
  }
}

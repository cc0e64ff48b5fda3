model M() {
  graph g(x: [N, 4]) -> [N, 4] { t(x) } // want "t is a train graph: it is run by a trainer, not called"
  train t(x: [N, 4]) { minimize loss = mean(x |> fc: Linear(1)) using sgd(lr: 0.1) }
}

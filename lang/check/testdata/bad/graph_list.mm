model M() {
  graph g(x: [N, 4], sizes: [int]) -> [N, 4] { x } // want "a list is compile-time, so it belongs to the model's hyperparameters"
}

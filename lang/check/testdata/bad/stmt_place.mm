model M() {
  update x = 3 // want "this statement stands in a graph, not in a model"
  graph g(x: [N, 4]) -> [N, 4] { x }
}

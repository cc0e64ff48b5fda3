model M() {
  graph g(a: [N, 4], b: [M1, 4]) -> [N, 8] { concat(a, b, axis: 1) } // want "concat"
}

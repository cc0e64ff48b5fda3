model M() {
  graph g(x: [N, 4], w: [8, 4]) -> [N, 8] { x @ w } // want "the contracted axes differ: 4 and 8"
}

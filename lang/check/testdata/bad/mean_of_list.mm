model M() {
  graph g(x: [N, 4]) -> [N, 4] { mean([x, x]) } // want "."
}

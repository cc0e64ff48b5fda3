model M() {
  graph g(x: [N, 4]) -> [N, 4] { x + bais } // want "bais is not known here"
}

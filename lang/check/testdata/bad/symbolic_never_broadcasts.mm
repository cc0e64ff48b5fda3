model M() {
  graph g(x: [N, 4], y: [M1, 4]) -> [N, 4] { x * y } // want "N is not M1"
}

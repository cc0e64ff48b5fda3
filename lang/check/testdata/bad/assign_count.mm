model M() {
  graph g(x: [N, 4]) -> [N, 2] {
    a, b, c = split(x, 2, axis: 1) // want "3 names for 2 values"
    a
  }
}

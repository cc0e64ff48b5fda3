model M() {
  graph g(x: [N, 4], y: [N, 4]) -> [N, 4] { grad(sum(x), y) } // want "the first argument of grad does not depend on this value"
}

model M() {
  graph g(x: [N, 4]) -> [N, 4] {
    if sum(x) > 0 { x = -x } // want "if needs a compile-time bool, and this depends on data"
    x
  }
}

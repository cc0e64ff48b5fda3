model M() {
  graph g(x: [N]) -> [N] {
    yield x // want "yield stands in the body of a scan or loop"
    x
  }
}

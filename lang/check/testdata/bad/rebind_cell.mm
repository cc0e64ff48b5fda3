model M() {
  state s: [4] init 0
  graph g(x: [N, 4]) -> [N, 4] {
    s = x[0] // want "s cannot be bound again"
    x
  }
}

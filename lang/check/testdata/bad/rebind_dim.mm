model M() {
  graph g(x: [N, 4]) -> [N, 4] {
    N = 3 // want "N cannot be bound again: it is declared for good"
    x
  }
}

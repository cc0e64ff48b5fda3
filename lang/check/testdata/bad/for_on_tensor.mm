model M() {
  graph g(x: [N, 4]) -> [N, 4] {
    for r in x { x = x + r } // want "for runs over a compile-time list, not \[N, 4\]"
    x
  }
}

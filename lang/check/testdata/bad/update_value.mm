model M() {
  graph g(x: [N, 4]) -> [N, 4] {
    y = x * 2
    update y = x // want "update writes params, states, caches, inout arguments and instances, and y is \[N, 4\]"
    y
  }
}

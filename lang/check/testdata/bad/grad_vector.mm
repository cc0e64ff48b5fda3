model M() {
  graph g(x: [N, 4]) -> [N, 4] { grad(x * 2, x) } // want "only a scalar has a gradient, and this is \[N, 4\]"
}

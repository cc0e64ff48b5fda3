model M() {
  graph g(x: [N, 4]) -> [N] { sum(x, axis: [1]) } // want "sum has no parameter axis"
}

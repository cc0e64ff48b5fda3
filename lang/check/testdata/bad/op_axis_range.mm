model M() {
  graph g(x: [N, 4]) -> [N] { sum(x, axes: [2]) } // want "axis 2 of x, which has 2 axes"
}

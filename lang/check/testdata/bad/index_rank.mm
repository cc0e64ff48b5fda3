model M() {
  graph g(x: [N, 4]) -> [N] { x[0, 1, 2] } // want "3 subscripts for 2 axes"
}

model M() {
  graph g(x: [N, 4]) -> [N, 4] { x * step } // want "step is not known here"
}

model M() {
  graph g(x: [..., 4]) -> [..., 4] { x } // want "a graph says all its axes"
}

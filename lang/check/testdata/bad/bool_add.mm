model M() {
  graph g(x: [N]) -> [N] { x + (x > 0) } // want "add: b must be"
}

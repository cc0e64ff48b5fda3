model M() {
  graph g(x: [N, 4]) -> [N, 4] { x + "one" } // want "a tensor is needed, not a string"
}

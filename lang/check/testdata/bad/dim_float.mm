model M(ratio: float = 0.5) {
  graph g(x: [N, 4]) -> [N, 8 * ratio + 0.1] { x } // want "a size must be whole, not 4.1"
}

model M(n: int = 4_000_000_000) {
  graph g(x: [N, 4]) -> [N, n * n * n] { x } // want "does not fit 64 bits"
}

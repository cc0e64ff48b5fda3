model M(n: int = 0) {
  graph g(x: [N, 4]) -> [N, 4] { x * (4 / n) } // want "division by zero"
}

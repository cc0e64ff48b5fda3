model M() {
  graph g(x: [N, 4], y: [N, 4]) -> [N, 4] { y(x) } // want "y is \[N, 4\] and cannot be called"
}

model M() {
  graph g(x: [N, 4]) -> [N, 4] {
    y = if N > 2 { x } else { -x } // want "whether N > 2 is known only when the graph runs"
    y
  }
}

model M() {
  graph g(x: [N, 4]) -> [N, 4] {
    for i in 0..N { x = x + i } // want "a compile-time range needs ints; N is known only when the graph runs"
    x
  }
}

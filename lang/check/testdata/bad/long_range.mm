model M() {
  graph g(x: [N, 4]) -> [N, 4] {
    for i in 0..10_000_000 { x = x + 1 } // want "a range of more than 100000 steps"
    x
  }
}

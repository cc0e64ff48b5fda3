model M() {
  graph g(x: [N, 4]) -> [N, 4] {
    for i in 0..100_000 { for j in 0..100_000 { x = x + 1 } } // want "the model has more than 500000 operations|the model takes more than"
    x
  }
}

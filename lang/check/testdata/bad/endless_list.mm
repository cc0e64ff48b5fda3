model M() {
  graph g(x: [N, 4]) -> [N, 4] {
    l = [1, 2]
    for i in 0..60 { l = l + l } // want "a list of more than 100000 elements"
    x
  }
}

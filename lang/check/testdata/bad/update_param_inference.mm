model M() {
  param w: [4] init 0
  graph g(x: [N, 4]) -> [N, 4] {
    update w = x[0] // want "w is a parameter: only train graphs write it"
    x
  }
}

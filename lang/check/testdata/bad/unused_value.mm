model M() {
  graph g(x: [N, 4]) -> [N, 4] {
    relu(x) // want "this value is not used"
    x
  }
}

model M() {
  graph g(x: [N, 4]) -> [N, 4] {
    for a, b in [1, 2], [1, 2, 3] { x = x + a } // want "lists in step must have one length, not 2 and 3"
    x
  }
}

model M() {
  graph g(x: [N, 10]) -> [N, 5, 2] { rearrange(x, "n (a b) -> n a b") } // want "give the size of a or of b"
}

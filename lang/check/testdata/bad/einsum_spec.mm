model M() {
  graph g(a: [N, 4], b: [4, 5]) -> [N, 5] { einsum(a, b, "i j, j k") } // want "has no ->"
}

model M() {
  graph g(a: [N, 4], b: [3, 5]) -> [N, 5] { einsum(a, b, "i j, j k -> i k") } // want "axis j has sizes 4 and 3"
}

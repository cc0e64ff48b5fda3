model M() {
  graph g(a: [N, 4], b: [4]) -> [N] { einsum(a, b, "i j, j k -> i") } // want "\"j k\" has 2 axes, and the operand is \[4\]"
}

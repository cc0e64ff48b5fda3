model M() {
  graph g(a: [T, N], b: [S, N]) -> [N] {
    scan x, y in a, b with h = a[0] { h = h + x + y } // want "sequences in step must have one length"
    h
  }
}

model M() {
  graph g(xs: [T, N]) -> [N] {
    scan x in xs with h = 0 { h = h + x } // want "h is \[\] at entry and \[N\] at the end of a step"
    h
  }
}

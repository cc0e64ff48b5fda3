model M() {
  graph g(x: [N, 4]) -> [N] { cond(sum(x) > 0) { x[:, 0] } else { x } } // want "the arms differ: \[N\] and \[N, 4\]"
}

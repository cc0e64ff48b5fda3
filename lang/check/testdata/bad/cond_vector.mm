model M() {
  graph g(x: [N, 4]) -> [N] { cond(x > 0) { x } else { -x } } // want "cond needs a bool scalar, not bool\[N, 4\]"
}

model M() {
  graph g(x: [N], n: dim) -> [N] {
    loop i in 0..n with y = x { y = y * 2 } until y > 1 // want "until needs a bool scalar, not bool\[N\]"
    y
  }
}

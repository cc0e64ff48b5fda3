model M() {
  graph two(x: [N, 4]) -> (a: [N, 4], b: [N]) { (x, x) } // want "b, a result of two, must be \[N\], not \[N, 4\]"
}

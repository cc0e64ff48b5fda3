model M() {
  graph g(x: [N, 4]) -> [N, 4] {
    s = "ab"
    for i in 0..60 { s = s + s } // want "a string of more than 10000 bytes"
    x
  }
}

model M() {
  graph g(x: [N, 4]) -> [N, 4] { // want "g promises a result, and its body ends without a value"
    y = x
  }
}

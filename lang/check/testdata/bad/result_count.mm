model M() {
  graph g(x: [N, 4]) -> (a: [N, 4], b: [N, 4]) { x } // want "g promises 2 results, and its body gives \[N, 4\]"
}

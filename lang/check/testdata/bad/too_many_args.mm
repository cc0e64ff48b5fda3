model M() {
  graph g(x: [N, 4]) -> [N, 2] { l2norm(x, 1, 2, 3) } // want "l2norm takes \(x, axis, eps\), and this is one more"
}

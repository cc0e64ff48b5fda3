model M() {
  graph g(x: [N, 4]) -> [N] { x[:, 4] } // want "index 4 of axis 1, which has size 4"
}

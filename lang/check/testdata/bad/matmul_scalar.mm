model M() {
  graph g(x: [N, 4]) -> [N, 4] { x @ 3 } // want "@ needs axes to contract"
}

model M() {
  graph g(x: f33[N, 4]) -> [N, 4] { x } // want "there is no element type f33"
}

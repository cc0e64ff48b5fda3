model M() {
  graph g(x: [N, 4]) -> [N, 4] { xs = [x, x]; xs[2] } // want "index 2 of a list of 2"
}

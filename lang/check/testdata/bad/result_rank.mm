model M() {
  graph g(x: [N, 4]) -> [N] { x } // want "must be \[N\], not \[N, 4\]: the numbers of axes differ"
}

model M() {
  graph g(x: [N, 4]) -> [N, 8] { x } // want "the result of g must be \[N, 8\], not \[N, 4\]: 4 is not 8"
}

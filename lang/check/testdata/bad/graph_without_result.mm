model M() {
  graph g(x: [N, 4]) { y = x } // want "the graph g has no result"
}

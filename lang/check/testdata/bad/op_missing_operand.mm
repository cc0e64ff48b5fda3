model M() {
  graph g(x: [N, 4]) -> [N, 4] { gather(x) } // want "gather needs ids"
}

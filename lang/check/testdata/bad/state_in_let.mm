model M() {
  graph g(x: [N, 4]) -> [N, 4] { self(x) } // want "calls are nested deeper than 256|self"
}

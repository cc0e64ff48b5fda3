model M() {
  graph g(x: [N]) -> [N] { x * cosine(1e-3, total: 10) } // want "step is not known here"
}

model M() {
  graph g(x: [N, H]) -> [N, H / 2] { x[:, ::2] } // want "H / 2 is not known to be whole"
}

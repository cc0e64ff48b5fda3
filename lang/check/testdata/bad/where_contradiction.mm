model M() {
  graph g(x: [N, H]) -> [N, H] where H <= 4, H >= 5 { x } // want "H >= 5"
}

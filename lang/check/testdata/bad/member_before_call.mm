model M() {
  fc: Linear(2)
  graph g(x: [N, 4]) -> [2, 4] { fc.weight } // want "fc has no member weight"
}

model M() {
  graph g(x: [N, 30]) -> [N, 30] where 30 % 4 == 0 { x } // want "30 % 4 == 0"
}

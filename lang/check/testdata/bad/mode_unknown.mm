model M() {
  graph g(x: [N, 4]) -> [N, 4] { in evaluation { x } } // want "there is no mode evaluation"
}

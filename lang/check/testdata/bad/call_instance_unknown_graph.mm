model Two() {
  graph a(x: [N, 4]) -> [N, 4] { x }
  graph b(x: [N, 4]) -> [N, 4] { x }
}
model M() {
  t: Two()
  graph g(x: [N, 4]) -> [N, 4] { t(x) } // want "t has 2 graphs: say which one"
}

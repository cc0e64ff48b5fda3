model M() {
  a: Linear(2)
  b: Linear(2) like c // want "there is no instance c"
  graph g(x: [N, 4]) -> [N, 2] { a(x) }
}

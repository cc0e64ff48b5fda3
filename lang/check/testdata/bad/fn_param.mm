fn f(x: [...]) {
  param w: [4] init 0 // want "a fn owns no param"
  x
}
model M() { graph g(x: [N, 4]) -> [N, 4] { f(x) } }

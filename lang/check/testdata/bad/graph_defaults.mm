model M {
  graph f(x: [N, 3], h: [N, 3] = x) -> [N, 3] { x + h } // want "the default of an argument of a graph is a number of its type, a distribution or none, not x"
  graph g(x: [N, 3], h: [N, 3] = N) -> [N, 3] { x + h } // want "not N"
  graph h(x: [N, 3], k: i32[N] = 1.5) -> [N, 3] { x } // want "not 1.5"
  graph i(x: [N, 3], k: [N] = true) -> [N, 3] { x } // want "not true"
  graph j(x: [N, 3], k: i32[] = 1.5) -> [N, 3] { x } // want "not 1.5"
}

model M() {
  graph two(x: [N, 4]) -> (a: [N, 4], b: [N, 4]) { (x, -x) }
  graph g(x: [N, 4]) -> [N, 4] { two(x).c } // want "there is no result c"
}

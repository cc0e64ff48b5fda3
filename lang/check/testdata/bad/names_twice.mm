fn f(x: [...]) { x }
fn f(x: [...]) { -x } // want "f is declared twice"
model M() {
  graph g(x: [N, 4]) -> [N, 4] { f(x) }
  graph g(x: [N, 4]) -> [N, 4] { x } // want "the graph g is declared twice"
}

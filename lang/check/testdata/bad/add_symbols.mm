model M() {
  graph g(x: [N, A], y: [N, B]) -> [N, A] { x + y } // want "shapes \[N, A\] and \[N, B\] do not fit: A is not B"
}

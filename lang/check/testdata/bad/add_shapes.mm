model M() {
  graph g(x: [N, 64], y: [N, 32]) -> [N, 64] { x + y } // want "shapes \[N, 64\] and \[N, 32\] do not fit: 64 is not 32"
}

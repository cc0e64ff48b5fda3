model M() {
  graph g(x: [N, 4]) -> [N, 4] { x + other() } // want "z is drawn, and its dim K is not known from other arguments"
  graph other(z: [K, 4] = normal()) -> [K, 4] { z }
}
